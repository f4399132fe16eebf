import { useCallback, useState } from "react";
import { getRun } from "../api/client";
import { messageOf } from "../api/errors";
import type { RunRecord } from "../api/types";
import { isOpen } from "../text/story";
import { usePolling } from "./usePolling";

export interface OpenRun {
  /** Null until the first answer. */
  record: RunRecord | null;
  error: string | null;
  refresh: () => void;
}

/** One run with all its nodes, followed while it runs or waits. */
export function useRun(run: string, onError: (error: unknown) => void): OpenRun {
  const [record, setRecord] = useState<RunRecord | null>(null);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(async () => {
    try {
      const found = await getRun(run);
      setRecord(found);
      setError(null);
      return isOpen(found);
    } catch (failure) {
      setError(messageOf(failure));
      onError(failure);
      return false;
    }
  }, [run, onError]);

  return { record, error, refresh: usePolling(load) };
}
