import type { Health, ServedModel } from "../../api/gateway";
import { money, plural, seconds } from "../../text/format";
import { healthOf } from "../../text/health";

/** The models that are served: what they cost, what they take, and how they are. */
export function ModelList({ models }: { models: ServedModel[] | null }) {
  return (
    <section className="panel model-list" aria-label="Health of models" tabIndex={0}>
      <header className="traffic-head">
        <h1>Health</h1>
        <p className="hint">As this process of the server measured it since it began.</p>
      </header>
      {models === null && <p className="hint">Loading…</p>}
      {models?.length === 0 && (
        <div className="empty">
          <p>No models are served.</p>
          <p className="hint">
            Name some in motet.yaml, or start <code>motet gateway --model openai/gpt-5-mini</code>.
          </p>
        </div>
      )}
      <ul className="model-cards">
        {models?.map((model) => (
          <li key={model.name}>
            <ModelCard model={model} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ModelCard({ model }: { model: ServedModel }) {
  const { health, price } = model;
  const { state, text } = healthOf(health);
  const facts: [string, string | null][] = [
    ["Price", price === null ? "unknown" : priceText(price)],
    ["Context", model.context === null ? null : plural(model.context, "token")],
    ["First token", times(health?.first)],
    ["Whole answer", times(health?.seconds)],
    ["Speed", health?.tokens_per_second ? `${Math.round(health.tokens_per_second)} tokens/s` : null],
    ["Answers", health === null ? null : answers(health)],
  ];
  return (
    <article className="model-card">
      <header>
        <h2 dir="auto">{model.name}</h2>
        <span className={`chip chip-${state}`}>{text}</span>
      </header>
      <p className="hint">
        {model.provider}/{model.model}
        {model.local && " · on this machine"}
      </p>
      <dl className="facts">
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {health?.last_error && state !== "done" && (
        <p className="bad" dir="auto">
          {health.last_error}
        </p>
      )}
    </article>
  );
}

function priceText({ input, output, call }: { input: number; output: number; call: number }): string {
  if (input === 0 && output === 0 && call === 0) return "free";
  const perCall = call > 0 ? `, ${money(call)} a call` : "";
  return `${money(input)} in, ${money(output)} out per million tokens${perCall}`;
}

function times(found: Health["first"] | undefined): string | null {
  if (found === undefined || found.mean === null) return null;
  const late = found.p95 === null ? "" : `, ${seconds(found.p95)} at the 95th percentile`;
  return `${seconds(found.mean)} on average${late}`;
}

function answers({ answers: count, failures }: Health): string {
  const failed = Object.entries(failures).map(([kind, times]) => `${times} ${kind}`);
  return [plural(count, "answer"), ...failed].join(", ");
}
