import { expect, it } from "vitest";
import { buckets, liveRequests, matching, merged, moved, totalCost } from "../src/text/traffic";
import { entry } from "./entries";

it("knows each attempt once, as it was told last, the newest first", () => {
  const old = entry({ id: "a", started: "2026-07-01T10:00:00.000+00:00", cost_usd: 1 });
  const newer = entry({ id: "b", started: "2026-07-01T10:00:01.000+00:00" });
  const corrected = { ...old, cost_usd: 2 };
  expect(merged([old], [newer, corrected])).toEqual([newer, corrected]);
});

it("forgets the oldest beyond a thousand", () => {
  const told = Array.from({ length: 1100 }, (_, at) => entry({ id: `r${at}`, started: new Date(at * 1000).toISOString() }));
  const kept = merged([], told);
  expect(kept).toHaveLength(1000);
  expect(kept.at(-1)?.id).toBe("r100");
});

it("puts attempts together: the answer tells how it ended, wherever it stands", () => {
  const failed = entry({ id: "a", attempt: 1, status: "failed", cost_usd: 0 });
  const done = entry({ id: "a", attempt: 2, status: "done", cost_usd: 0.5 });
  const hedged = entry({ id: "a", attempt: 3, status: "aborted", cost_usd: null });
  const [request] = liveRequests([hedged, done, failed]);
  expect(request?.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect(request?.last.attempt).toBe(2);
  expect(request?.cost).toBe(0.5);
  expect(liveRequests([failed])[0]?.last.status).toBe("failed");
});

it("does not take an unknown price for nothing", () => {
  expect(totalCost([entry({ cost_usd: null })])).toBeNull();
  expect(totalCost([entry({ cost_usd: 0 }), entry({ cost_usd: null })])).toBe(0);
});

it("finds requests by what was asked, by what answered and by their end", () => {
  const requests = liveRequests([
    entry({ id: "a", model: "auto", used: "gpt" }),
    entry({ id: "b", model: "gpt", used: "gpt-5", status: "failed" }),
  ]);
  const ids = (model: string, status: string) => matching(requests, { model, status }).map(({ id }) => id);
  expect(ids("", "")).toEqual(["a", "b"]);
  expect(ids("gpt", "")).toEqual(["a", "b"]);
  expect(ids("auto", "")).toEqual(["a"]);
  expect(ids("gpt", "failed")).toEqual(["b"]);
});

it("counts requests and errors where they belong in time", () => {
  const now = Date.parse("2026-07-01T10:00:05Z");
  const at = (seconds: number, status: "done" | "failed" | "aborted" | "refused") =>
    entry({ id: `${seconds}${status}`, started: new Date(now - seconds * 1000).toISOString(), status });
  const told = [at(0, "done"), at(1, "refused"), at(9, "failed"), at(9, "aborted"), at(31, "done"), at(-60, "done")];
  expect(buckets(liveRequests(told), now, 3, 10)).toEqual([
    { requests: 0, errors: 0 },
    { requests: 2, errors: 1 },
    { requests: 2, errors: 1 },
  ]);
});

it.each([
  ["ArrowDown", 0, 3, 1],
  ["ArrowDown", 2, 3, 2],
  ["ArrowUp", 0, 3, 0],
  ["End", 0, 3, 2],
  ["Home", 2, 3, 0],
  ["Enter", 1, 3, null],
  ["ArrowDown", 0, 0, null],
])("moves by %s from %i of %i to %s", (key, at, length, place) => {
  expect(moved(key, at, length)).toBe(place);
});
