import { useCallback, type ReactNode } from "react";
import {
  getEntity,
  type Claim,
  type Entity,
  type EntityRow,
  type LinkedRow,
  type Mention,
  type Related,
  type Stands,
} from "../../api/knowledge";
import { go } from "../../state/go";
import { useAsked } from "../../state/useAsked";
import { useEscape } from "../../state/useEscape";
import { fileName, plural } from "../../text/format";
import { grouped, valueText } from "../../text/claims";
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
  const { uid, name, label } = entity.entity;
  const also = entity.names.filter((each) => each !== name);
  return (
    <>
      <header className="traffic-head">
        <h1 dir="auto">{name}</h1>
        <span className="chip">{label}</span>
        <ViewLink className="plain-button" href={knowledgeAddress("graph", uid)}>
          In the graph
        </ViewLink>
      </header>
      {also.length > 0 && (
        <p className="hint" dir="auto">
          Also written {also.join(", ")}.
        </p>
      )}
      <Others others={entity.others} />
      <Part title="Memories" count={entity.memory.length}>
        {entity.memory.map((each) => (
          <MentionItem key={each.id} system={system} mention={each} />
        ))}
      </Part>
      <Part title="Rows" count={entity.rows.length}>
        {entity.rows.map((row) => (
          <RowItem key={`${row.source}#${row.table}:${row.row}:${row.column}`} row={row} />
        ))}
      </Part>
      <Part title="Facts" count={entity.claims.length}>
        {entity.claims.map((claim) => (
          <Fact key={claim.id} system={system} claim={claim} />
        ))}
      </Part>
      <Part title="Linked to" count={entity.relations.length}>
        {grouped(entity.relations).map(([related, places]) => (
          <Link key={`${related.id} ${related.direction}`} related={related} places={places} />
        ))}
      </Part>
      <Part title="Mentions" count={entity.mentions.length}>
        {entity.mentions.map((each) => (
          <MentionItem key={each.id} system={system} mention={each} />
        ))}
      </Part>
    </>
  );
}

function Others({ others }: { others: EntityRow[] }) {
  if (others.length === 0) return null;
  return (
    <p className="hint">
      Others go by this name:{" "}
      {others.map((each) => (
        <ViewLink key={each.uid} href={knowledgeAddress("entities", each.uid)} dir="auto">
          {each.name} ({each.label}){" "}
        </ViewLink>
      ))}
    </p>
  );
}

function MentionItem({ system, mention }: { system: string; mention: Mention }) {
  const { id, source, version, page, start, end, around, producer, owner, at } = mention;
  return (
    <li className="entity-mention">
      <SpotLink system={system} spot={{ source, version, page, start, end, excerpt: around }} />
      {at != null && (
        <span className="hint">
          {owner ?? "everybody"}, {at.slice(0, 10)}
        </span>
      )}
      <ViewLink className="hint" href={knowledgeAddress("lineage", id)}>
        found by {producer}
      </ViewLink>
    </li>
  );
}

function RowItem({ row }: { row: LinkedRow }) {
  const cells = Object.entries(row.values).filter(([, value]) => value !== null && value !== "");
  return (
    <li className="entity-row" dir="auto">
      <b>
        {fileName(row.source)}
        {row.table !== "" && `#${row.table}`}:{row.row}
      </b>{" "}
      {cells.map(([column, value]) => `${column}: ${valueText(value)}`).join("; ")}
    </li>
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
  const { valid_from: from, valid_to: to, source, start, end } = claim;
  const when = [from && `from ${from.slice(0, 10)}`, to && `to ${to.slice(0, 10)}`].filter(Boolean).join(" ");
  return (
    <li className="entity-fact">
      <span dir="auto">
        {claim.property}: <b>{valueText(claim.value)}</b>
      </span>
      {when !== "" && <span className="hint">{when}</span>}
      <Origin stands={claim} />
      <SpotLink system={system} spot={{ source, version: null, page: null, start, end, excerpt: "" }} quiet />
    </li>
  );
}

function Link({ related, places }: { related: Related; places: number }) {
  const { type, direction, entity } = related;
  return (
    <li className="entity-fact">
      <span className="hint">{direction === "out" ? `${type} →` : `← ${type}`}</span>
      <ViewLink href={knowledgeAddress("entities", entity.uid)} dir="auto">
        {entity.name}
      </ViewLink>
      <Origin stands={related} />
      {places > 1 && <span className="hint">in {plural(places, "place")}</span>}
    </li>
  );
}

/** Whether a fact is first-party; a link to all that is behind it. */
function Origin({ stands }: { stands: Stands }) {
  return (
    <ViewLink className="chip" href={knowledgeAddress("lineage", stands.id)}>
      {stands.given ? "first-party" : "derived"}
    </ViewLink>
  );
}
