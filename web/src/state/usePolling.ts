import { useCallback, useEffect, useRef } from "react";

const EVERY_MS = 1000;
/** How many times longer than the last answer took the pause is at least: large runs take theirs. */
const PATIENCE = 4;

/** Call `load` now and whenever the page is looked at again; each second, or `every`, while it says so. */
export function usePolling(load: () => Promise<boolean>, every = EVERY_MS): () => void {
  const timer = useRef<number | undefined>(undefined);
  const turn = useRef(0);

  const look = useCallback(async () => {
    window.clearTimeout(timer.current);
    const mine = ++turn.current;
    const asked = performance.now();
    const again = await load();
    const took = performance.now() - asked;
    // Another look may have begun meanwhile: only the last one goes on.
    if (again && mine === turn.current && !document.hidden) {
      timer.current = window.setTimeout(() => void look(), Math.max(every, PATIENCE * took));
    }
  }, [load, every]);

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
