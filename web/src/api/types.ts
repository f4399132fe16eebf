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

export interface Run {
  id: string;
  question: string;
  status: string;
  started: string;
  seconds: number | null;
  model: string | null;
  abstained: boolean | null;
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
