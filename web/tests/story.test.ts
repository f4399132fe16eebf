import { describe, expect, it } from "vitest";
import type { PlanNode, Run, Span } from "../src/api/types";
import { isOpen, rowsOf, stateOf, timeline, titleOf, unanswered } from "../src/text/story";

const START = Date.parse("2026-01-31T12:00:00Z");

function span(node: string, began: number, seconds: number | null, more: Partial<Span> = {}): Span {
  return {
    node,
    parent: null,
    needs: [],
    operator: "price",
    method: "python",
    choice: "x.price",
    effect: "read",
    status: seconds === null ? "running" : "done",
    started: new Date(START + began * 1000).toISOString(),
    seconds,
    attempts: 1,
    input_tokens: 0,
    output_tokens: 0,
    cost_usd: 0,
    rows: null,
    note: "",
    value: null,
    error: null,
    ...more,
  };
}

function planned(id: string): PlanNode {
  return { id, operator: "price", choice: "x.price", inputs: [] };
}

function run(more: Partial<Run>): Run {
  return {
    id: "run_1",
    system: "shop",
    kind: "system",
    question: "Why?",
    status: "done",
    active: false,
    started: new Date(START).toISOString(),
    seconds: 1,
    model: null,
    abstained: null,
    error: null,
    pending: [],
    ...more,
  };
}

const asks = { node: "a", operator: "approve", kind: "approval", message: "Pay?", value: 1 } as const;

describe("rowsOf", () => {
  it("nests nodes below those that added them, in the order they began", () => {
    const spans = [
      span("b", 1, 1),
      span("b/x", 1, 1, { parent: "b" }),
      span("c", 2, 1),
      span("b/x/deep", 1, 1, { parent: "b/x" }),
      span("b/y", 3, 1, { parent: "b" }),
    ];
    const rows = rowsOf({ plan: { nodes: [planned("b")], warnings: [] }, spans });
    expect(rows.map(({ id, name, level }) => [id, name, level])).toEqual([
      ["b", "b", 0],
      ["b/x", "x", 1],
      ["b/x/deep", "deep", 2],
      ["b/y", "y", 1],
      ["c", "c", 0],
    ]);
  });

  it("ends with what did not run, and knows the critical path", () => {
    const plan = { nodes: [planned("a"), planned("z")], warnings: [], analysis: { critical_path: ["a"] } };
    const rows = rowsOf({ plan, spans: [span("a", 0, 1), span("w", 0, null, { status: "waiting" })] });
    expect(rows.map(({ id, span, critical }) => [id, span === null, critical])).toEqual([
      ["a", false, true],
      ["z", true, false],
    ]);
  });

  it("keeps a node whose parent is not there, and takes very deep nesting", () => {
    expect(rowsOf({ plan: { nodes: [], warnings: [] }, spans: [span("a", 0, 1, { parent: "gone" })] })).toHaveLength(1);
    const deep = Array.from({ length: 20_000 }, (_, at) =>
      span(`n${at}`, at, 1, { parent: at === 0 ? null : `n${at - 1}` }),
    );
    expect(rowsOf({ plan: { nodes: [], warnings: [] }, spans: deep }).at(-1)?.level).toBe(19_999);
  });
});

describe("timeline", () => {
  it("places nodes by when they began and how long they took", () => {
    const [a, b] = [span("a", 0, 3), span("b", 3, 1)];
    const place = timeline([a, b], 0);
    expect(place(a)).toEqual({ left: 0, width: 0.75 });
    expect(place(b)).toEqual({ left: 0.75, width: 0.25 });
  });

  it("cuts a weekend short", () => {
    const [a, b] = [span("a", 0, 1), span("b", 200_000, 1)];
    const place = timeline([a, b], 0);
    expect(place(a).width).toBeCloseTo(0.48);
    expect(place(b).left).toBeCloseTo(0.52);
    expect(place(b).left + place(b).width).toBeCloseTo(1);
  });

  it("keeps a short rest as it is", () => {
    const [a, b] = [span("a", 0, 2), span("b", 3, 1)];
    const place = timeline([a, b], 0);
    expect(place(b)).toEqual({ left: 0.75, width: 0.25 });
  });

  it("lets what runs last until now, and takes clocks that differ", () => {
    const [a, b] = [span("a", 0, 1), span("b", 1, null)];
    expect(timeline([a, b], START / 1000 + 4)(b)).toEqual({ left: 0.25, width: 0.75 });
    expect(timeline([a, b], START / 1000 - 100)(b).width).toBe(0);
  });

  it("stays within the width, whatever overlaps", () => {
    const spans = Array.from({ length: 200 }, (_, at) => span(`n${at}`, (at * 7919) % 500, (at * 31) % 17));
    const place = timeline(spans, 0);
    for (const each of spans) {
      const { left, width } = place(each);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it("takes runs without time", () => {
    const only = span("a", 0, 0);
    expect(timeline([only], 0)(only)).toEqual({ left: 0, width: 0 });
    expect(timeline([], 0)(only).width).toBe(0);
  });
});

describe("runs", () => {
  it("says what became of one that its process left", () => {
    expect(stateOf(run({ status: "running", active: false }))).toBe("interrupted");
    expect(stateOf(run({ status: "running", active: true }))).toBe("running");
    expect(stateOf(run({ status: "paused" }))).toBe("paused");
  });

  it("is followed while something may change", () => {
    expect(isOpen(run({ status: "running", active: true }))).toBe(true);
    expect(isOpen(run({ status: "paused" }))).toBe(true);
    expect(isOpen(run({ status: "running", active: false }))).toBe(false);
    expect(isOpen(run({ status: "done" }))).toBe(false);
  });

  it("knows what nobody has answered", () => {
    const pending = [{ ...asks, answered: null }, { ...asks, node: "b", answered: "approve" as const }];
    expect(unanswered(run({ pending })).map(({ node }) => node)).toEqual(["a"]);
  });

  it("names plans as such", () => {
    expect(titleOf(run({ kind: "plan", question: "order" }))).toBe("Plan “order”");
  });
});
