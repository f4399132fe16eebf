import { expect, test } from "vitest";
import { answerEvents, type AnswerEvent } from "../src/api/ask";

async function read(...events: string[]): Promise<AnswerEvent[]> {
  async function* stream() {
    yield* events;
  }
  const found: AnswerEvent[] = [];
  for await (const event of answerEvents(stream())) found.push(event);
  return found;
}

const delta = (content: string) => JSON.stringify({ choices: [{ delta: { content } }] });

test("text and the record arrive in order", async () => {
  const record = { run: "r1", model: "expert/reader", abstained: false, citations: [] };
  const last = JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }], motet: record });
  expect(await read(delta("Ten"), delta(" years [1]"), last, "[DONE]")).toEqual([
    { kind: "text", text: "Ten" },
    { kind: "text", text: " years [1]" },
    { kind: "record", record },
  ]);
});

test("an error inside the stream is raised with its message and code", async () => {
  const error = JSON.stringify({ error: { message: "The budget is spent.", code: "budget" } });
  await expect(read(delta("Ten"), error)).rejects.toMatchObject({
    message: "The budget is spent.",
    code: "budget",
  });
});

test("a stream that is cut is an error, not a short answer", async () => {
  await expect(read(delta("Ten"))).rejects.toThrow("closed before the answer was complete");
});

test("garbage is an error", async () => {
  await expect(read("<html>")).rejects.toThrow("not an answer");
});
