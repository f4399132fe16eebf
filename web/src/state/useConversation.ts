import { useCallback, useEffect, useReducer, useRef } from "react";
import { ask as askServer } from "../api/ask";
import { isAbort, messageOf } from "../api/errors";
import { newId } from "./ids";
import { isRunning, loadTurns, reduceTurns, saveTurns, type Turn } from "./turns";

export interface Conversation {
  turns: Turn[];
  running: boolean;
  ask: (question: string) => void;
  stop: () => void;
  clear: () => void;
}

/** The questions asked of one system, one at a time, each answered on its own. */
export function useConversation(system: string, onError: (error: unknown) => void): Conversation {
  const [turns, dispatch] = useReducer(reduceTurns, system, loadTurns);
  const controller = useRef<AbortController | null>(null);

  useEffect(() => saveTurns(system, turns), [system, turns]);
  useEffect(() => () => controller.current?.abort(), []);

  const ask = useCallback(
    async (question: string) => {
      const id = newId();
      const abort = new AbortController();
      const begun = performance.now();
      const seconds = () => (performance.now() - begun) / 1000;
      controller.current = abort;
      dispatch({ kind: "asked", id, question });
      try {
        for await (const event of askServer(system, question, abort.signal)) {
          dispatch({ kind: "event", id, event });
        }
        dispatch({ kind: "ended", id, status: "done", seconds: seconds() });
      } catch (error) {
        if (isAbort(error) || abort.signal.aborted) {
          dispatch({ kind: "ended", id, status: "stopped", seconds: seconds() });
        } else {
          dispatch({ kind: "failed", id, error: messageOf(error), seconds: seconds() });
          onError(error);
        }
      }
    },
    [system, onError],
  );

  return {
    turns,
    running: turns.some(isRunning),
    ask: useCallback((question) => void ask(question), [ask]),
    stop: useCallback(() => controller.current?.abort(), []),
    clear: useCallback(() => {
      controller.current?.abort();
      dispatch({ kind: "replaced", turns: [] });
    }, []),
  };
}
