import { useEffect, useRef, useState } from "react";
import { apiKey, cancelRun, getWaterfall, resumeRun, waterfallAddress } from "../api/client";
import { messageOf } from "../api/errors";
import type { Citation, RunRecord } from "../api/types";
import { useRun } from "../state/useRun";
import { money, plural, prettyJson, seconds } from "../text/format";
import { placeToHash } from "../text/link";
import { runsHash } from "../text/route";
import { stateOf, titleOf, unanswered } from "../text/story";
import { AnswerText } from "./AnswerText";
import { ApprovalCard } from "./ApprovalCard";
import { CopyButton } from "./CopyButton";
import { Icon } from "./Icon";
import { RunTree } from "./RunTree";
import { RunChip } from "./StatusChip";

interface Props {
  run: string;
  onChange: () => void;
  onError: (error: unknown) => void;
}

/** One run: what it waits for, what it gave, and what happened when. */
export function RunStory({ run, onChange, onError }: Props) {
  const { record, error, refresh } = useRun(run, onError);
  const heading = useRef<HTMLHeadingElement>(null);
  const loaded = record !== null;

  // Whoever opened it reads on here; on a narrow screen the list is hidden now.
  useEffect(() => {
    if (loaded) heading.current?.focus({ preventScroll: true });
  }, [loaded]);

  const changed = () => {
    refresh();
    onChange();
  };

  return (
    <article className="panel run-story" aria-label="Run" aria-busy={!loaded && error === null}>
      <a className="quiet-button back" href={runsHash()}>
        <Icon name="earlier" />
        All runs
      </a>
      {error !== null && (
        <p role="alert" className="bad">
          {error}
        </p>
      )}
      {!loaded && error === null && <p className="hint">Loading…</p>}
      {loaded && (
        <>
          <header className="story-head">
            <h2 ref={heading} tabIndex={-1} dir="auto">
              {titleOf(record)}
            </h2>
            <Facts record={record} />
            <Actions record={record} onChange={changed} />
          </header>
          {record.pending.map((pending) => (
            <ApprovalCard key={pending.node} run={record} pending={pending} onAnswered={changed} />
          ))}
          {record.error !== null && (
            <div className="notice notice-bad">
              <Icon name="warning" />
              <span dir="auto">{record.error}</span>
            </div>
          )}
          <Outcome record={record} />
          <RunTree record={record} />
        </>
      )}
    </article>
  );
}

function Facts({ record }: { record: RunRecord }) {
  const cost = record.spans.reduce((sum, span) => sum + span.cost_usd, 0);
  const tokens = record.spans.reduce((sum, span) => sum + span.input_tokens + span.output_tokens, 0);
  const facts = [
    new Date(record.started).toLocaleString(),
    record.seconds === null ? null : seconds(record.seconds),
    record.model,
    tokens > 0 ? plural(tokens, "token") : null,
    cost > 0 ? money(cost) : null,
    plural(record.spans.length, "node"),
  ];
  return (
    <p className="run-facts">
      <RunChip run={record} />
      <span>{facts.filter(Boolean).join(" · ")}</span>
      <code>{record.id}</code>
      <CopyButton label="Copy the run's id" icon="copy" text={() => record.id} />
    </p>
  );
}

function Actions({ record, onChange }: { record: RunRecord; onChange: () => void }) {
  const [error, setError] = useState<string | null>(null);
  const state = stateOf(record);
  const open = state === "running" || state === "paused" || state === "interrupted";
  const halted = state === "paused" && unanswered(record).length === 0 && !record.active;
  const resumable = record.kind === "system" && (halted || state === "failed" || state === "interrupted");

  const act = (work: () => Promise<unknown>) => () => {
    setError(null);
    work().then(onChange, (failure: unknown) => setError(messageOf(failure)));
  };
  const stop = async () => {
    if (confirm("Cancel this run for good?")) await cancelRun(record.id);
  };
  return (
    <div className="story-actions">
      <Waterfall run={record.id} onError={(failure) => setError(messageOf(failure))} />
      {resumable && (
        <button type="button" className="plain-button" onClick={act(() => resumeRun(record.id))}>
          <Icon name="play" />
          Resume
        </button>
      )}
      {open && (
        <button type="button" className="plain-button danger" onClick={act(stop)}>
          <Icon name="stop" />
          Cancel the run
        </button>
      )}
      {error !== null && (
        <span role="alert" className="bad">
          {error}
        </span>
      )}
    </div>
  );
}

/** The run as a page of its own; where a key must travel with the request, as a file. */
function Waterfall({ run, onError }: { run: string; onError: (error: unknown) => void }) {
  const label = (
    <>
      <Icon name="bars" />
      Waterfall
    </>
  );
  if (apiKey.get() === null) {
    return (
      <a className="plain-button" href={waterfallAddress(run)} target="_blank" rel="noreferrer">
        {label}
      </a>
    );
  }
  const download = async () => {
    const address = URL.createObjectURL(await getWaterfall(run));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${run}.html`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <button type="button" className="plain-button" onClick={() => void download().catch(onError)}>
      {label}
    </button>
  );
}

/** What a run gave: an answer with its citations, or a plan's value. */
function Outcome({ record }: { record: RunRecord }) {
  if (record.status !== "done") return null;
  if (record.kind === "plan") {
    return (
      <pre className="plan value" tabIndex={0} aria-label="Value">
        {prettyJson(record.value)}
      </pre>
    );
  }
  if (record.answer === null || record.marked === null) return null;
  const open = ({ source, version, page, start, end }: Citation) => {
    location.hash = placeToHash({ system: record.system, source, version, page, range: { start, end } });
  };
  return (
    <section className="story-answer" aria-label="Answer">
      <AnswerText text={record.marked} citations={record.answer.citations} opened={null} onCitation={open} />
    </section>
  );
}
