import { useId, useState, type FormEvent, type KeyboardEvent } from "react";
import type { Overview } from "../../api/gateway";
import { useSide } from "../../state/useSide";
import { isWriting } from "../../text/playground";
import { Icon } from "../Icon";
import { PlaygroundSide } from "./PlaygroundSide";

interface Props {
  /** Null until it is known what is served. */
  overview: Overview | null;
  hidden: boolean;
  onError: (error: unknown) => void;
}

/** One prompt, two models or systems: both answer at once, side by side. */
export function Playground({ overview, hidden, onError }: Props) {
  const [prompt, setPrompt] = useState("");
  const [chosen, setChosen] = useState<[string | null, string | null]>([null, null]);
  const [left, right] = [useSide(onError), useSide(onError)];
  const field = useId();
  const names = [...(overview?.systems ?? []), ...(overview?.names ?? [])];
  const models: [string, string] = [chosen[0] ?? names[0] ?? "", chosen[1] ?? names[1] ?? names[0] ?? ""];
  const writing = isWriting(left.side) || isWriting(right.side);
  const ready = prompt.trim() !== "" && names.length > 0;

  const ask = () => {
    if (!ready) return;
    left.ask(models[0], prompt);
    right.ask(models[1], prompt);
  };
  const stop = () => {
    left.stop();
    right.stop();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask();
  };

  return (
    <section className="panel playground" aria-label="Playground" hidden={hidden}>
      <header className="traffic-head">
        <h1>Playground</h1>
      </header>
      <form className="prompt" onSubmit={submit}>
        <label htmlFor={field}>Prompt</label>
        <textarea
          id={field}
          dir="auto"
          rows={3}
          value={prompt}
          placeholder="Ask both…"
          onChange={(event) => setPrompt(event.target.value)}
          onKeyDown={press}
        />
        <div className="prompt-foot">
          <button type="submit" className="main-button" aria-disabled={!ready}>
            <Icon name="play" />
            Ask both
          </button>
          {writing && (
            <button type="button" className="plain-button" onClick={stop}>
              <Icon name="stop" />
              Stop
            </button>
          )}
        </div>
      </form>
      <div className="sides">
        <PlaygroundSide
          label="First model"
          names={names}
          model={models[0]}
          onModel={(name) => setChosen([name, chosen[1]])}
          asking={left}
        />
        <PlaygroundSide
          label="Second model"
          names={names}
          model={models[1]}
          onModel={(name) => setChosen([chosen[0], name])}
          asking={right}
        />
      </div>
    </section>
  );
}
