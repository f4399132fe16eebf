import type { Citation } from "../api/types";
import { citationPlace } from "../text/format";

interface Props {
  id: number;
  /** Undefined while the answer is still being written, and for a number nothing stands behind. */
  citation: Citation | undefined;
  current: boolean;
  onOpen: (citation: Citation) => void;
}

/** A citation's number within an answer. */
export function Marker({ id, citation, current, onOpen }: Props) {
  if (citation === undefined) return <span className="marker marker-open">[{id}]</span>;
  return (
    <button
      type="button"
      className="marker"
      aria-label={`Citation ${id}: ${citationPlace(citation)}`}
      aria-current={current ? "true" : undefined}
      title={citationPlace(citation)}
      onClick={() => onOpen(citation)}
    >
      {id}
    </button>
  );
}
