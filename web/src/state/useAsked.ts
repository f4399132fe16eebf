import { useEffect, useState } from "react";
import { isAbort, messageOf } from "../api/errors";

export interface Asked<T> {
  /** Null until the answer to what is asked now has come. */
  value: T | null;
  error: string | null;
  reload: () => void;
}

/** What `ask` gives, asked once; `ask` must stay the same between draws, null asks nothing. */
export function useAsked<T>(
  ask: ((signal: AbortSignal) => Promise<T>) | null,
  onError: (error: unknown) => void,
): Asked<T> {
  const [answer, setAnswer] = useState<{ ask: unknown; value: T | null; error: string | null } | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => {
    if (ask === null) return;
    const leaving = new AbortController();
    ask(leaving.signal).then(
      (value) => setAnswer({ ask, value, error: null }),
      (failure: unknown) => {
        if (isAbort(failure)) return;
        setAnswer({ ask, value: null, error: messageOf(failure) });
        onError(failure);
      },
    );
    return () => leaving.abort();
  }, [ask, round, onError]);

  const current = answer?.ask === ask ? answer : null;
  return { value: current?.value ?? null, error: current?.error ?? null, reload: () => setRound((n) => n + 1) };
}
