import type { Run } from "../api/types";
import { seconds } from "../text/format";
import { runsHash } from "../text/route";
import { titleOf, unanswered } from "../text/story";
import { Icon } from "./Icon";
import { RunChip } from "./StatusChip";

/** Runs as links to their stories. */
export function RunItems({ runs, opened }: { runs: Run[]; opened: string | null }) {
  return (
    <ul className="run-items">
      {runs.map((run) => (
        <li key={run.id}>
          <a className="run-item" href={runsHash(run.id)} aria-current={run.id === opened ? "true" : undefined}>
            <span className="run-question" dir="auto">
              {titleOf(run)}
            </span>
            <span className="run-facts">
              <RunChip run={run} />
              <span>{facts(run)}</span>
            </span>
            {unanswered(run).map(({ node, message }) => (
              <span key={node} className="run-asks" dir="auto">
                <Icon name="person" />
                {message}
              </span>
            ))}
          </a>
        </li>
      ))}
    </ul>
  );
}

function facts(run: Run): string {
  const started = new Date(run.started).toLocaleString();
  const took = run.seconds === null ? null : seconds(run.seconds);
  const outcome = run.abstained ? "sources don’t say" : null;
  return [started, outcome, run.model, took].filter(Boolean).join(" · ");
}
