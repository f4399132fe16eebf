import type { System } from "../api/types";
import type { Theme } from "../state/useTheme";
import { Brand } from "./Brand";
import { IconButton } from "./IconButton";

interface Props {
  systems: System[];
  system: string | null;
  onSystem: (name: string) => void;
  theme: Theme;
  onTheme: () => void;
  onRuns: () => void;
  onHelp: () => void;
}

const THEME_LABEL: Record<Theme, string> = {
  system: "Theme: as the system. Change to light",
  light: "Theme: light. Change to dark",
  dark: "Theme: dark. Change to the system's",
};

export function Header({ systems, system, onSystem, theme, onTheme, onRuns, onHelp }: Props) {
  return (
    <header className="top">
      <Brand />
      {systems.length > 1 && system !== null ? (
        <select
          className="system-picker"
          aria-label="System"
          value={system}
          onChange={(event) => onSystem(event.target.value)}
        >
          {systems.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      ) : (
        <span className="system-name">{system}</span>
      )}
      <div className="top-actions">
        {system !== null && <IconButton icon="history" label="Recent runs" onClick={onRuns} />}
        <IconButton icon="help" label="Keyboard shortcuts" aria-keyshortcuts="?" onClick={onHelp} />
        <IconButton icon={theme} label={THEME_LABEL[theme]} onClick={onTheme} />
      </div>
    </header>
  );
}
