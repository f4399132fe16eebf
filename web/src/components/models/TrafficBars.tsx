import { useEffect, useState } from "react";
import { plural } from "../../text/format";
import { buckets, type LiveRequest } from "../../text/traffic";

const COUNT = 60;
const WIDTH = 10;
const HEIGHT = 30;
const GAP = 0.25;
const TICK_MS = 2000;

/** Requests and errors of the last ten minutes as bars. */
export function TrafficBars({ requests, paused }: { requests: LiveRequest[]; paused: boolean }) {
  const now = useNow(paused);
  const found = buckets(requests, now, COUNT, WIDTH);
  const all = found.reduce((sum, bucket) => sum + bucket.requests, 0);
  const errors = found.reduce((sum, bucket) => sum + bucket.errors, 0);
  const most = Math.max(1, ...found.map((bucket) => bucket.requests));
  const minutes = (COUNT * WIDTH) / 60;
  const label = `${plural(all, "request")}, ${plural(errors, "error")} in the last ${minutes} minutes`;
  return (
    <figure className="traffic-bars">
      <svg viewBox={`0 0 ${COUNT} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {found.map((bucket, at) => {
          const [whole, bad] = [(bucket.requests / most) * HEIGHT, (bucket.errors / most) * HEIGHT];
          return (
            <g key={at}>
              <rect className="bar-all" x={at} y={HEIGHT - whole} width={1 - GAP} height={whole} />
              <rect className="bar-bad" x={at} y={HEIGHT - bad} width={1 - GAP} height={bad} />
            </g>
          );
        })}
      </svg>
      <figcaption className="hint">
        {label}
        {all > 0 && `, at most ${most} in ${WIDTH} seconds`}
      </figcaption>
    </figure>
  );
}

function useNow(paused: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (paused) return undefined;
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, [paused]);
  return now;
}
