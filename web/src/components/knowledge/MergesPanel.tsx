import { useCallback, useState } from "react";
import { messageOf } from "../../api/errors";
import {
  decideMerge,
  getMerges,
  type Merge,
  type MergeDecision,
  type MergeState,
  type Reason,
} from "../../api/knowledge";
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

const TITLES: Record<MergeState, string> = {
  waiting: "In doubt",
  joined: "Joined",
  apart: "Kept apart",
};
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
  const decide = (merge: Merge, decision: MergeDecision) => {
    setError(null);
    decideMerge(system, merge, decision, name).then(
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
      {(Object.keys(TITLES) as MergeState[]).map((state) => (
        <Merges
          key={state}
          state={state}
          merges={list.value?.filter((merge) => merge.state === state) ?? []}
          onDecide={decide}
        />
      ))}
    </section>
  );
}

interface MergesProps {
  state: MergeState;
  merges: Merge[];
  onDecide: (merge: Merge, decision: MergeDecision) => void;
}

function Merges({ state, merges, onDecide }: MergesProps) {
  if (merges.length === 0) return null;
  return (
    <section className="entity-part" aria-label={TITLES[state]}>
      <h2>
        {TITLES[state]} <span className="hint">{merges.length.toLocaleString("en")}</span>
      </h2>
      <ul className="merges">
        {merges.map((merge) => (
          <MergeItem
            key={`${merge.left.uid} ${merge.right.uid}`}
            merge={merge}
            onDecide={(decision) => onDecide(merge, decision)}
          />
        ))}
      </ul>
    </section>
  );
}

function MergeItem({ merge, onDecide }: { merge: Merge; onDecide: (decision: MergeDecision) => void }) {
  const { left, right, score, reasons, state, verdict } = merge;
  return (
    <li className="merge" aria-label={`${left.name} and ${right.name}`}>
      <span className="merge-names">
        {[left, right].map((each) => (
          <ViewLink key={each.uid} href={knowledgeAddress("entities", each.uid)} dir="auto">
            {each.name} <span className="chip">{each.label}</span>
          </ViewLink>
        ))}
        {score !== null && <span className="hint">{Math.round(score * 100)}% sure to be one</span>}
        {verdict !== null && <span className="chip chip-done">a person decided</span>}
      </span>
      <span className="hint" dir="auto">
        {reasons.map(reasonText).join("; ")}
      </span>
      <span className="proposal-actions">
        {state !== "joined" && (
          <button type="button" className="plain-button" onClick={() => onDecide("merge")}>
            The same
          </button>
        )}
        {state === "waiting" && (
          <button type="button" className="plain-button" onClick={() => onDecide("apart")}>
            Not the same
          </button>
        )}
        {state === "joined" && (
          <button type="button" className="plain-button" onClick={() => onDecide("unmerge")}>
            Take apart
          </button>
        )}
      </span>
    </li>
  );
}

function reasonText(reason: Reason): string {
  if ("conflict" in reason) return `but ${reason.conflict}`;
  return `${reason.field}: ${reason.text} (${reason.effect > 0 ? "+" : ""}${reason.effect})`;
}
