import type { ChatEvent } from "../api/chat";

export type SideStatus = "idle" | "waiting" | "streaming" | "done" | "stopped" | "failed";

/** One of two answers that are written side by side. Times are seconds since it was asked. */
export interface Side {
  status: SideStatus;
  model: string;
  text: string;
  thoughts: string;
  /** The model really used; null where that is not known yet. */
  used: string | null;
  request: string | null;
  run: string | null;
  cached: boolean;
  first: number | null;
  seconds: number | null;
  input: number | null;
  output: number | null;
  cost: number | null;
  error: string | null;
}

export const IDLE: Side = {
  status: "idle",
  model: "",
  text: "",
  thoughts: "",
  used: null,
  request: null,
  run: null,
  cached: false,
  first: null,
  seconds: null,
  input: null,
  output: null,
  cost: null,
  error: null,
};

export type SideAction =
  | { kind: "asked"; model: string }
  | { kind: "event"; event: ChatEvent; seconds: number }
  | { kind: "ended"; status: "done" | "stopped"; seconds: number }
  | { kind: "failed"; error: string; seconds: number }
  | { kind: "priced"; request: string | null; run: string | null; cost: number | null };

export function isWriting({ status }: Side): boolean {
  return status === "waiting" || status === "streaming";
}

export function reduceSide(side: Side, action: SideAction): Side {
  switch (action.kind) {
    case "asked":
      return { ...IDLE, status: "waiting", model: action.model };
    case "event":
      return withEvent(side, action.event, action.seconds);
    case "ended":
      return { ...side, status: action.status, seconds: action.seconds };
    case "failed":
      return { ...side, status: "failed", error: action.error, seconds: action.seconds };
    case "priced":
      // Another question may have been asked meanwhile.
      if (side.request !== action.request || side.run !== action.run) return side;
      return { ...side, cost: action.cost };
  }
}

function withEvent(side: Side, event: ChatEvent, seconds: number): Side {
  switch (event.kind) {
    case "head": {
      const { used, request, run, cached } = event;
      return { ...side, used, request, run, cached };
    }
    case "text":
      return { ...begun(side, seconds), text: side.text + event.text };
    case "thought":
      return { ...begun(side, seconds), thoughts: side.thoughts + event.text };
    case "usage":
      return { ...side, input: event.input, output: event.output };
  }
}

function begun(side: Side, seconds: number): Side {
  return { ...side, status: "streaming", first: side.first ?? seconds };
}
