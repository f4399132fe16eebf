import type { System } from "../api/types";
import type { Theme } from "../state/useTheme";
import { knowledgeAddress, modelsAddress, runsHash, type Route } from "../text/route";
import { Brand } from "./Brand";
import { IconButton } from "./IconButton";
import { ViewLink } from "./ViewLink";

interface Props {
  systems: System[];
  system: string | null;
  onSystem: (name: string) => void;
  /** Null while there is nothing to look at. */
  view: Route["view"] | null;
  /** Whether models are served here by their names. */
  gateway: boolean;
  /** Where asking goes on. */
  askHref?: () => string;
  /** How many runs wait for a person. */
  waiting: number;
  theme: Theme;
  onTheme: () => void;
  onHelp: () => void;
}

const THEME_LABEL: Record<Theme, string> = {
  system: "Theme: as the system. Change to light",
  light: "Theme: light. Change to dark",
  dark: "Theme: dark. Change to the system's",
};

export function Header(props: Props) {
  const { systems, system, onSystem, view, gateway, askHref, waiting, theme, onTheme, onHelp } = props;
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
      {view !== null && (
        <nav className="views" aria-label="Views">
          {system !== null && (
            <>
              <ViewLink
                href="/"
                to={() => `/${askHref?.() ?? ""}`}
                aria-current={view === "ask" ? "page" : undefined}
              >
                Ask
              </ViewLink>
              <ViewLink href={`/${runsHash()}`} aria-current={view === "runs" ? "page" : undefined}>
                Runs
                {waiting > 0 && (
                  <span className="badge">
                    {waiting}
                    <span className="sr-only"> waiting for you</span>
                  </span>
                )}
              </ViewLink>
              <ViewLink href={knowledgeAddress()} aria-current={view === "knowledge" ? "page" : undefined}>
                Knowledge
              </ViewLink>
            </>
          )}
          {gateway && (
            <ViewLink href={modelsAddress()} aria-current={view === "models" ? "page" : undefined}>
              Models
            </ViewLink>
          )}
        </nav>
      )}
      <div className="top-actions">
        <IconButton icon="help" label="Keyboard shortcuts" aria-keyshortcuts="?" onClick={onHelp} />
        <IconButton icon={theme} label={THEME_LABEL[theme]} onClick={onTheme} />
      </div>
    </header>
  );
}
