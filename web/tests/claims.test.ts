import { expect, test } from "vitest";
import { valueText } from "../src/text/claims";

test.each([
  ["oak", "oak"],
  [12.5, "12.5"],
  [null, "–"],
  [{ amount: 12.5, currency: "EUR" }, "EUR 12.5"],
  [{ amount: 12, unit: "mm" }, "12 mm"],
  [["a", 1], "a, 1"],
  [{ from: 1 }, '{"from":1}'],
])("a value %o reads %s", (value, text) => {
  expect(valueText(value)).toBe(text);
});
