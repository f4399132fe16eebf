import { useEffect, useState } from "react";
import { getRuns } from "../api/client";
import { messageOf } from "../api/errors";
import type { Run } from "../api/types";
import { seconds } from "../text/format";
import { Modal } from "./Modal";

interface Props {
  system: string;
  onRun: (run: string) => void;
  onClose: () => void;
}

const LIMIT = 50;

/** What was asked lately, here or through any other door. */
export function RunsDialog({ system, onRun, onClose }: Props) {
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    getRuns(system, LIMIT).then(setRuns, (failure: unknown) => setError(messageOf(failure)));
  }, [system]);

  return (
    <Modal title="Recent runs" onClose={onClose} wide>
      {error !== null && <p role="alert" className="bad">{error}</p>}
      {runs === null && error === null && <p className="hint">Loading…</p>}
      {runs?.length === 0 && <p className="hint">No question has been asked yet.</p>}
      <ul className="runs">
        {runs?.map((run) => (
          <li key={run.id}>
            <button type="button" onClick={() => onRun(run.id)}>
              <span className="run-question" dir="auto">
                {run.question}
              </span>
              <span className="turn-facts">{runFacts(run)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function runFacts(run: Run): string {
  const started = new Date(run.started).toLocaleString();
  const outcome = run.abstained ? "sources don’t say" : run.status;
  const took = run.seconds === null ? null : seconds(run.seconds);
  return [started, outcome, run.model, took].filter(Boolean).join(" · ");
}
