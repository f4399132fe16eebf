import { describe, expect, test } from "vitest";
import { CodePointText } from "../src/text/codepoints";

describe("CodePointText", () => {
  test("plain text needs no table", () => {
    const text = new CodePointText("héllo");
    expect(text.length).toBe(5);
    expect(text.slice(1, 3)).toBe("él");
  });

  test("characters outside the basic plane count once", () => {
    const text = new CodePointText("a😀b𠮷c");
    expect(text.length).toBe(5);
    expect(text.slice(1, 2)).toBe("😀");
    expect(text.slice(3, 5)).toBe("𠮷c");
  });

  test("a lone surrogate counts once", () => {
    const text = new CodePointText("a\ud83db\ude00");
    expect(text.length).toBe(4);
    expect(text.slice(2, 3)).toBe("b");
  });

  test("offsets outside are moved to the ends", () => {
    const text = new CodePointText("a😀b");
    expect(text.slice(-5, 99)).toBe("a😀b");
    expect(text.slice(7, 9)).toBe("");
  });

  test("agrees with Array.from everywhere in a long mixed text", () => {
    const source = "漢字 😀 words é́ 🇰🇷 \r\n".repeat(700);
    const points = Array.from(source);
    const text = new CodePointText(source);
    expect(text.length).toBe(points.length);
    for (let start = 0; start < points.length; start += 97) {
      expect(text.slice(start, start + 31)).toBe(points.slice(start, start + 31).join(""));
    }
  });
});
