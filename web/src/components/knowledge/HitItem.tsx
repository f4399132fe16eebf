import type { Explanation, Hit } from "../../api/knowledge";
import { plural } from "../../text/format";
import { SpotLink } from "./SpotLink";

const MEANING: Record<string, string> = {
  lexical: "words (BM25)",
  dense: "meaning (cosine)",
  graph: "links (PageRank)",
};

interface Props {
  system: string;
  hit: Hit;
  /** The first hit's score: bars are in proportion to it. */
  best: number;
}

/** A passage, where it stands, and why it was found. */
export function HitItem({ system, hit, best }: Props) {
  const { source, version, page, start, end } = hit;
  return (
    <li className="hit">
      <header>
        <SpotLink system={system} spot={{ source, version, page, start, end, excerpt: "" }} quiet />
        <span className="hint" dir="auto">
          {hit.context}
        </span>
        <meter className="hit-score" min={0} max={best || 1} value={hit.score} aria-label="Score">
          {hit.score.toFixed(3)}
        </meter>
      </header>
      <p className="hit-text" dir="auto">
        {hit.text}
      </p>
      <Why explanation={hit.explanation} />
    </li>
  );
}

function Why({ explanation: { signals, path, rows, kind, by, at, origin } }: { explanation: Explanation }) {
  const from = [by, at?.slice(0, 10), origin].filter(Boolean).join(", ");
  return (
    <details className="why">
      <summary>
        Why: {signals.map(({ name }) => MEANING[name] ?? name).join(", ") || "its place"}
        {path.length > 0 && `, ${plural(path.length, "step")} through the graph`}
      </summary>
      <dl>
        {signals.map(({ name, value, rank, share }) => (
          <div key={name}>
            <dt>{MEANING[name] ?? name}</dt>
            <dd>
              {value.toFixed(3)}, rank {rank}, {Math.round(share * 100)}% of the score
            </dd>
          </div>
        ))}
        {path.length > 0 && (
          <div>
            <dt>Path</dt>
            <dd dir="auto">
              {path.map(([from, relation, to]) => `${from} —${relation}→ ${to}`).join("; ")}
            </dd>
          </div>
        )}
        {rows.length > 0 && (
          <div>
            <dt>Rows</dt>
            <dd dir="auto">{rows.map(([table, number]) => `${table}:${number}`).join(", ")}</dd>
          </div>
        )}
        <div>
          <dt>Origin</dt>
          <dd dir="auto">
            {kind}
            {from !== "" && `, from ${from}`}
          </dd>
        </div>
      </dl>
    </details>
  );
}
