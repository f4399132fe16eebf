import { useCallback, useEffect, useReducer, useRef } from "react";
import { ask as askServer } from "../api/ask";
import { getRun } from "../api/client";
import { ApiError, isAbort, messageOf } from "../api/errors";
import type { Run } from "../api/types";
import { isFinal } from "../text/story";
import { newId } from "./ids";
import { isRunning, loadTurns, reduceTurns, saveTurns, type Turn } from "./turns";

export interface Conversation {
  turns: Turn[];
  running: boolean;
  ask: (question: string) => void;
  stop: () => void;
  clear: () => void;
}

/**
 * The questions asked of one system, one at a time, each answered on its own. `runs` are the
 * latest runs as followed: by them a turn that waits for a person comes to its answer.
 */
export function useConversation(
  system: string,
  runs: Run[] | null,
  onError: (error: unknown) => void,
): Conversation {
  const [turns, dispatch] = useReducer(reduceTurns, system, loadTurns);
  const controller = useRef<AbortController | null>(null);

  useEffect(() => saveTurns(system, turns), [system, turns]);
  useEffect(() => () => controller.current?.abort(), []);

  const settling = useRef(new Set<string>());
  useEffect(() => {
    if (runs === null) return;
    for (const { id, status, run } of turns) {
      if (status !== "paused" || run === null || settling.current.has(run)) continue;
      const seen = runs.find((each) => each.id === run);
      if (seen !== undefined && !isFinal(seen)) continue;
      settling.current.add(run);
      getRun(run)
        .then(
          (record) => isFinal(record) && dispatch({ kind: "settled", id, record }),
          (error: unknown) => dispatch({ kind: "failed", id, error: messageOf(error), seconds: null }),
        )
        .finally(() => settling.current.delete(run));
    }
  }, [turns, runs]);

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
        } else if (error instanceof ApiError && error.waiting !== null) {
          dispatch({ kind: "paused", id, run: error.waiting });
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
