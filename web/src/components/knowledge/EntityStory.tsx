import { useCallback, type ReactNode } from "react";
import { getEntity, type Claim, type Entity, type Related } from "../../api/knowledge";
import { go } from "../../state/go";
import { useAsked } from "../../state/useAsked";
import { useEscape } from "../../state/useEscape";
import { plural } from "../../text/format";
import { valueText } from "../../text/claims";
import { knowledgeAddress } from "../../text/route";
import { ViewLink } from "../ViewLink";
import { SpotLink } from "./SpotLink";
import { State } from "./State";

interface Props {
  system: string;
  uid: string;
  onError: (error: unknown) => void;
}

/** One entity: its rows, memories and mentions, what is claimed of it and what it is linked to. */
export function EntityStory({ system, uid, onError }: Props) {
  const ask = useCallback((signal: AbortSignal) => getEntity(system, uid, signal), [system, uid]);
  const { value: entity, error } = useAsked(ask, onError);
  useEscape(true, () => go(knowledgeAddress("entities")));
  return (
    <section className="panel knowledge-panel entity-story" aria-label="Entity" tabIndex={-1}>
      <State error={error} loading={entity === null} />
      {entity !== null && <Story system={system} entity={entity} />}
    </section>
  );
}

function Story({ system, entity }: { system: string; entity: Entity }) {
  const remembered = entity.mentions.filter(({ memory }) => memory);
  const written = entity.mentions.filter(({ memory }) => !memory);
  return (
    <>
      <header className="traffic-head">
        <h1 dir="auto">{entity.name}</h1>
        <span className="chip">{entity.label}</span>
        <ViewLink className="plain-button" href={knowledgeAddress("graph", entity.uid)}>
          In the graph
        </ViewLink>
      </header>
      {entity.names.length > 1 && (
        <p className="hint" dir="auto">
          Also written {entity.names.map(({ name }) => name).join(", ")}.
        </p>
      )}
      <Part title="Rows" count={entity.rows.length}>
        {entity.rows.map((row) => (
          <li key={`${row.table}:${row.number}`} className="entity-row">
            <b>
              {row.table}:{row.number}
            </b>{" "}
            <span dir="auto">
              {Object.entries(row.values)
                .map(([column, value]) => `${column}: ${valueText(value)}`)
                .join("; ")}
            </span>{" "}
            <SpotLink system={system} spot={row.spot} quiet />
          </li>
        ))}
      </Part>
      <Part title="Facts" count={entity.claims.length}>
        {entity.claims.map((claim) => (
          <Fact key={claim.id} system={system} claim={claim} />
        ))}
      </Part>
      <Part title="Linked to" count={entity.relations.length}>
        {entity.relations.map((related) => (
          <Link key={related.id} related={related} />
        ))}
      </Part>
      <Part title="Memories" count={remembered.length}>
        {remembered.map((spot) => (
          <li key={spot.id}>
            <SpotLink system={system} spot={spot} />
          </li>
        ))}
      </Part>
      <Part title="Mentions" count={written.length}>
        {written.map((spot) => (
          <li key={spot.id} className="entity-mention">
            <SpotLink system={system} spot={spot} />
            <ViewLink className="hint" href={knowledgeAddress("lineage", `mention:${spot.id}`)}>
              found by {spot.producer}
            </ViewLink>
          </li>
        ))}
      </Part>
    </>
  );
}

function Part({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <section className="entity-part" aria-label={title}>
      <h2>
        {title} <span className="hint">{count.toLocaleString("en")}</span>
      </h2>
      <ul>{children}</ul>
    </section>
  );
}

function Fact({ system, claim }: { system: string; claim: Claim }) {
  const when = [claim.valid_from && `from ${claim.valid_from.slice(0, 10)}`, claim.valid_to && `to ${claim.valid_to.slice(0, 10)}`]
    .filter(Boolean)
    .join(" ");
  return (
    <li className="entity-fact">
      <span dir="auto">
        {claim.property}: <b>{valueText(claim.value)}</b>
      </span>
      {when !== "" && <span className="hint">{when}</span>}
      <ViewLink className="chip" href={knowledgeAddress("lineage", `claim:${claim.id}`)}>
        {claim.given ? "first-party" : "derived"}
      </ViewLink>
      <SpotLink system={system} spot={claim.spot} quiet />
    </li>
  );
}

function Link({ related }: { related: Related }) {
  return (
    <li className="entity-fact">
      <span className="hint">
        {related.out ? `${related.type} →` : `← ${related.type}`}
      </span>
      <ViewLink href={knowledgeAddress("entities", related.uid)} dir="auto">
        {related.name}
      </ViewLink>
      <ViewLink className="chip" href={knowledgeAddress("lineage", `relation:${related.id}`)}>
        {related.derived ? "derived" : "first-party"}, {plural(related.evidence, "place")}
      </ViewLink>
    </li>
  );
}
