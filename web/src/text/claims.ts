import type { Related } from "../api/knowledge";
import type { Json } from "../api/types";

/** A claim's value on one line, as a person reads it: "EUR 12.50", "12 mm". */
export function valueText(value: Json): string {
  if (typeof value === "string") return value;
  if (value === null) return "–";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  const { amount, unit, currency, ...rest } = value;
  if (amount !== undefined && Object.keys(rest).length === 0) {
    return [currency, amount, unit].filter((part) => part !== undefined && part !== null).map(String).join(" ");
  }
  return JSON.stringify(value);
}

/** Relations to the same entity of the same type as one, first-party before derived, with its places. */
export function grouped(relations: Related[]): [Related, number][] {
  const found = new Map<string, [Related, number]>();
  for (const each of relations) {
    const key = `${each.direction} ${each.type} ${each.entity.uid}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, [each, 1]);
    else found.set(key, [known[0].given ? known[0] : each, known[1] + 1]);
  }
  return [...found.values()];
}
