/** Which view the address names: the conversation, or the runs with one of them open. */
export type Route = { view: "ask" } | { view: "runs"; run: string | null };

export function routeFromHash(hash: string): Route {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const run = fields.get("runs");
  return run === null ? { view: "ask" } : { view: "runs", run: run === "" ? null : run };
}

export function runsHash(run: string | null = null): string {
  return run === null ? "#runs" : `#runs=${encodeURIComponent(run)}`;
}
