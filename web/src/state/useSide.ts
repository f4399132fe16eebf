import { useCallback, useEffect, useReducer, useRef } from "react";
import { chat, type ChatEvent } from "../api/chat";
import { getRun } from "../api/client";
import { isAbort, messageOf } from "../api/errors";
import { getAttempts } from "../api/gateway";
import { IDLE, reduceSide, type Side } from "../text/playground";
import { totalCost } from "../text/traffic";

/** How long the server may take to book an answer that was stopped. */
const BOOKED_MS = 1000;

type Head = ChatEvent & { kind: "head" };

export interface Asking {
  side: Side;
  ask: (model: string, prompt: string) => void;
  stop: () => void;
}

/** One side of the playground: a model that answers, measured where the person sits. */
export function useSide(onError: (error: unknown) => void): Asking {
  const [side, dispatch] = useReducer(reduceSide, IDLE);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const ask = useCallback(
    async (model: string, prompt: string) => {
      controller.current?.abort();
      const abort = new AbortController();
      controller.current = abort;
      const begun = performance.now();
      const seconds = () => (performance.now() - begun) / 1000;
      let head: Head | null = null;
      dispatch({ kind: "asked", model });
      try {
        for await (const event of chat(model, prompt, abort.signal)) {
          if (event.kind === "head") head = event;
          dispatch({ kind: "event", event, seconds: seconds() });
        }
        dispatch({ kind: "ended", status: "done", seconds: seconds() });
      } catch (error) {
        // Another question has taken this one's place.
        if (controller.current !== abort) return;
        if (isAbort(error) || abort.signal.aborted) {
          dispatch({ kind: "ended", status: "stopped", seconds: seconds() });
        } else {
          dispatch({ kind: "failed", error: messageOf(error), seconds: seconds() });
          onError(error);
        }
      }
      if (abort.signal.aborted) await new Promise((resolve) => window.setTimeout(resolve, BOOKED_MS));
      if (head !== null && controller.current === abort) {
        const { request, run } = head;
        dispatch({ kind: "priced", request, run, cost: await costOf(head) });
      }
    },
    [onError],
  );

  return {
    side,
    ask: useCallback((model, prompt) => void ask(model, prompt), [ask]),
    stop: useCallback(() => controller.current?.abort(), []),
  };
}

/** What an answer cost, as the ledger or the run has it; null where neither knows. */
async function costOf({ request, run }: Head): Promise<number | null> {
  try {
    if (run !== null) return (await getRun(run)).spans.reduce((sum, { cost_usd }) => sum + cost_usd, 0);
    return request === null ? null : totalCost(await getAttempts(request));
  } catch {
    // The answer is whole without its price: an attempt that was stopped may not be booked yet.
    return null;
  }
}
