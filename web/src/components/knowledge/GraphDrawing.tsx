import { useEffect, useRef, useState } from "react";
import type { Graph } from "../../api/knowledge";
import { draw } from "../../graph/drawing";
import { messageOf } from "../../api/errors";

interface Props {
  graph: Graph;
  around: string | null;
  onOpen: (uid: string) => void;
}

/** A graph to look at: drag to move, wheel or pinch to come nearer, click to open. */
export default function GraphDrawing({ graph, around, onOpen }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const open = useRef(onOpen);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    open.current = onOpen;
  }, [onOpen]);

  useEffect(() => {
    if (place.current === null) return;
    try {
      return draw(place.current, graph, around, (uid) => open.current(uid));
    } catch (failure) {
      setTrouble(messageOf(failure));
      return;
    }
  }, [graph, around]);

  if (trouble !== null) {
    return (
      <p role="alert" className="hint">
        This browser cannot draw the graph ({trouble}); the list below has the same entities.
      </p>
    );
  }
  return (
    <div
      ref={place}
      className="graph-drawing"
      role="img"
      aria-label={`A drawing of ${graph.nodes.length} entities; the list below has the same`}
    />
  );
}
