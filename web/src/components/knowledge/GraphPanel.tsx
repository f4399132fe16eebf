import { lazy, Suspense, useCallback, useState } from "react";
import { getGraph, type Graph, type GraphNode } from "../../api/knowledge";
import { go } from "../../state/go";
import { useAsked } from "../../state/useAsked";
import { plural } from "../../text/format";
import { knowledgeAddress } from "../../text/route";
import { Switch } from "../models/Switch";
import { ViewLink } from "../ViewLink";
import { State } from "./State";

// What draws is large, and nobody else needs it.
const GraphDrawing = lazy(() => import("./GraphDrawing"));

interface Props {
  system: string;
  /** The entity in the middle; null shows the most connected ones. */
  around: string | null;
  onError: (error: unknown) => void;
}

const HOPS = ["1 hop", "2 hops", "3 hops"] as const;
const LIMITS = ["200", "1000", "5000"] as const;

/** The graph around an entity, drawn and as a list. */
export function GraphPanel({ system, around, onError }: Props) {
  const [hops, setHops] = useState<(typeof HOPS)[number]>("2 hops");
  const [limit, setLimit] = useState<(typeof LIMITS)[number]>("200");
  const ask = useCallback(
    (signal: AbortSignal) => getGraph(system, around, HOPS.indexOf(hops) + 1, Number(limit), signal),
    [system, around, hops, limit],
  );
  const { value: graph, error } = useAsked(ask, onError);
  const middle = graph?.nodes.find(({ uid }) => uid === around);
  return (
    <section className="panel knowledge-panel graph-panel" aria-label="Graph">
      <header className="traffic-head">
        <h1 dir="auto">{middle?.name ?? "The most connected"}</h1>
        {around !== null && <Switch label="How far" options={HOPS} value={hops} onChange={setHops} />}
        <Switch label="At most" options={LIMITS} value={limit} onChange={setLimit} />
        {around !== null && (
          <ViewLink className="plain-button" href={knowledgeAddress("graph")}>
            Everything
          </ViewLink>
        )}
      </header>
      <State
        error={error}
        loading={graph === null}
        empty={graph?.nodes.length === 0 ? "Nothing is linked yet." : null}
      />
      {graph !== null && graph.nodes.length > 0 && <Drawn graph={graph} around={around} />}
    </section>
  );
}

function Drawn({ graph, around }: { graph: Graph; around: string | null }) {
  return (
    <>
      <Suspense fallback={<p className="hint">Drawing…</p>}>
        <GraphDrawing graph={graph} around={around} onOpen={(uid) => go(knowledgeAddress("entities", uid))} />
      </Suspense>
      <p className="hint" role="status">
        {plural(graph.nodes.length, "entity", "entities")}, {plural(graph.edges.length, "relation")}
        {graph.more && "; there are more than are shown"}
      </p>
      <details className="graph-list">
        <summary>As a list</summary>
        <ul>
          {graph.nodes.slice(0, LISTED).map((node) => (
            <Listed key={node.uid} node={node} />
          ))}
        </ul>
      </details>
    </>
  );
}

const LISTED = 500;

function Listed({ node }: { node: GraphNode }) {
  return (
    <li>
      <ViewLink href={knowledgeAddress("graph", node.uid)} dir="auto">
        {node.name}
      </ViewLink>{" "}
      <span className="chip">{node.label}</span>
    </li>
  );
}
