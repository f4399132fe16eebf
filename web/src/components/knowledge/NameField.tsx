interface Props {
  name: string;
  onName: (name: string) => void;
}

/** Who decides here: it stands beside the decision. */
export function NameField({ name, onName }: Props) {
  return (
    <label className="name-field">
      <span className="hint">You decide as</span>
      <input
        type="text"
        autoComplete="name"
        placeholder="Your name"
        value={name}
        onChange={(event) => onName(event.target.value)}
      />
    </label>
  );
}
