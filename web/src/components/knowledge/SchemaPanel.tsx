import { useCallback, useState } from "react";
import { messageOf } from "../../api/errors";
import { decideProposal, getProposals, type Proposal } from "../../api/knowledge";
import { useLoaded } from "../../state/useLoaded";
import { plural } from "../../text/format";
import { State } from "./State";

interface Props {
  system: string;
  onChange: () => void;
  onError: (error: unknown) => void;
}

const EVERY_MS = 5000;
const CHIP = { open: "paused", approved: "done", rejected: "failed", superseded: "failed" };

/** Plans of the graph: what each would make of the tables and documents, to approve or reject. */
export function SchemaPanel({ system, onChange, onError }: Props) {
  const list = useLoaded(
    useCallback(() => getProposals(system), [system]),
    onError,
    EVERY_MS,
  );
  const [error, setError] = useState<string | null>(null);
  const decide = (hash: string, decision: "approve" | "reject") => {
    setError(null);
    decideProposal(system, hash, decision).then(
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
  const { hash, state, by, labels, relations } = proposal;
  return (
    <article className="proposal" aria-label={`Proposal ${hash.slice(0, 12)}`}>
      <header className="traffic-head">
        <h2>
          Plan <code>{hash.slice(0, 12)}</code>
        </h2>
        <span className={`chip chip-${CHIP[state]}`}>{state}</span>
        {by !== null && <span className="hint">by {by}</span>}
      </header>
      <table className="facts">
        <thead>
          <tr>
            <th scope="col">Label</th>
            <th scope="col">From</th>
            <th scope="col">Key</th>
            <th scope="col">Properties</th>
            <th scope="col">Entities</th>
          </tr>
        </thead>
        <tbody>
          {labels.map((label) => (
            <tr key={`${label.name} ${label.from}`} dir="auto">
              <th scope="row">{label.name}</th>
              <td>{label.from}</td>
              <td>{label.key.join(" + ")}</td>
              <td>{label.properties.join(", ")}</td>
              <td>{label.count.toLocaleString("en")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="proposal-relations">
        {relations.map((each) => (
          <li key={`${each.from} ${each.type} ${each.to}`} dir="auto">
            <b>
              {each.from} —{each.type}→ {each.to}
            </b>{" "}
            <span className="hint">
              {each.because}; {plural(each.count, "time")}
            </span>
          </li>
        ))}
      </ul>
      {state === "open" && (
        <div className="proposal-actions">
          <button type="button" className="main-button" onClick={() => onDecide(hash, "approve")}>
            Approve
          </button>
          <button type="button" className="plain-button danger" onClick={() => onDecide(hash, "reject")}>
            Reject
          </button>
          <span className="hint">An approval is of this plan only: another one needs another.</span>
        </div>
      )}
    </article>
  );
}
