import { useState } from "react";
import type { Run } from "../api/types";
import { useEscape } from "../state/useEscape";
import type { RunList as Followed } from "../state/useRuns";
import { runsHash } from "../text/route";
import { isOpen, unanswered } from "../text/story";
import { RunItems } from "./RunItems";
import { RunStory } from "./RunStory";

interface Props {
  list: Followed;
  run: string | null;
  onError: (error: unknown) => void;
}

const FILTERS: Record<string, (run: Run) => boolean> = {
  All: () => true,
  Waiting: (run) => unanswered(run).length > 0,
  Open: isOpen,
  Failed: (run) => run.status === "failed",
};

/** What ran, what runs and what waits: a list, and the story of the run that is open. */
export function RunsView({ list, run, onError }: Props) {
  const [filter, setFilter] = useState("All");
  const { runs, error } = list;
  const chosen = runs?.filter(FILTERS[filter] ?? isOpen) ?? null;
  // The focus goes back to the run's item in the list.
  useEscape(run !== null, () => {
    location.hash = runsHash();
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`a.run-item[href="${runsHash(run)}"]`)?.focus();
    });
  });

  return (
    <main className="runs-view" data-open={run === null ? "list" : "story"} aria-label="Runs">
      <section className="panel run-list" aria-label="Latest runs" tabIndex={-1} id="runs">
        <header className="run-list-head">
          <h1>Runs</h1>
          <div className="switch" role="group" aria-label="Show">
            {Object.keys(FILTERS).map((name) => (
              <button key={name} type="button" aria-pressed={name === filter} onClick={() => setFilter(name)}>
                {name}
              </button>
            ))}
          </div>
        </header>
        {error !== null && (
          <p role="alert" className="bad">
            {error}
          </p>
        )}
        {runs === null && error === null && <p className="hint">Loading…</p>}
        {chosen?.length === 0 && <p className="hint">{EMPTY[filter]}</p>}
        {chosen !== null && <RunItems runs={chosen} opened={run} />}
      </section>
      {run === null ? (
        <div className="panel run-none">
          <p className="hint">Choose a run to see its story.</p>
        </div>
      ) : (
        <RunStory key={run} run={run} onChange={list.refresh} onError={onError} />
      )}
    </main>
  );
}

const EMPTY: Record<string, string> = {
  All: "Nothing has run yet. Ask a question, or run a plan.",
  Waiting: "Nothing waits for you.",
  Open: "Nothing runs or waits.",
  Failed: "Nothing has failed.",
};
