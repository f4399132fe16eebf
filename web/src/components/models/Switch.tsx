interface Props<T extends string> {
  label: string;
  options: readonly T[];
  value: T;
  onChange: (value: T) => void;
}

/** A few choices of which one is pressed. */
export function Switch<T extends string>({ label, options, value, onChange }: Props<T>) {
  return (
    <div className="switch" role="group" aria-label={label}>
      {options.map((each) => (
        <button key={each} type="button" aria-pressed={each === value} onClick={() => onChange(each)}>
          {each}
        </button>
      ))}
    </div>
  );
}
