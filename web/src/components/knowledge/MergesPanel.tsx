import { useCallback, useState } from "react";
import { messageOf } from "../../api/errors";
import { decideMerge, getMerges, type Merge } from "../../api/knowledge";
import { useLoaded } from "../../state/useLoaded";
import { knowledgeAddress } from "../../text/route";
import { ViewLink } from "../ViewLink";
import { useName } from "../../state/useName";
import { NameField } from "./NameField";
import { State } from "./State";

interface Props {
  system: string;
  onChange: () => void;
  onError: (error: unknown) => void;
}

type Verdict = Merge["verdict"];
const EVERY_MS = 5000;

/** Pairs of names that may mean the same, with reasons; every decision can be taken back. */
export function MergesPanel({ system, onChange, onError }: Props) {
  const list = useLoaded(
    useCallback(() => getMerges(system), [system]),
    onError,
    EVERY_MS,
  );
  const [error, setError] = useState<string | null>(null);
  const [name, setName] = useName();
  const decide = ({ left, right }: Merge, verdict: Verdict) => {
    setError(null);
    decideMerge(system, left.uid, right.uid, verdict, name).then(
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
    <section className="panel knowledge-panel" aria-label="Merges">
      <h1>The same, or not?</h1>
      <NameField name={name} onName={setName} />
      <State
        error={error ?? list.error}
        loading={list.value === null}
        empty={list.value?.length === 0 ? "No pair of names is in doubt." : null}
      />
      <ul className="merges">
        {list.value?.map((merge) => (
          <MergeItem
            key={`${merge.left.uid} ${merge.right.uid}`}
            merge={merge}
            onDecide={(verdict) => decide(merge, verdict)}
          />
        ))}
      </ul>
    </section>
  );
}

function MergeItem({ merge, onDecide }: { merge: Merge; onDecide: (verdict: Verdict) => void }) {
  const { left, right, score, reasons, verdict, by } = merge;
  return (
    <li className="merge" aria-label={`${left.name} and ${right.name}`}>
      <span className="merge-names">
        {[left, right].map((each) => (
          <ViewLink key={each.uid} href={knowledgeAddress("entities", each.uid)} dir="auto">
            {each.name} <span className="chip">{each.label}</span>
          </ViewLink>
        ))}
        <span className="hint">{Math.round(score * 100)}%</span>
      </span>
      <span className="hint" dir="auto">
        {reasons.join("; ")}
      </span>
      <span className="proposal-actions">
        {verdict === null ? (
          <>
            <button type="button" className="plain-button" onClick={() => onDecide("same")}>
              The same
            </button>
            <button type="button" className="plain-button" onClick={() => onDecide("different")}>
              Not the same
            </button>
          </>
        ) : (
          <>
            <span className={`chip chip-${verdict === "same" ? "done" : "paused"}`}>
              {verdict === "same" ? "the same" : "not the same"}
              {by !== null && `, says ${by}`}
            </span>
            <button type="button" className="quiet-button" onClick={() => onDecide(null)}>
              Take back
            </button>
          </>
        )}
      </span>
    </li>
  );
}
