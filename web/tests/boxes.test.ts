import { expect, test } from "vitest";
import { joinBoxes } from "../src/text/boxes";

const word = (start: number, x0: number, y0: number) => ({
  start,
  end: start + 4,
  x0,
  y0,
  x1: x0 + 20,
  y1: y0 + 10,
});

test("words of one line become one stroke, lines and columns stay apart", () => {
  const strokes = joinBoxes([word(5, 24, 0), word(0, 0, 1), word(10, 0, 14), word(15, 300, 14)]);
  expect(strokes).toEqual([
    { start: 0, end: 9, x0: 0, y0: 0, x1: 44, y1: 11 },
    { start: 10, end: 14, x0: 0, y0: 14, x1: 20, y1: 24 },
    { start: 15, end: 19, x0: 300, y0: 14, x1: 320, y1: 24 },
  ]);
});

test("no words, no strokes", () => {
  expect(joinBoxes([])).toEqual([]);
});
