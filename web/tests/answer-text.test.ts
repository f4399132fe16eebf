import { describe, expect, test } from "vitest";
import { blocks } from "../src/text/blocks";
import { inlines } from "../src/text/inline";

describe("inlines", () => {
  test("markers, bold, italic and code", () => {
    expect(inlines("**Ten** *long* years [1][2, 3] in `a[4]`.")).toEqual([
      { kind: "bold", text: "Ten" },
      { kind: "text", text: " " },
      { kind: "italic", text: "long" },
      { kind: "text", text: " years " },
      { kind: "marker", id: 1 },
      { kind: "marker", id: 2 },
      { kind: "marker", id: 3 },
      { kind: "text", text: " in " },
      { kind: "code", text: "a[4]" },
      { kind: "text", text: "." },
    ]);
  });

  test.each(["2 * 3 * 4 = 24", "a ** b", "[x] [", "<img src=x onerror=alert(1)>", "[1234]"])(
    "%s is text",
    (line) => expect(inlines(line)).toEqual([{ kind: "text", text: line }]),
  );
});

describe("blocks", () => {
  test("paragraphs, headings, lists, code and tables", () => {
    const text = "# Parts\nIntro\nmore\n\n- a\n- b\n  more b\n\n3. c\n4. d\n```py\n- x\n```\n|A|B|\n|--|:-:|\n|1|2|\nend";
    expect(blocks(text)).toEqual([
      { kind: "heading", text: "Parts" },
      { kind: "paragraph", text: "Intro\nmore" },
      { kind: "list", ordered: false, start: 1, items: ["a", "b more b"] },
      { kind: "list", ordered: true, start: 3, items: ["c", "d"] },
      { kind: "code", text: "- x" },
      { kind: "table", head: ["A", "B"], rows: [["1", "2"]] },
      { kind: "paragraph", text: "end" },
    ]);
  });

  test("a fence that is still being written is code", () => {
    expect(blocks("```\nx = 1")).toEqual([{ kind: "code", text: "x = 1" }]);
  });

  test("every prefix of an answer can be shown", () => {
    const text = "1. **a** [1]\n2. b\n\n|x|y|\n|-|-|\n```\n";
    for (let end = 0; end <= text.length; end++) expect(() => blocks(text.slice(0, end))).not.toThrow();
  });
});
