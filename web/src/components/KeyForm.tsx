import { useState } from "react";
import { Brand } from "./Brand";

/** Asks for the key of a server that demands one. */
export function KeyForm({ refused, onKey }: { refused: boolean; onKey: (key: string) => void }) {
  const [key, setKey] = useState("");
  return (
    <main className="alone">
      <Brand />
      <form
        className="key-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== "") onKey(key.trim());
        }}
      >
        <h1>This server needs a key</h1>
        <p className="hint">Whoever started it with <code>motet serve</code> has it. It is kept until this tab closes.</p>
        <label htmlFor="key">Key</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          autoFocus
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        {refused && (
          <p className="bad" role="alert">
            The server did not accept this key.
          </p>
        )}
        <button type="submit" className="main-button">
          Continue
        </button>
      </form>
    </main>
  );
}
