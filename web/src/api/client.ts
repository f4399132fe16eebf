import { ApiError, errorOf, isAbort } from "./errors";
import type {
  Answered,
  Decision,
  Explanation,
  PageWords,
  Run,
  RunRecord,
  Sources,
  SourceText,
  Systems,
} from "./types";

const KEY = "motet.key";

/** The key of a server that demands one; it lives as long as the tab. */
export const apiKey = {
  get: (): string | null => sessionStorage.getItem(KEY),
  set: (key: string): void => sessionStorage.setItem(KEY, key),
};

type Query = Record<string, string | number | null>;

export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== null);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return given.length > 0 ? `${path}?${search}` : path;
}

/** One request; raises ApiError when the server says no or is not there. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const key = apiKey.get();
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError("The server does not answer. Is `motet serve` still running?", 0);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function getJson<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await request(address(path, query), signal ? { signal } : {});
  return (await response.json()) as T;
}

export interface DocumentKey {
  system: string;
  source: string;
  version: string | null;
}

function documentQuery({ system, source, version }: DocumentKey): Query {
  return { system, source, version };
}

export function getSystems(): Promise<Systems> {
  return getJson("/api/systems");
}

export function getSources(system: string): Promise<Sources> {
  return getJson("/api/sources", { system });
}

export function getText(document: DocumentKey, signal: AbortSignal): Promise<SourceText> {
  return getJson("/api/text", documentQuery(document), signal);
}

/** The word boxes of a PDF page that overlap a range of the document's text. */
export function getWords(
  document: DocumentKey,
  page: number,
  range: { start: number; end: number },
  signal: AbortSignal,
): Promise<PageWords> {
  return getJson("/api/words", { ...documentQuery(document), page, ...range }, signal);
}

/** A PDF page as an image; fetched, not linked, because a key may have to travel with it. */
export async function getPageImage(
  document: DocumentKey,
  page: number,
  width: number,
  signal: AbortSignal,
): Promise<Blob> {
  const path = address("/api/page.png", { ...documentQuery(document), page, width });
  return (await request(path, { signal })).blob();
}

export async function addSource(system: string, file: File): Promise<void> {
  const path = address(`/api/sources/${encodeURIComponent(file.name)}`, { system });
  await request(path, { method: "PUT", body: file });
}

export async function removeSource(system: string, source: string): Promise<void> {
  await request(address("/api/sources", { system, source }), { method: "DELETE" });
}

export async function getRuns(system: string, limit: number): Promise<Run[]> {
  const { runs } = await getJson<{ runs: Run[] }>("/api/runs", { system, limit });
  return runs;
}

const runPath = (run: string, rest = ""): string => `/api/runs/${encodeURIComponent(run)}${rest}`;

export function getRun(run: string, signal?: AbortSignal): Promise<RunRecord> {
  return getJson(runPath(run), {}, signal);
}

export async function post<T>(path: string, body: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  const response = await request(path, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as T;
}

export function answerRun(run: string, node: string, decision: Decision): Promise<Answered> {
  return post(runPath(run, "/answers"), { node, ...decision });
}

export function resumeRun(run: string): Promise<Run> {
  return post(runPath(run, "/resume"), {});
}

export function cancelRun(run: string): Promise<Run> {
  return post(runPath(run, "/cancel"), { reason: "on the page" });
}

/** Where a run's waterfall is; a server that demands a key gives it to `getWaterfall` only. */
export function waterfallAddress(run: string): string {
  return runPath(run, "/waterfall");
}

export async function getWaterfall(run: string): Promise<Blob> {
  return (await request(waterfallAddress(run))).blob();
}

export function getExplanation(run: string, signal: AbortSignal): Promise<Explanation> {
  return getJson(runPath(run, "/explain"), {}, signal);
}
