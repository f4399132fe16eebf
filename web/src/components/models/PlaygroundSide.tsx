import type { Asking } from "../../state/useSide";
import { money, plural, seconds } from "../../text/format";
import { isWriting, type Side } from "../../text/playground";
import { requestAddress, runsHash } from "../../text/route";
import { AnswerText } from "../AnswerText";
import { IconButton } from "../IconButton";
import { ViewLink } from "../ViewLink";

interface Props {
  label: string;
  names: string[];
  model: string;
  onModel: (name: string) => void;
  asking: Asking;
}

/** One model's answer with what it took. */
export function PlaygroundSide({ label, names, model, onModel, asking }: Props) {
  const { side, stop } = asking;
  return (
    <section className="side" aria-label={label} aria-busy={isWriting(side)}>
      <header className="side-head">
        <select className="choice" aria-label={label} value={model} onChange={(event) => onModel(event.target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        {isWriting(side) && <IconButton icon="stop" label={`Stop the ${label.toLowerCase()}`} onClick={stop} />}
      </header>
      {side.status !== "idle" && <Facts side={side} />}
      {side.status === "waiting" && <p className="waiting">Waiting…</p>}
      {side.thoughts !== "" && (
        <details className="thoughts">
          <summary>Thoughts</summary>
          <p dir="auto">{side.thoughts}</p>
        </details>
      )}
      {side.text !== "" && <AnswerText text={side.text} citations={[]} opened={null} onCitation={() => undefined} />}
      {side.error !== null && (
        <p role="alert" className="bad" dir="auto">
          {side.error}
        </p>
      )}
      <p className="sr-only" role="status">
        {said(side)}
      </p>
    </section>
  );
}

function Facts({ side }: { side: Side }) {
  const { first, input, output, cost, used, model, cached } = side;
  const facts: [string, string | null][] = [
    ["First token", first === null ? null : seconds(first)],
    ["In all", side.seconds === null ? null : seconds(side.seconds)],
    ["Tokens", input === null || output === null ? null : `${plural(input, "token")} in, ${output.toLocaleString("en")} out`],
    ["Cost", cost === null ? null : money(cost)],
    ["Answered by", used === null ? null : `${used}${used === model ? "" : `, not ${model}`}${cached ? ", kept from before" : ""}`],
  ];
  return (
    <dl className="facts side-facts">
      {facts.map(
        ([name, text]) =>
          text !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="auto">{text}</dd>
            </div>
          ),
      )}
      <StoryLink side={side} />
    </dl>
  );
}

function StoryLink({ side: { request, run, status } }: { side: Side }) {
  if (status === "waiting" || status === "streaming" || (request === null && run === null)) return null;
  const address = run === null ? requestAddress(request ?? "") : `/${runsHash(run)}`;
  return (
    <div>
      <dt>Story</dt>
      <dd>
        <ViewLink href={address}>{run ?? request}</ViewLink>
      </dd>
    </div>
  );
}

/** What a screen reader says of an answer: a few words, never every token. */
function said({ status, model }: Side): string {
  switch (status) {
    case "idle":
      return "";
    case "waiting":
    case "streaming":
      return `${model} answers`;
    case "done":
      return `${model} has answered`;
    case "stopped":
      return `${model} was stopped`;
    case "failed":
      return `${model} failed`;
  }
}
