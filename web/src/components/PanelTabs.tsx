export type Panel = "sources" | "ask" | "viewer";

interface Props {
  panel: Panel;
  sources: number | null;
  viewerOpen: boolean;
  onPanel: (panel: Panel) => void;
}

/** On a narrow screen one panel shows at a time; this chooses it. */
export function PanelTabs({ panel, sources, viewerOpen, onPanel }: Props) {
  const tabs: [Panel, string][] = [
    ["sources", sources === null ? "Sources" : `Sources (${sources.toLocaleString("en")})`],
    ["ask", "Ask"],
  ];
  if (viewerOpen) tabs.push(["viewer", "Document"]);
  return (
    <nav className="tabs" aria-label="Panels">
      {tabs.map(([name, label]) => (
        <button
          key={name}
          type="button"
          aria-current={panel === name ? "true" : undefined}
          onClick={() => onPanel(name)}
        >
          {label}
        </button>
      ))}
    </nav>
  );
}
