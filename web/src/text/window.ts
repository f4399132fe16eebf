import type { CodePointText } from "./codepoints";
import { clamp, type Range } from "./range";

/** How many characters a reader sees at once, and how many a step adds. */
export const WINDOW = 16_000;
/** No more than this is ever in the page, however long the document is. */
export const LIMIT = 48_000;
const SNAP = 400;

/** The first window: around a citation, or the start of the document. */
export function windowAround(text: CodePointText, focus: Range | null): Range {
  const cited = clamp(focus ?? { start: 0, end: 0 }, text.length);
  const length = cited.end - cited.start;
  const size = Math.min(Math.max(WINDOW, length + SNAP * 2), LIMIT);
  const lead = Math.max(SNAP, Math.floor((size - length) / 2));
  const start = Math.max(0, Math.min(cited.start - lead, text.length - size));
  return snap(text, { start, end: start + size });
}

/** One step towards the start; what becomes too much is dropped at the end. */
export function earlier(text: CodePointText, { start, end }: Range): Range {
  const from = Math.max(0, start - WINDOW);
  return snap(text, { start: from, end: Math.min(end, from + LIMIT) });
}

/** One step towards the end; what becomes too much is dropped at the start. */
export function later(text: CodePointText, { start, end }: Range): Range {
  const to = Math.min(text.length, end + WINDOW);
  return snap(text, { start: Math.max(start, to - LIMIT), end: to });
}

/** Widen a range a little to whole lines, so that no line starts in the middle. */
function snap(text: CodePointText, range: Range): Range {
  let { start, end } = clamp(range, text.length);
  const before = text.slice(Math.max(0, start - SNAP), start);
  const lineStart = before.lastIndexOf("\n");
  if (start > 0 && lineStart >= 0) start -= [...before.slice(lineStart + 1)].length;
  const after = text.slice(end, end + SNAP);
  const lineEnd = after.indexOf("\n");
  if (end < text.length && lineEnd >= 0) end += [...after.slice(0, lineEnd + 1)].length;
  return { start, end };
}
