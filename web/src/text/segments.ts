import type { Region } from "../api/types";
import type { CodePointText } from "./codepoints";
import { intersection, type Range } from "./range";

/** A stretch of a region's text; `marked` says that it belongs to the citation. */
export interface Segment {
  text: string;
  marked: boolean;
}

/** What one region shows of a window; `region` is null for text outside every region. */
export interface Passage {
  region: Region | null;
  start: number;
  segments: Segment[];
}

/** Cut a window of the text at the regions' borders and at the ends of the mark. */
export function passages(
  text: CodePointText,
  regions: readonly Region[],
  window: Range,
  mark: Range | null,
): Passage[] {
  return stretches(regions, window).map(({ region, range }) => ({
    region,
    start: range.start,
    segments: segments(text, range, mark),
  }));
}

function stretches(regions: readonly Region[], window: Range) {
  const found: { region: Region | null; range: Range }[] = [];
  let at = window.start;
  for (const region of regions) {
    const range = intersection({ start: Math.max(region.start, at), end: region.end }, window);
    if (range === null) continue;
    if (range.start > at) found.push({ region: null, range: { start: at, end: range.start } });
    found.push({ region, range });
    at = range.end;
  }
  if (at < window.end) found.push({ region: null, range: { start: at, end: window.end } });
  return found;
}

function segments(text: CodePointText, range: Range, mark: Range | null): Segment[] {
  const marked = mark === null ? null : intersection(range, mark);
  if (marked === null) return [{ text: text.slice(range.start, range.end), marked: false }];
  const parts = [
    { text: text.slice(range.start, marked.start), marked: false },
    { text: text.slice(marked.start, marked.end), marked: true },
    { text: text.slice(marked.end, range.end), marked: false },
  ];
  return parts.filter((part) => part.text !== "");
}

/** The region that a position lies in. */
export function regionAt(regions: readonly Region[], offset: number): Region | null {
  return regions.find((region) => region.start <= offset && offset < region.end) ?? null;
}
