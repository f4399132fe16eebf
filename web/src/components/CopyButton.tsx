import { useEffect, useState } from "react";
import { Icon, type IconName } from "./Icon";

interface Props {
  label: string;
  icon: IconName;
  text: () => string;
}

/** Copies a text and says so for a moment. */
export function CopyButton({ label, icon, text }: Props) {
  const [said, setSaid] = useState<string | null>(null);

  useEffect(() => {
    if (said === null) return undefined;
    const timer = window.setTimeout(() => setSaid(null), 2000);
    return () => window.clearTimeout(timer);
  }, [said]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setSaid("Copied");
    } catch {
      // No permission, or no clipboard at all: a page that came without TLS has none.
      setSaid("The browser does not allow copying");
    }
  };

  return (
    <>
      <button type="button" className="quiet-button" onClick={() => void copy()}>
        <Icon name={said === "Copied" ? "check" : icon} />
        {said ?? label}
      </button>
      <span className="sr-only" role="status">
        {said}
      </span>
    </>
  );
}
