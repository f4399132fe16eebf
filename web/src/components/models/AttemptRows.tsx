import type { Entry } from "../../api/gateway";
import type { Json } from "../../api/types";
import { money, prettyJson, seconds } from "../../text/format";
import { attemptBars, type AttemptBar } from "../../text/requestStory";

/** The attempts as bars over time, each with its entry in the ledger. */
export function AttemptRows({ attempts }: { attempts: Entry[] }) {
  return (
    <section className="tree" aria-label="Attempts">
      <h3>Attempts</h3>
      <ol>
        {attemptBars(attempts).map((bar) => (
          <AttemptRow key={bar.entry.attempt} bar={bar} open={attempts.length === 1} />
        ))}
      </ol>
    </section>
  );
}

function AttemptRow({ bar, open }: { bar: AttemptBar; open: boolean }) {
  const { entry, left, waited, streamed } = bar;
  const share = (value: number) => `${value * 100}%`;
  return (
    <li className={`row row-${entry.status}`}>
      <details open={open}>
        <summary>
          <span className="row-name">
            <bdi>{entry.used || entry.model}</bdi>
          </span>
          <span className="track" aria-hidden="true">
            <span className="bar bar-waited" style={{ left: share(left), width: share(waited) }} />
            <span className="bar" style={{ left: share(left + waited), width: share(streamed) }} />
          </span>
          <span className="row-took">{seconds(entry.seconds)}</span>
        </summary>
        <div className="row-details">
          <dl>
            {facts(entry).map(
              ([name, text]) =>
                text !== null && (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd dir="auto">{text}</dd>
                  </div>
                ),
            )}
          </dl>
          <details className="ledger-entry">
            <summary>As it stands in the ledger</summary>
            <pre className="plan value" tabIndex={0} aria-label={`Ledger entry of attempt ${entry.attempt}`}>
              {prettyJson(entry as unknown as Json)}
            </pre>
          </details>
        </div>
      </details>
    </li>
  );
}

function facts(entry: Entry): [string, string | null][] {
  const said = (text: string) => (text === "" ? null : text);
  return [
    ["Status", entry.http > 0 ? `${entry.status}, HTTP ${entry.http}` : entry.status],
    ["Error", said(entry.error)],
    ["Provider", said(entry.provider)],
    ["First byte", entry.first === null ? null : seconds(entry.first)],
    ["Tokens", tokens(entry)],
    ["Cost", cost(entry)],
    ["Dialect", said([entry.endpoint, entry.dialect, entry.stream ? "streamed" : ""].filter(Boolean).join(" · "))],
    ["Team", said(entry.team)],
    ["User", said(entry.user)],
    ["Upstream id", said(entry.upstream_id)],
    ["Trace", said(entry.trace_id)],
  ];
}

function tokens(entry: Entry): string | null {
  const counts: [number, string][] = [
    [entry.input_tokens, "in"],
    [entry.cached_tokens, "of it cached"],
    [entry.cache_write_tokens, "written to the cache"],
    [entry.output_tokens, "out"],
    [entry.reasoning_tokens, "of it reasoning"],
    [entry.audio_input_tokens + entry.audio_output_tokens, "audio"],
  ];
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count.toLocaleString("en")} ${what}`);
  return told.length === 0 ? null : told.join(", ");
}

function cost({ cost_usd, bound_usd, estimated, corrected }: Entry): string {
  if (cost_usd === null) return "no known price";
  const about = [
    estimated ? "estimated" : null,
    bound_usd === null ? null : `at most ${money(bound_usd)} was set aside`,
    corrected === null ? null : `corrected by ${corrected}`,
  ].filter(Boolean);
  return about.length === 0 ? money(cost_usd) : `${money(cost_usd)} (${about.join("; ")})`;
}
