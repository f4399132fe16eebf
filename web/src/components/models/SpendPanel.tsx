import { useCallback, useState } from "react";
import { getKeys, getSpend, getTeams, type By } from "../../api/gateway";
import { useLoaded } from "../../state/useLoaded";
import { beginOf, SPANS } from "../../text/spending";
import { KeyList } from "./KeyList";
import { SpendTable } from "./SpendTable";
import { Switch } from "./Switch";

interface Props {
  /** Whether keys were ever made here, so that whoever asks needs one. */
  keysNeeded: boolean;
  onError: (error: unknown) => void;
}

const BYS: readonly By[] = ["key", "team", "model", "day"];
const EVERY_MS = 4000;

/** What was spent, and the keys and teams that may spend. */
export function SpendPanel({ keysNeeded, onError }: Props) {
  const [by, setBy] = useState<By>("key");
  const [span, setSpan] = useState("30 days");
  const spend = useLoaded(
    useCallback(() => getSpend(by, beginOf(span, Date.now())), [by, span]),
    onError,
    EVERY_MS,
  );
  const keys = useLoaded(getKeys, onError, EVERY_MS);
  const teams = useLoaded(getTeams, onError, EVERY_MS);
  const error = spend.error ?? keys.error ?? teams.error;
  const changed = () => {
    keys.reload();
    teams.reload();
  };

  return (
    <div className="spend">
      <section className="panel" aria-label="Spend">
        <header className="traffic-head">
          <h1>Spend</h1>
          <Switch label="By" options={BYS} value={by} onChange={setBy} />
          <Switch label="Since" options={Object.keys(SPANS)} value={span} onChange={setSpan} />
        </header>
        {error !== null && (
          <p role="alert" className="bad">
            {error}
          </p>
        )}
        {spend.value === null ? (
          error === null && <p className="hint">Loading…</p>
        ) : (
          <SpendTable spend={spend.value} />
        )}
      </section>
      <KeyList keys={keys.value} teams={teams.value} keysNeeded={keysNeeded} onChange={changed} onError={onError} />
    </div>
  );
}
