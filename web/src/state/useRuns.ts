import { useCallback, useState } from "react";
import { getRuns } from "../api/client";
import { messageOf } from "../api/errors";
import type { Run } from "../api/types";
import { isOpen } from "../text/story";
import { usePolling } from "./usePolling";

const LIMIT = 50;

export interface RunList {
  /** The latest runs, newest first; null until the first answer. */
  runs: Run[] | null;
  error: string | null;
  refresh: () => void;
}

/** The latest runs of a system and of plans beside it, followed while something runs or waits. */
export function useRuns(system: string, onError: (error: unknown) => void): RunList {
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(async () => {
    try {
      const found = await getRuns(system, LIMIT);
      setRuns(found);
      setError(null);
      return found.some(isOpen);
    } catch (failure) {
      setError(messageOf(failure));
      onError(failure);
      return false;
    }
  }, [system, onError]);

  return { runs, error, refresh: usePolling(load) };
}
