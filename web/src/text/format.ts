import type { Citation, Json, Region, Source } from "../api/types";

export function fileName(source: string): string {
  return source.split("/").filter(Boolean).at(-1) ?? source;
}

export function folder(source: string): string {
  const at = source.lastIndexOf("/");
  return at < 0 ? "" : source.slice(0, at);
}

/** A short name of a file's kind, from its ending or else its media type: "PDF", "CSV". */
export function kindOf(source: string, mediaType: string | null = null): string {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(fileName(source))?.[1];
  const subtype = mediaType?.split(";")[0]?.split(/[/.+-]/).at(-1);
  return (ending ?? subtype ?? "file").slice(0, 5).toUpperCase();
}

export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = count;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function seconds(value: number): string {
  if (value < 1) return `${Math.max(1, Math.round(value * 1000))} ms`;
  if (value < 100) return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
  const [unit, size] = value < 3600 ? ["min", 60] : value < 86_400 ? ["h", 3600] : ["days", 86_400];
  const count = value / size;
  return `${count < 10 ? count.toFixed(1) : Math.round(count)} ${unit}`;
}

export function money(usd: number): string {
  if (usd === 0) return "$0";
  return usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
}

/** A value as a person reads and edits it. */
export function prettyJson(value: Json): string {
  return JSON.stringify(value, null, 2);
}

/** One line that says what a source holds. */
export function sourceFacts(source: Source): string {
  const pages = source.pages === null ? null : plural(source.pages, "page");
  return [pages, plural(source.chunks, "passage"), bytes(source.bytes)].filter(Boolean).join(" · ");
}

const REGION = { page: "Page", sheet: "Sheet", slide: "Slide", section: "Section", part: "Part" };

export function regionLabel(region: Region): string {
  const label = `${REGION[region.kind]} ${region.number}`;
  return region.name ? `${label} · ${region.name}` : label;
}

export function citationPlace(citation: Citation): string {
  const page = citation.page === null ? "" : `, page ${citation.page}`;
  return `${fileName(citation.source)}${page}`;
}
