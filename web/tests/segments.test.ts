import { describe, expect, test } from "vitest";
import type { Region } from "../src/api/types";
import { CodePointText } from "../src/text/codepoints";
import { passages, regionAt } from "../src/text/segments";

const TEXT = new CodePointText("one 😀 two\nthree four\nfive");
const page = (number: number, start: number, end: number): Region => ({
  kind: "page",
  number,
  start,
  end,
  name: null,
});

function marked(mark: { start: number; end: number }, regions: Region[] = []): string {
  return passages(TEXT, regions, { start: 0, end: TEXT.length }, mark)
    .flatMap((passage) => passage.segments)
    .filter((segment) => segment.marked)
    .map((segment) => segment.text)
    .join("");
}

describe("passages", () => {
  test("the mark is exactly the cited characters", () => {
    expect(marked({ start: 4, end: 9 })).toBe("😀 two");
    expect(marked({ start: 0, end: TEXT.length })).toBe(TEXT.text);
  });

  test("a mark over two pages is marked in both", () => {
    expect(marked({ start: 6, end: 15 }, [page(1, 0, 10), page(2, 10, 20)])).toBe("two\nthree");
  });

  test("everything in the window is shown once, in order", () => {
    const shown = passages(TEXT, [page(1, 2, 10), page(2, 12, 20)], { start: 1, end: 24 }, { start: 8, end: 13 });
    expect(shown.flatMap((p) => p.segments.map((s) => s.text)).join("")).toBe(TEXT.slice(1, 24));
    expect(shown.map((p) => p.region?.number ?? null)).toEqual([null, 1, null, 2, null]);
  });

  test("regions that overlap do not repeat text", () => {
    const shown = passages(TEXT, [page(1, 0, 10), page(2, 5, 20)], { start: 0, end: 25 }, null);
    expect(shown.flatMap((p) => p.segments.map((s) => s.text)).join("")).toBe(TEXT.slice(0, 25));
  });
});

test("regionAt finds the page of a position", () => {
  const regions = [page(1, 0, 10), page(2, 10, 20)];
  expect(regionAt(regions, 10)?.number).toBe(2);
  expect(regionAt(regions, 25)).toBeNull();
});
