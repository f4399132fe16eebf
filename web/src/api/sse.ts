/** Server-sent events: turns pieces of text, split anywhere, into the `data` of whole events. */
export class EventParser {
  #line = "";
  #data: string[] = [];
  #skipNewline = false;

  /** Take the next piece of the stream and return the data of every event it completed. */
  push(piece: string): string[] {
    const events: string[] = [];
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at];
      if (character !== "\n" && character !== "\r") {
        this.#skipNewline = false;
        continue;
      }
      if (character === "\n" && this.#skipNewline) {
        this.#skipNewline = false;
      } else {
        this.#endLine(this.#line + piece.slice(from, at), events);
        this.#line = "";
        this.#skipNewline = character === "\r";
      }
      from = at + 1;
    }
    this.#line += piece.slice(from);
    return events;
  }

  /** End of the stream: an event whose closing blank line never came still counts. */
  finish(): string[] {
    const events: string[] = [];
    if (this.#line !== "") this.#endLine(this.#line, events);
    this.#line = "";
    this.#endLine("", events);
    return events;
  }

  #endLine(line: string, events: string[]): void {
    if (line === "") {
      if (this.#data.length > 0) events.push(this.#data.join("\n"));
      this.#data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== "data") return;
    const value = colon < 0 ? "" : line.slice(colon + 1);
    this.#data.push(value.startsWith(" ") ? value.slice(1) : value);
  }
}

/** Yield the data of every event of a byte stream, in order. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
    yield* parser.push(decoder.decode());
    yield* parser.finish();
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
