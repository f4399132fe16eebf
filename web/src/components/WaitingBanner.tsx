import type { Run } from "../api/types";
import { plural } from "../text/format";
import { runsHash } from "../text/route";
import { titleOf, unanswered } from "../text/story";
import { Icon } from "./Icon";

/** Says above the conversation that runs wait for a person, those aside that show in it. */
export function WaitingBanner({ runs, shown }: { runs: Run[]; shown: ReadonlySet<string> }) {
  const waiting = runs.filter((run) => !shown.has(run.id) && unanswered(run).length > 0);
  const [first] = waiting;
  if (first === undefined) return null;
  const one = waiting.length === 1;
  return (
    <a className="waiting-banner" href={runsHash(one ? first.id : null)}>
      <Icon name="person" />
      <span>
        <b>{one ? "A run waits for you" : `${plural(waiting.length, "run")} wait for you`}</b>
        {one && <span dir="auto"> · {titleOf(first)}</span>}
      </span>
      <Icon name="later" />
    </a>
  );
}
