import { useState } from "react";
import { revokeKey, type Team, type VirtualKey } from "../../api/gateway";
import { messageOf } from "../../api/errors";
import { keyState, limitsText } from "../../text/spending";
import { Icon } from "../Icon";
import { BudgetBar } from "./BudgetBar";
import { KeyDialog } from "./KeyDialog";
import { TeamDialog } from "./TeamDialog";

interface Props {
  keys: VirtualKey[] | null;
  teams: Team[] | null;
  keysNeeded: boolean;
  onChange: () => void;
  onError: (error: unknown) => void;
}

/** The keys and teams with their budgets; keys are made and revoked here. */
export function KeyList({ keys, teams, keysNeeded, onChange, onError }: Props) {
  const [making, setMaking] = useState<"key" | "team" | null>(null);
  const [error, setError] = useState<string | null>(null);
  const close = () => {
    setMaking(null);
    onChange();
  };
  const revoke = ({ id, name }: VirtualKey) => {
    if (!confirm(`Revoke the key “${name}” for good? Whoever uses it is refused from then on.`)) return;
    setError(null);
    revokeKey(id).then(onChange, (failure: unknown) => {
      setError(messageOf(failure));
      onError(failure);
    });
  };

  return (
    <section className="panel keys-panel" aria-label="Keys">
      <header className="traffic-head">
        <h2>Keys</h2>
        <button type="button" className="plain-button" onClick={() => setMaking("key")}>
          <Icon name="add" />
          New key
        </button>
        <button type="button" className="quiet-button" onClick={() => setMaking("team")}>
          <Icon name="add" />
          New team
        </button>
      </header>
      {error !== null && (
        <p role="alert" className="bad">
          {error}
        </p>
      )}
      {keys?.length === 0 && <p className="hint">No keys yet. {keysNeeded ? "" : "Until the first is made, nobody on this machine needs one."}</p>}
      <ul className="key-items">
        {keys?.map((key) => (
          <KeyItem key={key.id} given={key} onRevoke={() => revoke(key)} />
        ))}
      </ul>
      {teams !== null && teams.length > 0 && (
        <>
          <h2>Teams</h2>
          <ul className="key-items">
            {teams.map((team) => (
              <li key={team.name} className="key-item">
                <b dir="auto">{team.name}</b>
                <BudgetBar name={team.name} account={team} />
              </li>
            ))}
          </ul>
        </>
      )}
      {making === "key" && <KeyDialog first={!keysNeeded} teams={teams ?? []} onClose={close} />}
      {making === "team" && <TeamDialog onClose={close} />}
    </section>
  );
}

const CHIP = { active: "done", disabled: "paused", expired: "failed", revoked: "failed" };

function KeyItem({ given, onRevoke }: { given: VirtualKey; onRevoke: () => void }) {
  const state = keyState(given, Date.now());
  const facts = [
    given.team === null ? null : `team ${given.team}`,
    given.models.length === 0 ? null : given.models.join(", "),
    given.local ? "local models only" : null,
    given.admin ? "admin" : null,
    given.expires === null ? null : `until ${new Date(given.expires).toLocaleDateString()}`,
    given.budget_usd === null ? null : limitsText({ ...given, budget_usd: null }),
  ];
  return (
    <li className="key-item">
      <span className="key-name">
        <b dir="auto">{given.name}</b>
        <code>mk-…{given.hint}</code>
        {state !== "active" && <span className={`chip chip-${CHIP[state]}`}>{state}</span>}
      </span>
      {facts.some(Boolean) && <span className="hint">{facts.filter(Boolean).join(" · ")}</span>}
      <BudgetBar name={given.name} account={given} />
      {state !== "revoked" && (
        <button type="button" className="quiet-button" aria-label={`Revoke ${given.name}`} onClick={onRevoke}>
          <Icon name="trash" />
          Revoke
        </button>
      )}
    </li>
  );
}
