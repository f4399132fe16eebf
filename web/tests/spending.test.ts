import { expect, it } from "vitest";
import type { VirtualKey } from "../src/api/gateway";
import { beginOf, EMPTY_DRAFT, keyOf, keyState, limitsText, usedShare } from "../src/text/spending";

const KEY: VirtualKey = {
  id: "key_1",
  name: "app",
  hint: "abcd",
  team: null,
  models: [],
  local: false,
  admin: false,
  disabled: false,
  created: "2026-01-01T00:00:00+00:00",
  expires: null,
  revoked: null,
  spent_usd: 0,
  budget_usd: null,
  period: "total",
  requests_per_minute: null,
  tokens_per_minute: null,
};
const NOW = Date.parse("2026-07-01T00:00:00Z");

it("says what a key is", () => {
  expect(keyState(KEY, NOW)).toBe("active");
  expect(keyState({ ...KEY, disabled: true }, NOW)).toBe("disabled");
  expect(keyState({ ...KEY, expires: "2026-07-01T00:00:00Z" }, NOW)).toBe("expired");
  expect(keyState({ ...KEY, expires: "2026-07-01T00:00:01Z" }, NOW)).toBe("active");
  expect(keyState({ ...KEY, disabled: true, revoked: "2026-06-01T00:00:00Z" }, NOW)).toBe("revoked");
});

it("measures budgets, those of nothing too", () => {
  expect(usedShare(KEY)).toBeNull();
  expect(usedShare({ ...KEY, budget_usd: 4, spent_usd: 1 })).toBe(0.25);
  expect(usedShare({ ...KEY, budget_usd: 1, spent_usd: 3 })).toBe(1);
  expect(usedShare({ ...KEY, budget_usd: 0 })).toBe(1);
  expect(limitsText({ ...KEY, budget_usd: 20, period: "month", requests_per_minute: 1200 })).toBe(
    "$20.00 a month · 1,200 requests/min",
  );
});

it("reads the form for a key: what is left empty is no limit", () => {
  expect(keyOf({ ...EMPTY_DRAFT, name: " app " })).toEqual({
    name: "app",
    team: null,
    budget_usd: null,
    period: "total",
    requests_per_minute: null,
    tokens_per_minute: null,
    models: [],
    local: false,
    expires: null,
  });
  const full = keyOf({ ...EMPTY_DRAFT, name: "a", budget: "0", requests: "60", models: "openai/*, echo\nb" });
  expect([full.budget_usd, full.requests_per_minute, full.models]).toEqual([0, 60, ["openai/*", "echo", "b"]]);
});

it("begins a span so many days ago", () => {
  expect(beginOf("7 days", NOW)).toBe(NOW / 1000 - 7 * 86_400);
  expect(beginOf("All", NOW)).toBe(0);
});
