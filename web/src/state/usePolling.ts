import { useCallback, useEffect, useRef } from "react";

const EVERY_MS = 1000;

/** Call `load` now and whenever the page is looked at again; each second while it says so. */
export function usePolling(load: () => Promise<boolean>): () => void {
  const timer = useRef<number | undefined>(undefined);
  const turn = useRef(0);

  const look = useCallback(async () => {
    window.clearTimeout(timer.current);
    const mine = ++turn.current;
    const again = await load();
    // Another look may have begun meanwhile: only the last one goes on.
    if (again && mine === turn.current && !document.hidden) {
      timer.current = window.setTimeout(() => void look(), EVERY_MS);
    }
  }, [load]);

  useEffect(() => {
    const seen = () => {
      if (!document.hidden) void look();
    };
    void look();
    window.addEventListener("focus", seen);
    document.addEventListener("visibilitychange", seen);
    return () => {
      turn.current++;
      window.clearTimeout(timer.current);
      window.removeEventListener("focus", seen);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [look]);

  return useCallback(() => void look(), [look]);
}
