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
