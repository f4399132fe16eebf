/** A piece of a line of an answer. `marker` is a citation's number as written, `[1]`. */
export type Inline =
  | { kind: "text" | "bold" | "italic" | "code"; text: string }
  | { kind: "marker"; id: number };

const PATTERN = /`([^`\n]+)`|\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*|\*([^\s*](?:[^*\n]*[^\s*])?)\*|\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;

/** Cut a line of an answer into text, bold, italic, code and citation markers. */
export function inlines(line: string): Inline[] {
  const pieces: Inline[] = [];
  let at = 0;
  for (const match of line.matchAll(PATTERN)) {
    if (match.index > at) pieces.push({ kind: "text", text: line.slice(at, match.index) });
    pieces.push(...matched(match));
    at = match.index + match[0].length;
  }
  if (at < line.length) pieces.push({ kind: "text", text: line.slice(at) });
  return pieces;
}

function matched([, code, bold, italic, markers]: RegExpMatchArray): Inline[] {
  if (code !== undefined) return [{ kind: "code", text: code }];
  if (bold !== undefined) return [{ kind: "bold", text: bold }];
  if (italic !== undefined) return [{ kind: "italic", text: italic }];
  return (markers ?? "").split(",").map((id) => ({ kind: "marker", id: Number(id) }));
}
