import type { AnswerEvent } from "../api/ask";
import type { Citation, RunRecord } from "../api/types";

/** `paused`: its run waits for a person and goes on without this page. */
export type TurnStatus = "waiting" | "streaming" | "paused" | "done" | "stopped" | "failed";

/** One question and what came of it. */
export interface Turn {
  id: string;
  question: string;
  answer: string;
  status: TurnStatus;
  error: string | null;
  run: string | null;
  model: string | null;
  abstained: boolean;
  citations: Citation[];
  seconds: number | null;
}

export type TurnAction =
  | { kind: "asked"; id: string; question: string }
  | { kind: "event"; id: string; event: AnswerEvent }
  | { kind: "ended"; id: string; status: "done" | "stopped"; seconds: number }
  | { kind: "failed"; id: string; error: string; seconds: number | null }
  | { kind: "paused"; id: string; run: string }
  | { kind: "settled"; id: string; record: RunRecord }
  | { kind: "replaced"; turns: Turn[] };

export function isRunning(turn: Turn): boolean {
  return turn.status === "waiting" || turn.status === "streaming";
}

export function reduceTurns(turns: Turn[], action: TurnAction): Turn[] {
  switch (action.kind) {
    case "replaced":
      return action.turns;
    case "asked":
      return [...turns, newTurn(action.id, action.question)];
    case "event":
      return change(turns, action.id, (turn) => withEvent(turn, action.event));
    case "ended":
      return change(turns, action.id, (turn) => ({
        ...turn,
        status: action.status,
        seconds: action.seconds,
      }));
    case "paused":
      return change(turns, action.id, (turn) => ({ ...turn, status: "paused", run: action.run }));
    case "settled":
      return change(turns, action.id, (turn) => settled(turn, action.record));
    case "failed":
      return change(turns, action.id, (turn) => ({
        ...turn,
        status: "failed",
        error: action.error,
        seconds: action.seconds,
      }));
  }
}

function newTurn(id: string, question: string): Turn {
  return {
    id,
    question,
    answer: "",
    status: "waiting",
    error: null,
    run: null,
    model: null,
    abstained: false,
    citations: [],
    seconds: null,
  };
}

function change(turns: Turn[], id: string, edit: (turn: Turn) => Turn): Turn[] {
  return turns.map((turn) => (turn.id === id ? edit(turn) : turn));
}

function withEvent(turn: Turn, event: AnswerEvent): Turn {
  switch (event.kind) {
    case "started":
      return { ...turn, run: event.run, model: event.model };
    case "text":
      return { ...turn, status: "streaming", answer: turn.answer + event.text };
    case "record": {
      const { run, model, abstained, citations } = event.record;
      return { ...turn, run, model, abstained, citations };
    }
  }
}

/** A turn whose run has ended, without this page listening. */
function settled(turn: Turn, { status, error, answer, marked, seconds }: RunRecord): Turn {
  if (status !== "done" || answer === null) {
    return { ...turn, status: "failed", error: error ?? `The run is ${status}.`, seconds };
  }
  const { model, abstained, citations } = answer;
  return { ...turn, status: "done", answer: marked ?? "", model, abstained, citations, seconds };
}

const KEPT = 50;
const key = (system: string): string => `motet.turns.${system}`;

/** Keep a conversation for as long as the tab lives. */
export function saveTurns(system: string, turns: Turn[]): void {
  try {
    sessionStorage.setItem(key(system), JSON.stringify(turns.slice(-KEPT)));
  } catch {
    // The tab's storage is full or blocked: the conversation then lives in memory only.
  }
}

/** The conversation of this tab; what was still running when the page went away has stopped. */
export function loadTurns(system: string): Turn[] {
  try {
    const turns = JSON.parse(sessionStorage.getItem(key(system)) ?? "[]") as Turn[];
    return turns.map((turn) => (isRunning(turn) ? { ...turn, status: "stopped" } : turn));
  } catch {
    return [];
  }
}
