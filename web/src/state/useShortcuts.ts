import { useEffect, useRef } from "react";

export interface Shortcuts {
  focusAsk: () => void;
  closeViewer: () => void;
  nextPanel: (step: 1 | -1) => void;
  showHelp: () => void;
}

/** The page's keys. They rest while a dialog is open, and letters while someone types. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "Escape") latest.current.closeViewer();
      else if (event.key === "F6") latest.current.nextPanel(event.shiftKey ? -1 : 1);
      else if (event.key === "/" && !isTyping(event.target)) latest.current.focusAsk();
      else if (event.key === "?" && !isTyping(event.target)) latest.current.showHelp();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}
