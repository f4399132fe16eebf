/** What the view of the models shows. */
export type ModelsTab = "traffic" | "models" | "spend" | "playground";

/** Which view the address names: the conversation, the runs with one of them open, the models. */
export type Route =
  | { view: "ask" }
  | { view: "runs"; run: string | null }
  | { view: "models"; tab: ModelsTab; request: string | null };

const MODELS = "/models";
const TABS: ReadonlySet<string> = new Set(["models", "spend", "playground"]);

export function routeFrom({ pathname, hash }: { pathname: string; hash: string }): Route {
  const name = hash.replace(/^#/, "");
  const fields = new URLSearchParams(name);
  if (pathname === MODELS) {
    const tab = TABS.has(name) ? (name as ModelsTab) : "traffic";
    return { view: "models", tab, request: fields.get("request") || null };
  }
  const run = fields.get("runs");
  return run === null ? { view: "ask" } : { view: "runs", run: run === "" ? null : run };
}

export function runsHash(run: string | null = null): string {
  return run === null ? "#runs" : `#runs=${encodeURIComponent(run)}`;
}

export function modelsAddress(tab: ModelsTab = "traffic"): string {
  return tab === "traffic" ? MODELS : `${MODELS}#${tab}`;
}

export function requestAddress(request: string): string {
  return `${MODELS}#request=${encodeURIComponent(request)}`;
}
