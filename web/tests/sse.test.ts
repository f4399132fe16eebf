import { describe, expect, test } from "vitest";
import { EventParser, eventsOf } from "../src/api/sse";

const STREAM = ': hello\r\ndata: {"a":1}\r\n\r\nevent: x\ndata: one\ndata:two\n\n\n\ndata: 中文 😀\r\rdata: [DONE]\n\n';
const EVENTS = ['{"a":1}', "one\ntwo", "中文 😀", "[DONE]"];

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

describe("EventParser", () => {
  test.each(Array.from({ length: STREAM.length - 1 }, (_, at) => at + 1))("split at %i", (at) => {
    const parser = new EventParser();
    expect([...parser.push(STREAM.slice(0, at)), ...parser.push(STREAM.slice(at))]).toEqual(EVENTS);
  });

  test("one character at a time", () => {
    const parser = new EventParser();
    expect([...STREAM].flatMap((character) => parser.push(character))).toEqual(EVENTS);
  });

  test("an event without its closing blank line counts at the end", () => {
    const parser = new EventParser();
    expect(parser.push("data: last")).toEqual([]);
    expect(parser.finish()).toEqual(["last"]);
    expect(parser.finish()).toEqual([]);
  });

  test("empty data is an event, other fields are none", () => {
    expect(new EventParser().push("data\n\nid: 4\n\nretry: 10\n\n")).toEqual([""]);
  });
});

test.each([1, 2, 3, 5, 7, 1000])("bytes in pieces of %i keep whole characters", async (size) => {
  const events: string[] = [];
  for await (const event of eventsOf(streamOf(new TextEncoder().encode(STREAM), size))) events.push(event);
  expect(events).toEqual(EVENTS);
});
