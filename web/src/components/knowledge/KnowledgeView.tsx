import { useCallback } from "react";
import { getOverview } from "../../api/knowledge";
import { useLoaded } from "../../state/useLoaded";
import { plural } from "../../text/format";
import { knowledgeAddress, type KnowledgeTab, type Route } from "../../text/route";
import { ViewLink } from "../ViewLink";
import { EntitiesPanel } from "./EntitiesPanel";
import { GraphPanel } from "./GraphPanel";
import { LineagePanel } from "./LineagePanel";
import { MergesPanel } from "./MergesPanel";
import { SchemaPanel } from "./SchemaPanel";
import { SearchPanel } from "./SearchPanel";

interface Props {
  system: string;
  route: Route & { view: "knowledge" };
  onError: (error: unknown) => void;
}

const TABS: [KnowledgeTab, string][] = [
  ["search", "Search"],
  ["entities", "Entities"],
  ["graph", "Graph"],
  ["schema", "Schema"],
  ["merges", "Merges"],
];
const EVERY_MS = 5000;

/** What the system knows: found, linked, proposed and where it comes from. */
export function KnowledgeView({ system, route, onError }: Props) {
  const { tab, of } = route;
  const overview = useLoaded(
    useCallback(() => getOverview(system), [system]),
    onError,
    EVERY_MS,
  );
  const known = overview.value;
  const waiting: Partial<Record<KnowledgeTab, number>> = {
    schema: known?.proposals ?? 0,
    merges: known?.merges ?? 0,
  };
  return (
    <main className="models-view knowledge-view" aria-label="Knowledge">
      <nav className="model-tabs" aria-label="About the knowledge">
        {TABS.map(([name, label]) => (
          <ViewLink
            key={name}
            href={knowledgeAddress(name)}
            aria-current={name === tab || (tab === "lineage" && name === "entities") ? "page" : undefined}
          >
            {label}
            <Waiting count={waiting[name] ?? 0} />
          </ViewLink>
        ))}
        {known !== null && (
          <span className="hint known">
            {[
              plural(known.sources, "source"),
              plural(known.chunks, "passage"),
              plural(known.entities, "entity", "entities"),
              plural(known.relations, "relation"),
              plural(known.memories, "memory", "memories"),
            ].join(" · ")}
          </span>
        )}
      </nav>
      {overview.error !== null && (
        <p role="alert" className="bad model-trouble">
          {overview.error}
        </p>
      )}
      {tab === "search" && <SearchPanel system={system} asked={of ?? ""} onError={onError} />}
      {tab === "entities" && (
        <EntitiesPanel system={system} opened={of} labels={known?.labels ?? []} onError={onError} />
      )}
      {tab === "graph" && <GraphPanel system={system} around={of} onError={onError} />}
      {tab === "schema" && <SchemaPanel system={system} onChange={overview.reload} onError={onError} />}
      {tab === "merges" && <MergesPanel system={system} onChange={overview.reload} onError={onError} />}
      {tab === "lineage" && <LineagePanel system={system} of={of} onError={onError} />}
    </main>
  );
}

function Waiting({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="badge">
      {count}
      <span className="sr-only"> waiting for you</span>
    </span>
  );
}
