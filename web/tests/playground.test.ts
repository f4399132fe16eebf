import { expect, it } from "vitest";
import { chatEvents, type ChatEvent } from "../src/api/chat";
import { IDLE, isWriting, reduceSide, type Side, type SideAction } from "../src/text/playground";

const HEAD: ChatEvent = { kind: "head", used: "big", request: "req_1", run: null, cached: false };
const play = (actions: SideAction[], from: Side = IDLE): Side => actions.reduce(reduceSide, from);
const event = (given: ChatEvent, seconds: number): SideAction => ({ kind: "event", event: given, seconds });

it("measures to the first token, be it a thought", () => {
  const side = play([
    { kind: "asked", model: "auto" },
    event(HEAD, 0.1),
    event({ kind: "thought", text: "Hm" }, 0.2),
    event({ kind: "text", text: "你" }, 0.4),
    event({ kind: "text", text: "好" }, 0.5),
    event({ kind: "usage", input: 3, output: 2 }, 0.6),
    { kind: "ended", status: "done", seconds: 0.7 },
    { kind: "priced", request: "req_1", run: null, cost: 0.01 },
  ]);
  expect(side).toMatchObject({ text: "你好", thoughts: "Hm", first: 0.2, seconds: 0.7, used: "big", model: "auto" });
  expect(side).toMatchObject({ input: 3, output: 2, cost: 0.01, status: "done" });
});

it("forgets the answer before when another is asked for, and its price when that comes late", () => {
  const before = play([{ kind: "asked", model: "a" }, event(HEAD, 0.1), { kind: "failed", error: "no", seconds: 1 }]);
  expect(isWriting(before)).toBe(false);
  const after = play([{ kind: "asked", model: "b" }, { kind: "priced", request: "req_1", run: null, cost: 9 }], before);
  expect(after).toEqual({ ...IDLE, status: "waiting", model: "b" });
  expect(isWriting(after)).toBe(true);
});

it("reads what a chunk says, and nothing where it says nothing", () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  const delta = { content: "a", reasoning_content: "b" };
  expect([...chatEvents({ choices: [{ delta }], usage })]).toEqual([
    { kind: "thought", text: "b" },
    { kind: "text", text: "a" },
    { kind: "usage", input: 1, output: 2 },
  ]);
  expect([...chatEvents({ choices: [], usage: null })]).toEqual([]);
  expect([...chatEvents({ choices: [{ delta: { content: "" } }] })]).toEqual([]);
});
