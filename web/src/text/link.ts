import type { Range } from "./range";

/** A place in a document that a link can name. */
export interface Place {
  system: string;
  source: string;
  version: string | null;
  page: number | null;
  range: Range | null;
}

/** Write a place as the address's fragment. */
export function placeToHash(place: Place): string {
  const fields = new URLSearchParams({ system: place.system, source: place.source });
  if (place.version !== null) fields.set("version", place.version);
  if (place.page !== null) fields.set("page", String(place.page));
  if (place.range !== null) fields.set("range", `${place.range.start}-${place.range.end}`);
  return `#${fields}`;
}

/** Read a place from a fragment; null when it names none. */
export function placeFromHash(hash: string): Place | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const [system, source] = [fields.get("system"), fields.get("source")];
  if (!system || !source) return null;
  const range = /^(\d+)-(\d+)$/.exec(fields.get("range") ?? "");
  const page = /^[1-9]\d*$/.test(fields.get("page") ?? "") ? Number(fields.get("page")) : null;
  return {
    system,
    source,
    version: fields.get("version"),
    page,
    range: range ? { start: Number(range[1]), end: Number(range[2]) } : null,
  };
}
