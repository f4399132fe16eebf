const PATHS = {
  add: "M12 5v14M5 12h14",
  arrow: "M12 19V5M6 11l6-6 6 6",
  bars: "M4 6h9M8 12h11M12 18h8",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v10H9zM15 9V5H5v10h4",
  dark: "M20 14.5A8 8 0 119.5 4a6.5 6.5 0 0010.5 10.5z",
  earlier: "M15 5l-7 7 7 7",
  help: "M9.2 9.2a2.9 2.9 0 115 2c-1 .9-2.2 1.4-2.2 2.8M12 17.6v.1",
  history: "M4 12a8 8 0 108-8 8.4 8.4 0 00-6.5 3.2M5 3.5v4h4M12 8v4.4l3 1.8",
  later: "M9 5l7 7-7 7",
  light: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  link: "M10 14a4 4 0 006 .4l3-3a4.2 4.2 0 00-6-6l-1 1M14 10a4 4 0 00-6-.4l-3 3a4.2 4.2 0 006 6l1-1",
  minus: "M5 12h14",
  pause: "M9 6v12M15 6v12",
  person: "M12 4.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM5 20c.8-4 3.4-6 7-6s6.2 2 7 6",
  play: "M8 5.5v13l10.5-6.5z",
  search: "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l4.5 4.5",
  stop: "M7.5 7.5h9v9h-9z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v6M13.5 10.5v6",
  warning: "M12 4L3 19.5h18zM12 10v4.5M12 17v.1",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing that stands beside a label or inside a labelled button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
