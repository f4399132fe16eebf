import { expect, it } from "vitest";
import type { Health } from "../src/api/gateway";
import { healthOf } from "../src/text/health";

const NONE = { count: 0, mean: null, p50: null, p95: null };
const WELL: Health = {
  state: "closed",
  rests: 0,
  busy: 0,
  barred: false,
  answers: 1,
  failures: {},
  first: NONE,
  seconds: NONE,
  tokens_per_second: null,
  last_error: null,
};

it.each<[Partial<Health>, string, string]>([
  [{}, "done", "well"],
  [{ state: "open", rests: 12, busy: 3 }, "failed", "rests, tried again in 12 s"],
  [{ state: "half-open" }, "paused", "being tried again"],
  [{ barred: true, busy: 3 }, "failed", "refuses us"],
  [{ busy: 3 }, "paused", "busy for 3.0 s"],
  [{ answers: 0, failures: { fault: 2 } }, "paused", "has failed so far"],
  [{ answers: 5, failures: { fault: 2 } }, "done", "well"],
])("says how %j is", (given, state, text) => {
  expect(healthOf({ ...WELL, ...given })).toEqual({ state, text });
});

it("does not call well what nobody asked", () => {
  expect(healthOf(null).state).toBe("unknown");
});
