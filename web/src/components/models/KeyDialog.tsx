import { useEffect, useId, useRef, useState, type FormEvent } from "react";
import { createKey, type Team } from "../../api/gateway";
import { messageOf } from "../../api/errors";
import { EMPTY_DRAFT, keyOf, type KeyDraft } from "../../text/spending";
import { CopyButton } from "../CopyButton";
import { Icon } from "../Icon";
import { Modal } from "../Modal";
import { Field, LimitFields } from "./Fields";

interface Props {
  /** Whether no key was made here before. */
  first: boolean;
  teams: Team[];
  onClose: () => void;
}

/** Makes a key and shows it, once: closing the dialog forgets it. */
export function KeyDialog({ first, teams, onClose }: Props) {
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Modal title={secret === null ? "New key" : "The new key"} firm={secret !== null} onClose={onClose}>
      {secret === null ? (
        <KeyForm first={first} teams={teams} onMade={setSecret} />
      ) : (
        <Secret secret={secret} onClose={onClose} />
      )}
    </Modal>
  );
}

function KeyForm({ first, teams, onMade }: Omit<Props, "onClose"> & { onMade: (secret: string) => void }) {
  const [draft, setDraft] = useState<KeyDraft>(EMPTY_DRAFT);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const team = useId();
  const change = (changed: Partial<KeyDraft>) => setDraft({ ...draft, ...changed });
  const make = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    createKey(keyOf(draft)).then(onMade, (failure: unknown) => {
      setError(messageOf(failure));
      setBusy(false);
    });
  };

  return (
    <form className="fields" onSubmit={make}>
      <Field label="Name" first value={draft.name} required onChange={(name) => change({ name })} />
      <LimitFields draft={draft} onChange={change} />
      <Field
        label="Models"
        placeholder="any; or names and patterns like openai/*"
        value={draft.models}
        onChange={(models) => change({ models })}
      />
      <div className="field-row">
        <Field label="Ends on" type="date" value={draft.expires} onChange={(expires) => change({ expires })} />
        {teams.length > 0 && (
          <div className="field">
            <label htmlFor={team}>Team</label>
            <select id={team} value={draft.team} onChange={(event) => change({ team: event.target.value })}>
              <option value="">none</option>
              {teams.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </div>
        )}
      </div>
      <label className="check">
        <input type="checkbox" checked={draft.local} onChange={(event) => change({ local: event.target.checked })} />
        Only models on this machine
      </label>
      {first && <p className="hint">From the first key on, every request to /v1 needs a key.</p>}
      {error !== null && (
        <p role="alert" className="bad">
          {error}
        </p>
      )}
      <div className="modal-foot">
        <button type="submit" className="main-button" aria-disabled={busy}>
          Make the key
        </button>
      </div>
    </form>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const shown = useRef<HTMLElement>(null);
  useEffect(() => shown.current?.focus(), []);
  return (
    <>
      <div className="notice notice-wait" role="status">
        <Icon name="warning" />
        <span>Copy it now. It is shown only once: what is kept of it is a hash.</span>
      </div>
      <code ref={shown} className="secret" tabIndex={-1} aria-label="Key">
        {secret}
      </code>
      <div className="modal-foot">
        <CopyButton label="Copy the key" icon="copy" text={() => secret} />
        <button type="button" className="main-button" onClick={onClose}>
          Done
        </button>
      </div>
    </>
  );
}
