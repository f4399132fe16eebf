import { useCallback, useRef, useState } from "react";
import { getTraffic, type Entry } from "../api/gateway";
import { messageOf } from "../api/errors";
import { merged } from "../text/traffic";
import { usePolling } from "./usePolling";

export interface Followed {
  /** The last entries of the ledger, newest first; null until the first answer. */
  entries: Entry[] | null;
  error: string | null;
}

/** What is asked of models, followed live unless it is paused. */
export function useTraffic(paused: boolean, onError: (error: unknown) => void): Followed {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const since = useRef(0);

  const load = useCallback(async () => {
    if (paused) return false;
    try {
      const { until, requests } = await getTraffic(since.current);
      since.current = until;
      setEntries((known) => (known !== null && requests.length === 0 ? known : merged(known ?? [], requests)));
      setError(null);
    } catch (failure) {
      setError(messageOf(failure));
      onError(failure);
    }
    return true;
  }, [paused, onError]);

  usePolling(load);
  return { entries, error };
}
