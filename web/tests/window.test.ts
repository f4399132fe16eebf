import { describe, expect, test } from "vitest";
import { CodePointText } from "../src/text/codepoints";
import { earlier, later, LIMIT, WINDOW, windowAround } from "../src/text/window";

const LONG = new CodePointText("A line with a 😀 in it, of some length.\n".repeat(130_000));
const FLAT = new CodePointText("x".repeat(200_000));

describe("windows over five million characters", () => {
  test.each([0, 5, 2_000_000, LONG.length - 3])("a window around %i holds it", (start) => {
    const window = windowAround(LONG, { start, end: start + 3 });
    expect(window.start).toBeLessThanOrEqual(start);
    expect(window.end).toBeGreaterThanOrEqual(start + 3);
    expect(window.end - window.start).toBeLessThan(WINDOW + 1000);
  });

  test("windows start and end with whole lines", () => {
    const { start, end } = windowAround(LONG, { start: 2_000_000, end: 2_000_010 });
    expect(LONG.slice(start - 1, start)).toBe("\n");
    expect(LONG.slice(end - 1, end)).toBe("\n");
  });

  test("steps never leave a gap and never show more than the limit", () => {
    let window = windowAround(LONG, null);
    expect(window.start).toBe(0);
    for (let step = 0; step < 20; step++) {
      const next = later(LONG, window);
      expect(next.start).toBeLessThanOrEqual(window.end);
      expect(next.end).toBeGreaterThan(window.end);
      expect(next.end - next.start).toBeLessThan(LIMIT + 1000);
      window = next;
    }
    const back = earlier(LONG, window);
    expect(back.start).toBeLessThan(window.start);
    expect(back.end).toBeGreaterThanOrEqual(window.start);
  });
});

test("a text without line ends is cut anyway", () => {
  const window = windowAround(FLAT, { start: 100_000, end: 100_004 });
  expect(window.end - window.start).toBeLessThanOrEqual(WINDOW);
});

test("a short text is shown whole", () => {
  expect(windowAround(new CodePointText("short"), { start: 1, end: 2 })).toEqual({ start: 0, end: 5 });
});

test("a range behind the end of the text does no harm", () => {
  expect(windowAround(new CodePointText("short"), { start: 50, end: 60 }).end).toBe(5);
});
