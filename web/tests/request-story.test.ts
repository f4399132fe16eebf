import { expect, it } from "vitest";
import { attemptBars, storyOf } from "../src/text/requestStory";
import { entry } from "./entries";

it("lets one attempt begin where the one before ended", () => {
  const bars = attemptBars([
    entry({ attempt: 1, seconds: 1, first: null }),
    entry({ attempt: 2, seconds: 4, first: 2 }),
  ]);
  expect(bars.map(({ left, waited, streamed }) => [left, waited, streamed])).toEqual([
    [0, 0.25, 0],
    [0.25, 0.25, 0.5],
  ]);
});

it("stays within the whole whatever the ledger says", () => {
  for (const bars of [
    attemptBars([entry({ seconds: 0, first: null })]),
    attemptBars([entry({ seconds: 1, first: 9 })]),
    attemptBars([entry({ attempt: 1, seconds: 3, first: null }), entry({ attempt: 2, seconds: 2, first: 0 })]),
  ]) {
    for (const { left, waited, streamed } of bars) {
      expect(Math.min(left, waited, streamed)).toBeGreaterThanOrEqual(0);
      expect(left + waited + streamed).toBeLessThanOrEqual(1);
    }
  }
});

it("tells why, what was tried, what was lost and what it does not know", () => {
  const ranked = [{ name: "small", reason: "about $0.01", utility: 0.4 }];
  const choice = { goal: "cheap", signals: { language: "en", tools: false, personal: [] }, ranked, excluded: [] };
  const tries = [{ number: 1, error: "it hung up" }, { candidate: "big", outcome: "failed", error: "500", reason: null }];
  const told = storyOf([
    entry({ attempt: 1, story: { choice } }),
    entry({ attempt: 2, story: { choice, tries, lost: ["top_k"], served: { tier: "flex" } } }),
  ]);
  expect(told).toEqual({
    goal: "cheap",
    signals: [{ name: "language", why: "en" }],
    ranked: [{ name: "small", why: "about $0.01" }],
    excluded: [],
    tries: [
      { name: "first try", why: "it hung up" },
      { name: "big", why: "failed: 500" },
    ],
    lost: ["top_k"],
    guards: [],
    more: [{ name: "served", why: "tier flex" }],
  });
});

it("tells what guards found on which side", () => {
  const guard = { request: { email: 2, card: 1 }, answer: { email: 1 } };
  expect(storyOf([entry({ story: { guard } })]).guards).toEqual([
    { name: "request", why: "email 2, card 1" },
    { name: "answer", why: "email 1" },
  ]);
});

it("survives a story of another shape", () => {
  const told = storyOf([entry({ story: { choice: 7, tries: "none", lost: null, guard: ["email"] } })]);
  expect([told.ranked, told.tries, told.lost, told.guards]).toEqual([[], [], [], []]);
});
