import type { Citation, Run } from "../api/types";
import type { Turn } from "../state/turns";
import { seconds } from "../text/format";
import { runsHash } from "../text/route";
import { AnswerText } from "./AnswerText";
import { ApprovalCard } from "./ApprovalCard";
import { CitationList } from "./CitationList";
import { CopyButton } from "./CopyButton";
import { Icon } from "./Icon";

interface Props {
  turn: Turn;
  /** Its run as it stands, where that is among the latest. */
  run: Run | null;
  onAnswered: () => void;
  /** The number of this answer's citation that is open in the viewer. */
  opened: number | null;
  onCitation: (citation: Citation) => void;
  onExplain: (run: string) => void;
  onAgain: () => void;
}

export function TurnView({ turn, run, onAnswered, opened, onCitation, onExplain, onAgain }: Props) {
  const ended = turn.status === "done" || turn.status === "stopped" || turn.status === "failed";
  return (
    <article className={`turn turn-${turn.status}`} aria-busy={!ended}>
      <h2 className="question" dir="auto">
        {turn.question}
      </h2>
      {turn.status === "waiting" && (run?.pending.length ?? 0) === 0 && (
        <p className="waiting">Looking through your sources</p>
      )}
      {turn.abstained ? (
        <Abstention text={turn.answer} />
      ) : (
        <AnswerText text={turn.answer} citations={turn.citations} opened={opened} onCitation={onCitation} />
      )}
      {!ended && run !== null && run.pending.map((pending) => (
        <ApprovalCard key={pending.node} run={run} pending={pending} onAnswered={onAnswered} />
      ))}
      {turn.status === "paused" && (run?.pending.length ?? 0) === 0 && <p className="waiting">Going on</p>}
      {turn.status === "stopped" && <p className="hint">Stopped before the answer was complete.</p>}
      {turn.status === "failed" && (
        <div className="notice notice-bad" role="alert">
          <Icon name="warning" />
          <span dir="auto">{turn.error}</span>
        </div>
      )}
      {turn.citations.length > 0 && (
        <CitationList citations={turn.citations} opened={opened} onCitation={onCitation} />
      )}
      {ended && <TurnFooter turn={turn} onExplain={onExplain} onAgain={onAgain} />}
    </article>
  );
}

function Abstention({ text }: { text: string }) {
  return (
    <div className="abstained">
      <p className="abstained-title">Your sources don’t say.</p>
      {text !== "" && <p dir="auto">{text}</p>}
      <p className="hint">Ask in other words, or add a document that covers it.</p>
    </div>
  );
}

function TurnFooter({ turn, onExplain, onAgain }: Pick<Props, "turn" | "onExplain" | "onAgain">) {
  const { run } = turn;
  const facts = [turn.model, turn.seconds === null ? null : seconds(turn.seconds)].filter(Boolean).join(" · ");
  return (
    <footer className="turn-foot">
      {facts !== "" && <span className="turn-facts">{facts}</span>}
      {run !== null && (
        <button type="button" className="quiet-button" onClick={() => onExplain(run)}>
          How was this answered?
        </button>
      )}
      {run !== null && (
        <a className="quiet-button" href={runsHash(run)}>
          See the run
        </a>
      )}
      {turn.status === "done" && !turn.abstained && (
        <CopyButton label="Copy" icon="copy" text={() => turn.answer} />
      )}
      {(turn.status === "failed" || turn.status === "stopped") && (
        <button type="button" className="quiet-button" onClick={onAgain}>
          Ask again
        </button>
      )}
    </footer>
  );
}
