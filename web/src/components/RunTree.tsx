import { useMemo } from "react";
import type { RunRecord, Span } from "../api/types";
import { money, plural, prettyJson, seconds } from "../text/format";
import { rowsOf, timeline, type Bar, type Row } from "../text/story";
import { StatusChip } from "./StatusChip";

/** Rows beyond which the waterfall is the better view. */
const MOST = 300;
const LONGEST = 10_000;

/** A run's nodes as a tree, with bars over time; each opens to show what it did. */
export function RunTree({ record }: { record: RunRecord }) {
  const rows = useMemo(() => rowsOf(record), [record]);
  const place = useMemo(() => timeline(record.spans, record.active ? Date.now() / 1000 : 0), [record]);
  if (rows.length === 0) return <p className="hint">No node has begun yet.</p>;
  return (
    <section className="tree" aria-label="What happened">
      <h3>What happened</h3>
      <ol>
        {rows.slice(0, MOST).map((row) => (
          <TreeRow key={row.id} row={row} bar={row.span === null ? null : place(row.span)} />
        ))}
      </ol>
      {rows.length > MOST && (
        <p className="hint">{plural(rows.length - MOST, "more node")}: the waterfall shows them all.</p>
      )}
      {record.plan.warnings.map((warning) => (
        <p key={warning} className="hint">
          Warning: {warning}
        </p>
      ))}
    </section>
  );
}

const PAD = 0.9;

function TreeRow({ row, bar }: { row: Row; bar: Bar | null }) {
  const { span, planned } = row;
  const state = span?.status ?? "unrun";
  const took = span === null ? "did not run" : span.seconds === null ? span.status : seconds(span.seconds);
  return (
    <li className={`row row-${state}${row.critical ? " row-critical" : ""}`}>
      <details>
        <summary>
          <span className="row-name" style={{ paddingInlineStart: `${Math.min(row.level, 12) * PAD}rem` }}>
            {row.critical && <span title="on the critical path">★ </span>}
            <bdi>{row.name}</bdi>
          </span>
          <span className="track" aria-hidden="true">
            {bar !== null && (
              <span className="bar" style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }} />
            )}
          </span>
          <span className="row-took">{took}</span>
        </summary>
        {span === null ? (
          <p className="hint">
            {planned?.operator} {planned?.choice}
          </p>
        ) : (
          <Details span={span} />
        )}
      </details>
    </li>
  );
}

function Details({ span }: { span: Span }) {
  const tokens = span.input_tokens + span.output_tokens;
  const facts: [string, string | null][] = [
    ["Operator", span.choice === "" ? span.operator : `${span.operator} · ${span.choice}`],
    ["Effect", span.effect],
    ["Began", new Date(span.started).toLocaleString()],
    ["Attempts", span.attempts > 1 ? String(span.attempts) : null],
    ["Tokens", tokens > 0 ? `${span.input_tokens} in, ${span.output_tokens} out` : null],
    ["Cost", span.cost_usd > 0 ? money(span.cost_usd) : null],
    ["Rows", span.rows === null ? null : String(span.rows)],
    ["Waited for", span.needs.length > 0 ? span.needs.join(", ") : null],
    ["Note", span.note === "" ? null : span.note],
    ["Error", span.error],
  ];
  const value = span.value === null ? null : prettyJson(span.value);
  return (
    <div className="row-details">
      <StatusChip state={span.status} />
      <dl>
        {facts.map(
          ([name, text]) =>
            text !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd dir="auto">{text}</dd>
              </div>
            ),
        )}
      </dl>
      {value !== null && (
        <pre className="plan value" tabIndex={0} aria-label={`Value of ${span.node}`}>
          {value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value}
        </pre>
      )}
    </div>
  );
}
