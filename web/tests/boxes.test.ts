import { expect, test } from "vitest";
import { joinBoxes, placeOn } from "../src/text/boxes";

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

test("a box keeps its place on an image of any size", () => {
  const page = { width: 600, height: 800, boxes: [] };
  const box = { start: 0, end: 4, x0: 150, y0: 80, x1: 300, y1: 100 };
  expect(placeOn(page, box)).toEqual({ left: "25%", top: "10%", width: "25%", height: "2.5%" });
  expect(placeOn(page, { ...box, x0: 0, y0: 0, x1: 600, y1: 800 })).toEqual({
    left: "0%",
    top: "0%",
    width: "100%",
    height: "100%",
  });
});
