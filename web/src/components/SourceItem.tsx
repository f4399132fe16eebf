import type { Source } from "../api/types";
import { fileName, folder, kindOf, sourceFacts } from "../text/format";
import { IconButton } from "./IconButton";

interface Props {
  source: Source;
  current: boolean;
  onOpen: () => void;
  onRemove: () => void;
}

export function SourceItem({ source, current, onOpen, onRemove }: Props) {
  const name = fileName(source.source);
  const ready = source.status === "ready";
  const remove = () => {
    if (window.confirm(`Remove ${name} from the sources?`)) onRemove();
  };
  return (
    <li className={`source source-${source.status}`}>
      {ready ? (
        <button type="button" className="source-open" aria-current={current ? "true" : undefined} onClick={onOpen}>
          <Description source={source} />
        </button>
      ) : (
        <div className="source-open">
          <Description source={source} />
        </div>
      )}
      {source.removable && <IconButton icon="trash" label={`Remove ${name}`} onClick={remove} />}
    </li>
  );
}

function Description({ source }: { source: Source }) {
  const name = fileName(source.source);
  return (
    <>
      <span className="kind" aria-hidden="true">
        {kindOf(source.source, source.media_type)}
      </span>
      <span className="source-text">
        <span className="source-title" dir="auto">
          {source.title ?? name}
        </span>
        {source.status === "failed" ? (
          <span className="bad">Not read: {source.reason ?? "no reason was given"}</span>
        ) : (
          <span className="source-facts">{sourceFacts(source)}</span>
        )}
        {(source.title !== null || folder(source.source) !== "") && (
          <span className="source-path" dir="auto">
            {source.source}
          </span>
        )}
        {source.notes.map((note) => (
          <span key={note} className="source-facts">
            {note}
          </span>
        ))}
      </span>
    </>
  );
}
