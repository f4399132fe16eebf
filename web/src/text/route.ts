/** What the view of the models shows. */
export type ModelsTab = "traffic" | "models" | "spend" | "playground";

/** What the view of the knowledge shows; `of` is what a tab has open: a uid, words, a fact. */
export type KnowledgeTab = "search" | "entities" | "graph" | "schema" | "merges" | "lineage";

/** Which view the address names: the conversation, the runs, the models, the knowledge. */
export type Route =
  | { view: "ask" }
  | { view: "runs"; run: string | null }
  | { view: "models"; tab: ModelsTab; request: string | null }
  | { view: "knowledge"; tab: KnowledgeTab; of: string | null };

const MODELS = "/models";
const KNOWLEDGE = "/knowledge";
const TABS: ReadonlySet<string> = new Set(["models", "spend", "playground"]);
const KNOWLEDGE_TABS: readonly KnowledgeTab[] = ["search", "entities", "graph", "schema", "merges", "lineage"];

export function routeFrom({ pathname, hash }: { pathname: string; hash: string }): Route {
  const name = hash.replace(/^#/, "");
  const fields = new URLSearchParams(name);
  if (pathname === MODELS) {
    const tab = TABS.has(name) ? (name as ModelsTab) : "traffic";
    return { view: "models", tab, request: fields.get("request") || null };
  }
  if (pathname === KNOWLEDGE) {
    const tab = KNOWLEDGE_TABS.find((each) => fields.has(each)) ?? "search";
    return { view: "knowledge", tab, of: fields.get(tab) || null };
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

export function knowledgeAddress(tab: KnowledgeTab = "search", of: string | null = null): string {
  if (of !== null) return `${KNOWLEDGE}#${tab}=${encodeURIComponent(of)}`;
  return tab === "search" ? KNOWLEDGE : `${KNOWLEDGE}#${tab}`;
}
