import { useCallback, useEffect, useRef, useState } from "react";
import { messageOf } from "../api/errors";
import { usePolling } from "./usePolling";

export interface Loaded<T> {
  /** Null until the first answer. */
  value: T | null;
  error: string | null;
  reload: () => void;
}

/** What `ask` gives, asked again and again while it shows; `ask` must stay the same between draws. */
export function useLoaded<T>(ask: () => Promise<T>, onError: (error: unknown) => void, every: number): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);

  const current = useRef(ask);
  useEffect(() => {
    current.current = ask;
  }, [ask]);

  const load = useCallback(async () => {
    try {
      const found = await ask();
      // Something else was asked for meanwhile, and may have come already.
      if (current.current !== ask) return false;
      setValue(found);
      setError(null);
    } catch (failure) {
      setError(messageOf(failure));
      onError(failure);
    }
    return true;
  }, [ask, onError]);

  return { value, error, reload: usePolling(load, every) };
}
