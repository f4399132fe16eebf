/** A block of an answer's text; lines still hold their inline marks. */
export type Block =
  | { kind: "paragraph" | "heading"; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: string[] }
  | { kind: "code"; text: string }
  | { kind: "table"; head: string[]; rows: string[][] };

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,4})[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*?)\s*#*$/;
const FENCE = /^\s*```/;
const RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** Read the little Markdown that models write: paragraphs, lists, headings, code, tables. */
export function blocks(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.trim() === "") at++;
    else if (FENCE.test(line)) at = code(lines, at, found);
    else if (line.includes("|") && RULE.test(lines[at + 1] ?? "")) at = table(lines, at, found);
    else if (HEADING.test(line)) {
      found.push({ kind: "heading", text: HEADING.exec(line)?.[1] ?? "" });
      at++;
    } else if (itemOf(line) !== null) at = list(lines, at, found);
    else at = paragraph(lines, at, found);
  }
  return found;
}

function code(lines: string[], from: number, found: Block[]): number {
  let end = from + 1;
  while (end < lines.length && !FENCE.test(lines[end] ?? "")) end++;
  found.push({ kind: "code", text: lines.slice(from + 1, end).join("\n") });
  return end + 1;
}

function table(lines: string[], from: number, found: Block[]): number {
  let end = from + 2;
  while (end < lines.length && (lines[end] ?? "").includes("|")) end++;
  const rows = lines.slice(from + 2, end).map(cells);
  found.push({ kind: "table", head: cells(lines[from] ?? ""), rows });
  return end;
}

function cells(line: string): string[] {
  return line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
}

interface Item {
  ordered: boolean;
  number: number;
  text: string;
}

function itemOf(line: string): Item | null {
  const bullet = BULLET.exec(line);
  if (bullet) return { ordered: false, number: 1, text: bullet[1] ?? "" };
  const number = NUMBER.exec(line);
  return number ? { ordered: true, number: Number(number[1]), text: number[2] ?? "" } : null;
}

function list(lines: string[], from: number, found: Block[]): number {
  const first = itemOf(lines[from] ?? "");
  const ordered = first?.ordered ?? false;
  const items: string[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const item = itemOf(line);
    if (item !== null && item.ordered === ordered) items.push(item.text);
    else if (item === null && /^\s+\S/.test(line)) items.push(`${items.pop() ?? ""} ${line.trim()}`);
    else if (line.trim() === "" && itemOf(lines[at + 1] ?? "")?.ordered === ordered) continue;
    else break;
  }
  found.push({ kind: "list", ordered, start: first?.number ?? 1, items });
  return at;
}

function paragraph(lines: string[], from: number, found: Block[]): number {
  let end = from + 1;
  while (end < lines.length && continuesParagraph(lines[end] ?? "")) end++;
  found.push({ kind: "paragraph", text: lines.slice(from, end).join("\n") });
  return end;
}

function continuesParagraph(line: string): boolean {
  return line.trim() !== "" && !FENCE.test(line) && !HEADING.test(line) && itemOf(line) === null;
}
