/** The shapes that the server sends. Offsets count Unicode code points, never UTF-16 units. */

export interface Skill {
  name: string;
  about: string | null;
}

export interface System {
  name: string;
  about: string | null;
  models: string[];
  skills: Skill[];
}

export interface Systems {
  schema_version: number;
  version: string;
  systems: System[];
  /** Whether models are served by their names. */
  gateway: boolean;
}

export interface Source {
  source: string;
  title: string | null;
  /** Null when the file could not be read far enough to tell. */
  media_type: string | null;
  version: string;
  status: "ready" | "failed";
  reason: string | null;
  notes: string[];
  pages: number | null;
  chunks: number;
  bytes: number;
  updated: string;
  /** True for files that were added through the page: only those can be removed here. */
  removable: boolean;
}

export interface IngestProgress {
  running: boolean;
  done: number;
  total: number;
  current: string | null;
  /** Why the last reading of the sources ended early. */
  error: string | null;
}

export interface Sources {
  sources: Source[];
  ingest: IngestProgress;
}

export type RegionKind = "page" | "sheet" | "slide" | "section" | "part";

export interface Region {
  kind: RegionKind;
  number: number;
  start: number;
  end: number;
  name: string | null;
}

export interface SourceText {
  source: string;
  version: string;
  media_type: string;
  title: string | null;
  text: string;
  regions: Region[];
}

export interface WordBox {
  start: number;
  end: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface PageWords {
  width: number;
  height: number;
  boxes: WordBox[];
}

export type RunStatus = "running" | "paused" | "done" | "failed" | "cancelled";

/** Any JSON value, as a run recorded it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What a run waits for a person for. */
export interface Pending {
  node: string;
  operator: string;
  kind: "approval" | "event" | "doubt";
  message: string;
  value: Json;
  /** What somebody has said that the run has not acted on yet. */
  answered: "approve" | "refuse" | "retry" | null;
}

export interface Run {
  id: string;
  /** Empty for a plan written in Python; its name then stands in `question`. */
  system: string;
  kind: "system" | "plan";
  question: string;
  status: RunStatus;
  /** Whether some process is carrying it out now. */
  active: boolean;
  started: string;
  seconds: number | null;
  model: string | null;
  abstained: boolean | null;
  error: string | null;
  pending: Pending[];
}

export type NodeStatus = RunStatus | "waiting";

/** A node of a run that has happened, or has begun to. */
export interface Span {
  node: string;
  parent: string | null;
  needs: string[];
  operator: string;
  method: string;
  choice: string;
  effect: string;
  status: NodeStatus;
  started: string;
  seconds: number | null;
  attempts: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
  rows: number | null;
  note: string;
  value: Json;
  error: string | null;
}

export interface PlanNode {
  id: string;
  operator: string;
  choice: string;
  inputs: string[];
}

export interface Plan {
  nodes: PlanNode[];
  warnings: string[];
  analysis?: { critical_path: string[] };
}

export interface RunRecord extends Run {
  plan: Plan;
  spans: Span[];
  answer: { model: string; abstained: boolean; citations: Citation[] } | null;
  /** The answer's text with its markers. */
  marked: string | null;
  /** What a written plan gave. */
  value: Json;
}

export type Decision = { approve: true; value?: Json } | { refuse: string } | { retry: true };

export interface Answered extends Run {
  /** False where only a process of the person's own can go on; `next` then says how. */
  goes_on: boolean;
  next: string | null;
}

export interface Explanation {
  run: string;
  text: string;
}

export interface Citation {
  id: number;
  source: string;
  version: string;
  page: number | null;
  start: number;
  end: number;
  text: string;
}

/** What the last streamed chunk says about the whole answer. */
export interface AnswerRecord {
  run: string;
  model: string;
  abstained: boolean;
  citations: Citation[];
}
