import { useCallback, useEffect, useState } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "motet.theme";
const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

function current(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** The colour theme; `assets/theme.js` applies a remembered one before the first paint. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(current);

  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === "system") delete dataset.theme;
    else dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage is blocked: the choice lasts until the page is closed.
    }
  }, [theme]);

  return [theme, useCallback(() => setTheme((now) => NEXT[now]), [])];
}
