import { expect, test } from "vitest";
import { bytes, kindOf, seconds } from "../src/text/format";

test.each([
  ["guides/a.PDF", null, "PDF"],
  ["notes", "text/plain", "PLAIN"],
  ["notes", null, "FILE"],
  ["archive.unusual", "application/zip", "ZIP"],
])("the kind of %s, %s is %s", (source, mediaType, kind) => {
  expect(kindOf(source, mediaType)).toBe(kind);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1500, "1.5 KB"],
  [256_000_000, "256 MB"],
])("%i bytes are %s", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [0.0001, "1 ms"],
  [0.25, "250 ms"],
  [2.345, "2.3 s"],
  [61.7, "62 s"],
  [150, "2.5 min"],
  [1800, "30 min"],
  [7200, "2.0 h"],
  [200_000, "2.3 days"],
])("%f seconds are %s", (value, text) => expect(seconds(value)).toBe(text));
