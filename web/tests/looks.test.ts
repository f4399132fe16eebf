import { expect, test } from "vitest";
import { colourOf, sizeOf, spread } from "../src/graph/looks";

test("a label has one colour, other labels others", () => {
  expect(colourOf("supplier", false)).toBe(colourOf("supplier", false));
  expect(colourOf("supplier", false)).toMatch(/^#[0-9a-f]{6}$/);
  expect(new Set(["supplier", "part", "product", "person"].map((each) => colourOf(each, true))).size).toBe(4);
});

test("no two nodes begin at the same place", () => {
  const places = new Set(Array.from({ length: 500 }, (_, index) => JSON.stringify(spread(index, 500))));
  expect(places.size).toBe(500);
});

test("sizes grow, and stay within bounds", () => {
  expect(sizeOf(10)).toBeGreaterThan(sizeOf(1));
  expect(sizeOf(1e9)).toBeLessThanOrEqual(14);
  expect(sizeOf(-1)).toBeGreaterThan(0);
});
