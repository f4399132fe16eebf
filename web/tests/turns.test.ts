import { expect, it } from "vitest";
import { errorIn } from "../src/api/errors";
import type { RunRecord } from "../src/api/types";
import { isRunning, reduceTurns } from "../src/state/turns";

const asked = reduceTurns([], { kind: "asked", id: "1", question: "Pay 7" });
const paused = reduceTurns(asked, { kind: "paused", id: "1", run: "run_1" });

function record(more: Partial<RunRecord>): RunRecord {
  return {
    id: "run_1",
    system: "payer",
    kind: "system",
    question: "Pay 7",
    status: "done",
    active: false,
    started: "2026-01-31T12:00:00Z",
    seconds: 2,
    model: "m",
    abstained: false,
    error: null,
    pending: [],
    plan: { nodes: [], warnings: [] },
    spans: [],
    answer: { model: "m", abstained: false, citations: [] },
    marked: "Paid [1].",
    value: null,
    ...more,
  };
}

it("waits for a person without keeping others from asking", () => {
  const [turn] = paused;
  expect(turn).toMatchObject({ status: "paused", run: "run_1" });
  expect(turn && isRunning(turn)).toBe(false);
});

it("comes to its answer once the run has ended", () => {
  const [turn] = reduceTurns(paused, { kind: "settled", id: "1", record: record({}) });
  expect(turn).toMatchObject({ status: "done", answer: "Paid [1].", model: "m", seconds: 2 });
});

it("fails with the run", () => {
  const failed = record({ status: "failed", error: "no money", answer: null, marked: null });
  const [turn] = reduceTurns(paused, { kind: "settled", id: "1", record: failed });
  expect(turn).toMatchObject({ status: "failed", error: "no money" });
  const cancelled = record({ status: "cancelled", answer: null, marked: null });
  expect(reduceTurns(paused, { kind: "settled", id: "1", record: cancelled })[0]?.error).toBe("The run is cancelled.");
});

it("reads from an error which run waits", () => {
  const error = { message: "it waits", code: "approval" };
  expect(errorIn({ error, motet: { run: "run_1" } }, 422)?.waiting).toBe("run_1");
  expect(errorIn({ error }, 422)?.waiting).toBeNull();
  expect(errorIn({ error, motet: null }, 422)?.waiting).toBeNull();
  expect(errorIn({ error: { ...error, code: "run" }, motet: { run: "run_1" } }, 500)?.waiting).toBeNull();
});
