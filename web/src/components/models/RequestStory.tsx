import { useEffect, useRef, useState } from "react";
import { getAttempts, type Entry } from "../../api/gateway";
import { isAbort, messageOf } from "../../api/errors";
import { money, plural, seconds } from "../../text/format";
import { storyOf, type Reason } from "../../text/requestStory";
import { totalCost } from "../../text/traffic";
import { CopyButton } from "../CopyButton";
import { IconButton } from "../IconButton";
import { StatusChip } from "../StatusChip";
import { AttemptRows } from "./AttemptRows";

interface Props {
  id: string;
  /** Names of keys by their ids. */
  names: ReadonlyMap<string, string>;
  onClose: () => void;
  onError: (error: unknown) => void;
}

/** One request: its attempts, why they went where they went, what was lost, what it cost. */
export function RequestStory({ id, names, onClose, onError }: Props) {
  const { attempts, error } = useAttempts(id, onError);
  const heading = useRef<HTMLHeadingElement>(null);
  const loaded = attempts !== null;

  // Whoever opened it reads on here; on a narrow screen the list is hidden now.
  useEffect(() => {
    if (loaded) heading.current?.focus({ preventScroll: true });
  }, [loaded]);

  return (
    <article className="panel request-story" aria-label="Request" aria-busy={!loaded && error === null}>
      <header className="request-head">
        <h2 ref={heading} tabIndex={-1} dir="auto">
          {attempts?.[0]?.model ?? "Request"}
        </h2>
        <IconButton icon="close" label="Close the story" onClick={onClose} />
      </header>
      {error !== null && (
        <p role="alert" className="bad">
          {error}
        </p>
      )}
      {!loaded && error === null && <p className="hint">Loading…</p>}
      {loaded && <Told id={id} attempts={attempts} names={names} />}
    </article>
  );
}

function useAttempts(id: string, onError: (error: unknown) => void) {
  const [attempts, setAttempts] = useState<Entry[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    getAttempts(id, abort.signal).then(setAttempts, (failure: unknown) => {
      if (isAbort(failure)) return;
      setError(messageOf(failure));
      onError(failure);
    });
    return () => abort.abort();
  }, [id, onError]);
  return { attempts, error };
}

function Told({ id, attempts, names }: { id: string; attempts: Entry[]; names: ReadonlyMap<string, string> }) {
  const story = storyOf(attempts);
  const last = attempts.at(-1);
  if (last === undefined) return null;
  const cost = totalCost(attempts);
  const facts = [
    new Date(last.started).toLocaleString(),
    seconds(last.seconds),
    cost === null ? "no known price" : money(cost),
    plural(attempts.length, "attempt"),
    names.get(last.tenant) ?? last.tenant,
  ];
  return (
    <>
      <p className="run-facts">
        <StatusChip state={last.status} />
        <span>{facts.join(" · ")}</span>
      </p>
      <p className="run-facts">
        <code>{id}</code>
        <CopyButton label="Copy the request's id" icon="copy" text={() => id} />
      </p>
      <AttemptRows attempts={attempts} />
      <Why goal={story.goal} ranked={story.ranked} excluded={story.excluded} asked={last.model} />
      <Reasons title="What the request is" reasons={story.signals} />
      <Reasons title="What was tried before" reasons={story.tries} />
      <Lost texts={story.lost} />
      <Reasons title="Guards" reasons={story.guards} none="No guard found anything." />
      <Reasons title="More" reasons={story.more} />
    </>
  );
}

interface WhyProps {
  goal: string | null;
  ranked: Reason[];
  excluded: Reason[];
  asked: string;
}

function Why({ goal, ranked, excluded, asked }: WhyProps) {
  return (
    <section className="told">
      <h3>Why this model</h3>
      {goal === null ? (
        <p dir="auto">
          <bdi>{asked}</bdi> was asked for by its name.
        </p>
      ) : (
        <p>The router chose, for the goal “{goal}”. In the order in which they are asked:</p>
      )}
      {ranked.length > 0 && (
        <ol className="ranked">
          {ranked.map(({ name, why }) => (
            <li key={name}>
              <b>{name}</b> <span className="hint">{why}</span>
            </li>
          ))}
        </ol>
      )}
      {excluded.map(({ name, why }) => (
        <p key={name} className="hint">
          Not <b>{name}</b>: {why}
        </p>
      ))}
    </section>
  );
}

/** Named reasons; without any, `none` is said, or nothing. */
function Reasons({ title, reasons, none }: { title: string; reasons: Reason[]; none?: string }) {
  if (reasons.length === 0 && none === undefined) return null;
  return (
    <section className="told">
      <h3>{title}</h3>
      {reasons.length === 0 && <p className="hint">{none}</p>}
      <dl className="facts">
        {reasons.map(({ name, why }, at) => (
          <div key={at}>
            <dt>{name}</dt>
            <dd dir="auto">{why}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Lost({ texts }: { texts: string[] }) {
  return (
    <section className="told">
      <h3>Lost in translation</h3>
      {texts.length === 0 && <p className="hint">Nothing was lost between the dialects.</p>}
      <ul className="texts">
        {texts.map((text) => (
          <li key={text}>
            <code>{text}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
