import { useEffect, useId, useRef } from "react";
import type { KeyDraft } from "../../text/spending";

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "number" | "date";
  step?: string;
  placeholder?: string;
  required?: boolean;
  /** Where writing begins. */
  first?: boolean;
}

/** A labelled field of a form. */
export function Field({ label, value, onChange, first = false, ...input }: FieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (first) field.current?.focus();
  }, [first]);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={field}
        id={id}
        autoComplete="off"
        {...(input.type === "number" ? { min: 0 } : {})}
        {...input}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface LimitProps {
  draft: KeyDraft;
  onChange: (changed: Partial<KeyDraft>) => void;
}

/** What a key or a team may use. */
export function LimitFields({ draft, onChange }: LimitProps) {
  const period = useId();
  return (
    <div className="field-row">
      <Field
        label="Budget in USD"
        type="number"
        step="any"
        placeholder="no limit"
        value={draft.budget}
        onChange={(budget) => onChange({ budget })}
      />
      <div className="field">
        <label htmlFor={period}>Budget for</label>
        <select
          id={period}
          value={draft.period}
          onChange={(event) => onChange({ period: event.target.value as KeyDraft["period"] })}
        >
          <option value="total">all time</option>
          <option value="month">each month</option>
          <option value="day">each day</option>
        </select>
      </div>
      <Field
        label="Requests a minute"
        type="number"
        step="1"
        placeholder="no limit"
        value={draft.requests}
        onChange={(requests) => onChange({ requests })}
      />
      <Field
        label="Tokens a minute"
        type="number"
        step="1"
        placeholder="no limit"
        value={draft.tokens}
        onChange={(tokens) => onChange({ tokens })}
      />
    </div>
  );
}
