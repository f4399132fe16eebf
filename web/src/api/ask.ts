import { request } from "./client";
import { ApiError, errorIn } from "./errors";
import { eventsOf } from "./sse";
import type { AnswerRecord } from "./types";

export type AnswerEvent =
  | { kind: "started"; run: string | null; model: string | null }
  | { kind: "text"; text: string }
  | { kind: "record"; record: AnswerRecord };

/** A piece of an OpenAI stream, as far as the page reads it. */
export interface Chunk {
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null } }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  motet?: AnswerRecord;
}

/** Ask a system one question and yield its answer as it is written. */
export async function* ask(
  system: string,
  question: string,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const messages = [{ role: "user", content: question }];
  const response = await request("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: system, messages, stream: true }),
    signal,
  });
  const { headers, body } = response;
  yield { kind: "started", run: headers.get("x-motet-run"), model: headers.get("x-motet-model") };
  if (body === null) throw new ApiError("The server sent an empty answer.", response.status);
  yield* answerEvents(eventsOf(body));
}

/** Read the events of an OpenAI stream; raises ApiError on an error inside it or a cut. */
export async function* answerEvents(events: AsyncIterable<string>): AsyncGenerator<AnswerEvent> {
  for await (const chunk of chunksOf(events)) {
    const text = chunk.choices?.[0]?.delta?.content;
    if (text) yield { kind: "text", text };
    if (chunk.motet) yield { kind: "record", record: chunk.motet };
  }
}

/** The chunks of an OpenAI stream up to its end; raises ApiError on an error inside it or a cut. */
export async function* chunksOf(events: AsyncIterable<string>): AsyncGenerator<Chunk> {
  for await (const data of events) {
    if (data === "[DONE]") return;
    yield parse(data);
  }
  throw new ApiError("The connection closed before the answer was complete. Ask again.", 0);
}

function parse(data: string): Chunk {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    throw new ApiError("The server sent something that is not an answer. Ask again.", 0);
  }
  const error = errorIn(body, 200);
  if (error !== null) throw error;
  return body as Chunk;
}
