import type { Run } from "../api/types";
import { stateOf } from "../text/story";

/** A run's or node's state, in a word and a colour. */
export function StatusChip({ state }: { state: string }) {
  return <span className={`chip chip-${state}`}>{state}</span>;
}

export function RunChip({ run }: { run: Run }) {
  return <StatusChip state={stateOf(run)} />;
}
