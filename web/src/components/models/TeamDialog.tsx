import { useState, type FormEvent } from "react";
import { createTeam } from "../../api/gateway";
import { messageOf } from "../../api/errors";
import { EMPTY_DRAFT, limitsOf } from "../../text/spending";
import { Modal } from "../Modal";
import { Field, LimitFields } from "./Fields";

/** Makes a team: several keys that share limits. */
export function TeamDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [error, setError] = useState<string | null>(null);
  const make = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    createTeam({ name: draft.name.trim(), ...limitsOf(draft) }).then(onClose, (failure: unknown) =>
      setError(messageOf(failure)),
    );
  };
  return (
    <Modal title="New team" onClose={onClose}>
      <form className="fields" onSubmit={make}>
        <Field label="Name" first value={draft.name} required onChange={(name) => setDraft({ ...draft, name })} />
        <LimitFields draft={draft} onChange={(changed) => setDraft({ ...draft, ...changed })} />
        {error !== null && (
          <p role="alert" className="bad">
            {error}
          </p>
        )}
        <div className="modal-foot">
          <button type="submit" className="main-button">
            Make the team
          </button>
        </div>
      </form>
    </Modal>
  );
}
