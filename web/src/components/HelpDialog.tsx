import { Modal } from "./Modal";

const KEYS: [string[], string][] = [
  [["/"], "Write a question"],
  [["Enter"], "Ask it"],
  [["Shift", "Enter"], "Start a new line"],
  [["Esc"], "Close the document and return to its citation, or the run or request and return to the list"],
  [["↑", "↓"], "Go through the requests to models; Enter opens one"],
  [["F6"], "Go to the next panel (with Shift: the one before)"],
  [["?"], "Show these keys"],
];

export function HelpDialog({ version, onClose }: { version: string | null; onClose: () => void }) {
  return (
    <Modal title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      {version !== null && <p className="hint">Motet {version}</p>}
    </Modal>
  );
}
