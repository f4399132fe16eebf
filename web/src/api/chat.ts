import { chunksOf, type Chunk } from "./ask";
import { request } from "./client";
import { ApiError } from "./errors";
import { PATH } from "./gateway";
import { eventsOf } from "./sse";

export type ChatEvent =
  /** Who answers, by the answer's headers: `used` is the model really used. */
  | { kind: "head"; used: string | null; request: string | null; run: string | null; cached: boolean }
  | { kind: "text"; text: string }
  /** The model thinks, and its provider shows it. */
  | { kind: "thought"; text: string }
  | { kind: "usage"; input: number; output: number };

/** Ask a model or a system by its name, as whoever may use this page. */
export async function* chat(model: string, prompt: string, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const messages = [{ role: "user", content: prompt }];
  const { headers, body, status } = await request(`${PATH}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  yield {
    kind: "head",
    used: unquoted(headers.get("x-motet-model")),
    request: headers.get("x-motet-request"),
    run: headers.get("x-motet-run"),
    cached: headers.get("x-motet-cache") === "hit",
  };
  if (body === null) throw new ApiError("The server sent an empty answer.", status);
  for await (const chunk of chunksOf(eventsOf(body))) yield* chatEvents(chunk);
}

/** What one chunk of the stream says. */
export function* chatEvents({ choices, usage }: Chunk): Generator<ChatEvent> {
  const delta = choices?.[0]?.delta;
  if (delta?.reasoning_content) yield { kind: "thought", text: delta.reasoning_content };
  if (delta?.content) yield { kind: "text", text: delta.content };
  if (usage) yield { kind: "usage", input: usage.prompt_tokens, output: usage.completion_tokens };
}

/** Names travel percent-encoded, for headers hold little else than ASCII. */
function unquoted(name: string | null): string | null {
  if (name === null) return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // It was not encoded.
  }
}
