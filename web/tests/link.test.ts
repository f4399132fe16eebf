import { expect, test } from "vitest";
import { placeFromHash, placeToHash, type Place } from "../src/text/link";

const PLACE: Place = {
  system: "kitchen",
  source: "guides/组装 & 100%#1.pdf",
  version: "ab12",
  page: 3,
  range: { start: 10, end: 42 },
};

test.each([PLACE, { ...PLACE, version: null, page: null, range: null }])("a place survives its link", (place) => {
  expect(placeFromHash(placeToHash(place))).toEqual(place);
});

test.each(["", "#", "#source=x", "#system=x", "#nonsense"])("%s names no place", (hash) => {
  expect(placeFromHash(hash)).toBeNull();
});

test("a damaged range or page is left out", () => {
  expect(placeFromHash("#system=a&source=b&range=x-2&page=-1")).toMatchObject({ range: null, page: null });
});
