import type { ReactNode } from "react";

interface Props {
  error: string | null;
  /** Whether the first answer is still to come. */
  loading: boolean;
  /** What to say where there is nothing; null where there is something. */
  empty?: ReactNode;
}

/** What stands where there is nothing to show: an error, a wait, or that it is empty. */
export function State({ error, loading, empty = null }: Props) {
  if (error !== null) {
    return (
      <p role="alert" className="bad">
        {error}
      </p>
    );
  }
  if (loading) return <p className="hint">Loading…</p>;
  return empty === null ? null : <p className="hint">{empty}</p>;
}
