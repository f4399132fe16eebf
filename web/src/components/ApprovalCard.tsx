import { useId, useState, type FormEvent } from "react";
import { answerRun } from "../api/client";
import { messageOf } from "../api/errors";
import type { Answered, Decision, Json, Pending, Run } from "../api/types";
import { prettyJson } from "../text/format";
import { Icon } from "./Icon";

interface Props {
  run: Run;
  pending: Pending;
  onAnswered: () => void;
}

const SAID = { approve: "Approved", refuse: "Refused", retry: "To be called again" };

/** What a run asks a person, and how they answer: approve, edit and approve, or refuse. */
export function ApprovalCard({ run, pending, onAnswered }: Props) {
  const heading = useId();
  const [answer, setAnswer] = useState<Answered | null>(null);
  const said = answer === null ? pending.answered : (answer.pending.find(isThis)?.answered ?? "approve");

  function isThis({ node }: Pending): boolean {
    return node === pending.node;
  }

  return (
    <section className="approval" aria-labelledby={heading} data-node={pending.node}>
      <header className="approval-head">
        <Icon name="person" />
        <h3 id={heading} dir="auto">
          {titleOf(pending)}
        </h3>
        <code className="approval-node">{pending.node}</code>
      </header>
      {said === null ? (
        <Answering
          run={run}
          pending={pending}
          onAnswered={(found) => {
            setAnswer(found);
            onAnswered();
          }}
        />
      ) : (
        <p className="approval-said" role="status">
          {SAID[said]}. {whatNext(run, answer)}
        </p>
      )}
    </section>
  );
}

function titleOf({ kind, message, operator }: Pending): string {
  if (kind === "approval") return message;
  if (kind === "event") return `It waits for “${message.replace(/^event:/, "")}”`;
  return `Did ${operator} happen? Its process died meanwhile.`;
}

function whatNext(run: Run, answer: Answered | null) {
  if (run.kind === "system" || run.active || answer?.goes_on) return "The run goes on.";
  return (
    <>
      Go on in a terminal: <code>{answer?.next ?? `motet runs resume ${run.id} --operators FILE`}</code>
    </>
  );
}

interface AnsweringProps {
  run: Run;
  pending: Pending;
  onAnswered: (answer: Answered) => void;
}

function Answering({ run, pending, onAnswered }: AnsweringProps) {
  const { kind, value } = pending;
  const shown = kind === "approval" ? prettyJson(value) : "";
  const [text, setText] = useState(shown);
  const [reason, setReason] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const edited = text !== shown;

  const send = async (decision: Decision) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      onAnswered(await answerRun(run.id, pending.node, decision));
    } catch (failure) {
      setError(messageOf(failure));
      setBusy(false);
    }
  };
  const approve = (event: FormEvent) => {
    event.preventDefault();
    if (!edited && kind === "approval") {
      void send({ approve: true });
      return;
    }
    try {
      void send({ approve: true, value: JSON.parse(text) as Json });
    } catch {
      setError("This is not JSON. Texts stand in quotes: \"like this\".");
    }
  };
  const refuse = (event: FormEvent) => {
    event.preventDefault();
    void send({ refuse: reason ?? "" });
  };
  const label = { approval: edited ? "Approve with changes" : "Approve", event: "Send", doubt: "It gave this" }[kind];

  return (
    <div className="answering" aria-busy={busy}>
      <form onSubmit={approve}>
        <label htmlFor={`${id}value`}>{kind === "doubt" ? "What it gave (JSON)" : "Value (JSON)"}</label>
        <textarea
          id={`${id}value`}
          rows={Math.min(12, Math.max(2, text.split("\n").length))}
          spellCheck={false}
          autoCapitalize="off"
          dir="ltr"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setError(null);
          }}
        />
        <div className="approval-actions">
          <button type="submit" className="main-button" aria-disabled={busy}>
            {label}
          </button>
          {kind === "doubt" && (
            <button type="button" className="plain-button" onClick={() => void send({ retry: true })}>
              Call it again
            </button>
          )}
          {reason === null && (
            <button type="button" className="plain-button" onClick={() => setReason("")}>
              Refuse…
            </button>
          )}
          {edited && kind === "approval" && (
            <button type="button" className="quiet-button" onClick={() => setText(shown)}>
              Undo changes
            </button>
          )}
        </div>
      </form>
      {reason !== null && (
        <form className="refusing" onSubmit={refuse}>
          <label htmlFor={`${id}reason`}>Why not? Whoever asked sees this.</label>
          <input
            id={`${id}reason`}
            dir="auto"
            autoFocus
            autoComplete="off"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <div className="approval-actions">
            <button type="submit" className="plain-button danger" aria-disabled={busy}>
              Refuse
            </button>
            <button type="button" className="quiet-button" onClick={() => setReason(null)}>
              Do not refuse
            </button>
          </div>
        </form>
      )}
      {error !== null && (
        <p className="bad" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
