import { useEffect, useState } from "react";
import { getExplanation } from "../api/client";
import { isAbort, messageOf } from "../api/errors";
import { CopyButton } from "./CopyButton";
import { Modal } from "./Modal";

interface Props {
  run: string;
  onClose: () => void;
}

/** The plan that answered a question, with what each step took. */
export function ExplainDialog({ run, onClose }: Props) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    getExplanation(run, abort.signal).then(
      (explanation) => setText(explanation.text),
      (failure: unknown) => !isAbort(failure) && setError(messageOf(failure)),
    );
    return () => abort.abort();
  }, [run]);

  return (
    <Modal title="How this was answered" onClose={onClose} wide>
      {error !== null && <p role="alert" className="bad">{error}</p>}
      {text === null && error === null && <p className="hint">Loading…</p>}
      {text !== null && (
        <>
          <pre className="plan" tabIndex={0} aria-label="Plan">
            {text}
          </pre>
          <footer className="modal-foot">
            <span className="hint">
              The same in a terminal: <code>motet trace show {run}</code>
            </span>
            <CopyButton label="Copy" icon="copy" text={() => text} />
          </footer>
        </>
      )}
    </Modal>
  );
}
