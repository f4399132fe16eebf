import { useCallback, useState } from "react";
import { getEntities, type Counted, type EntityRow } from "../../api/knowledge";
import { useLoaded } from "../../state/useLoaded";
import { plural } from "../../text/format";
import { knowledgeAddress } from "../../text/route";
import { ViewLink } from "../ViewLink";
import { EntityStory } from "./EntityStory";
import { State } from "./State";

interface Props {
  system: string;
  /** The entity that is open beside the list. */
  opened: string | null;
  labels: Counted[];
  onError: (error: unknown) => void;
}

const EVERY_MS = 10_000;

/** All that has a name: a list to search, and the page of the one that is open. */
export function EntitiesPanel({ system, opened, labels, onError }: Props) {
  const [query, setQuery] = useState("");
  const [label, setLabel] = useState<string | null>(null);
  const list = useLoaded(
    useCallback(() => getEntities(system, { query: query.trim(), label }), [system, query, label]),
    onError,
    EVERY_MS,
  );
  const found = list.value;
  return (
    <div className="traffic" data-open={opened === null ? "list" : "story"}>
      <section className="panel knowledge-panel" aria-label="Entities">
        <form className="knowledge-search" role="search" onSubmit={(event) => event.preventDefault()}>
          <input
            type="search"
            aria-label="Find an entity"
            placeholder="A name, or the beginning of one"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <select
            className="choice"
            aria-label="Label"
            value={label ?? ""}
            onChange={(event) => setLabel(event.target.value || null)}
          >
            <option value="">Every label</option>
            {labels.map(({ name, count }) => (
              <option key={name} value={name}>
                {name} ({count.toLocaleString("en")})
              </option>
            ))}
          </select>
        </form>
        <State
          error={list.error}
          loading={found === null}
          empty={
            found?.length !== 0
              ? null
              : query === "" && label === null
                ? "No entities yet. They come with the first documents and tables."
                : "No entity is called that."
          }
        />
        <ul className="entity-items">
          {found?.map((entity) => (
            <EntityItem key={entity.uid} entity={entity} opened={entity.uid === opened} />
          ))}
        </ul>
      </section>
      {opened !== null && <EntityStory key={opened} system={system} uid={opened} onError={onError} />}
    </div>
  );
}

function EntityItem({ entity, opened }: { entity: EntityRow; opened: boolean }) {
  const facts = [
    entity.mentions > 0 && plural(entity.mentions, "mention"),
    entity.rows > 0 && plural(entity.rows, "row"),
    entity.claims > 0 && plural(entity.claims, "fact"),
  ].filter(Boolean);
  return (
    <li>
      <ViewLink
        className="entity-item"
        href={knowledgeAddress("entities", entity.uid)}
        aria-current={opened ? "true" : undefined}
      >
        <b dir="auto">{entity.name}</b>
        <span className="chip">{entity.label}</span>
        <span className="hint">{facts.join(" · ")}</span>
      </ViewLink>
    </li>
  );
}
