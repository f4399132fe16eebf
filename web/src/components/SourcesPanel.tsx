import { useMemo, useRef, useState } from "react";
import type { Source } from "../api/types";
import type { SourceList } from "../state/useSources";
import { plural } from "../text/format";
import { FilePicker } from "./FilePicker";
import { Icon } from "./Icon";
import { IngestStatus } from "./IngestStatus";
import { SourceItem } from "./SourceItem";

/** Rows in the page at once; the filter reaches the rest. */
const SHOWN = 300;

interface Props {
  list: SourceList;
  opened: string | null;
  onOpen: (source: Source) => void;
}

export function SourcesPanel({ list, opened, onOpen }: Props) {
  const [filter, setFilter] = useState("");
  const panel = useRef<HTMLElement>(null);
  const sources = list.sources;
  const found = useMemo(() => matching(sources ?? [], filter), [sources, filter]);
  const failed = sources?.filter((source) => source.status === "failed").length ?? 0;

  const remove = (source: string) => {
    list.remove(source);
    // The button that had the focus is about to go away with its row.
    panel.current?.focus();
  };

  return (
    <aside ref={panel} className="panel sources" aria-label="Sources" id="sources" tabIndex={-1}>
      <div className="panel-head">
        <h2>Sources</h2>
        <FilePicker onFiles={list.add} />
      </div>
      <IngestStatus list={list} />
      {sources !== null && sources.length > 0 && (
        <>
          <label className="filter">
            <Icon name="search" />
            <input
              type="search"
              placeholder="Filter"
              aria-label="Filter sources"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
              dir="auto"
            />
          </label>
          <p className="source-count" role="status">
            {filter === "" ? plural(sources.length, "source") : `${found.length} of ${plural(sources.length, "source")}`}
            {failed > 0 && <span className="bad"> · {failed} could not be read</span>}
          </p>
          <ul className="source-list">
            {found.slice(0, SHOWN).map((source) => (
              <SourceItem
                key={source.source}
                source={source}
                current={opened === source.source}
                onOpen={() => onOpen(source)}
                onRemove={() => remove(source.source)}
              />
            ))}
          </ul>
          {found.length > SHOWN && (
            <p className="hint">{plural(found.length - SHOWN, "more source")}: use the filter to find them.</p>
          )}
        </>
      )}
      {sources?.length === 0 && (
        <p className="hint sources-empty">
          Nothing here yet. Drop files anywhere on this page, or name folders under{" "}
          <code>knowledge:</code> in <code>motet.yaml</code>.
        </p>
      )}
    </aside>
  );
}

function matching(sources: Source[], filter: string): Source[] {
  const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return sources;
  return sources.filter(({ source, title, status }) => {
    const text = `${source} ${title ?? ""} ${status}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
