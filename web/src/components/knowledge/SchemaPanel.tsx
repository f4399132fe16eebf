import { useCallback, useState } from "react";
import { messageOf } from "../../api/errors";
import {
  decideProposal,
  getProposals,
  type Proposal,
  type ProposedLabel,
  type ProposedRelation,
} from "../../api/knowledge";
import { useLoaded } from "../../state/useLoaded";
import { plural } from "../../text/format";
import { useName } from "../../state/useName";
import { NameField } from "./NameField";
import { State } from "./State";

interface Props {
  system: string;
  onChange: () => void;
  onError: (error: unknown) => void;
}

const EVERY_MS = 5000;
const CHIP = { waiting: "paused", approved: "done", replaced: "failed", rejected: "failed" };

/** Plans of the graph: what each would make of the tables and documents, to approve or reject. */
export function SchemaPanel({ system, onChange, onError }: Props) {
  const list = useLoaded(
    useCallback(() => getProposals(system), [system]),
    onError,
    EVERY_MS,
  );
  const [error, setError] = useState<string | null>(null);
  const [name, setName] = useName();
  const decide = (hash: string, decision: "approve" | "reject") => {
    setError(null);
    decideProposal(system, hash, decision, name).then(
      () => {
        list.reload();
        onChange();
      },
      (failure: unknown) => {
        setError(messageOf(failure));
        onError(failure);
      },
    );
  };
  return (
    <section className="panel knowledge-panel" aria-label="Schema">
      <h1>Schema of the graph</h1>
      <NameField name={name} onName={setName} />
      <State
        error={error ?? list.error}
        loading={list.value === null}
        empty={
          list.value?.length === 0 ? (
            <>
              Nothing is proposed. <code>motet knowledge schema propose</code> looks at the tables and documents.
            </>
          ) : null
        }
      />
      {list.value?.map((proposal) => (
        <ProposalCard key={proposal.hash} proposal={proposal} onDecide={decide} />
      ))}
    </section>
  );
}

interface CardProps {
  proposal: Proposal;
  onDecide: (hash: string, decision: "approve" | "reject") => void;
}

function ProposalCard({ proposal, onDecide }: CardProps) {
  const { hash, status, evidence } = proposal;
  const by = proposal.rejected_by ?? proposal.approved_by;
  return (
    <article className="proposal" aria-label={`Plan ${hash.slice(0, 12)}`}>
      <header className="traffic-head">
        <h2>
          Plan <code>{hash.slice(0, 12)}</code>
        </h2>
        <span className={`chip chip-${CHIP[status]}`}>{status}</span>
        {by !== null && <span className="hint">by {by}</span>}
      </header>
      <Labels labels={evidence.labels} />
      <ul className="proposal-relations">
        {evidence.relations.map((each) => (
          <RelationItem key={`${each.from} ${each.type} ${each.to} ${each.table}`} relation={each} />
        ))}
      </ul>
      {status === "waiting" && (
        <div className="proposal-actions">
          <button type="button" className="main-button" onClick={() => onDecide(hash, "approve")}>
            Approve
          </button>
          <button type="button" className="plain-button danger" onClick={() => onDecide(hash, "reject")}>
            Reject
          </button>
          <span className="hint">An approval is of exactly this plan: another one needs another.</span>
        </div>
      )}
    </article>
  );
}

function Labels({ labels }: { labels: ProposedLabel[] }) {
  return (
    <table className="evidence">
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col">Things</th>
          <th scope="col">Mentioned in</th>
          <th scope="col">For example</th>
        </tr>
      </thead>
      <tbody>
        {labels.map((each) => (
          <tr key={each.label} dir="auto">
            <th scope="row">{each.label}</th>
            <td>{each.things.toLocaleString("en")}</td>
            <td>{plural(each.mentioned, "source")}</td>
            <td>{each.examples.join("; ")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RelationItem({ relation }: { relation: ProposedRelation }) {
  const { from, type, to, table, rows, examples, reference } = relation;
  const strays = reference?.strays.length ? `; not: ${reference.strays.join(", ")}` : "";
  return (
    <li dir="auto">
      <b>
        {from} —{type}→ {to}
      </b>{" "}
      <span className="hint">
        {plural(rows, "row")} of {table}, for example {examples.slice(0, 2).join("; ")}
        {reference !== null &&
          `. ${Math.round(reference.included * 1000) / 10}% hold a key of ${reference.table}${strays}`}
      </span>
    </li>
  );
}
