import type { SourceList } from "../state/useSources";
import { fileName } from "../text/format";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";

/** Files on their way in: being sent, being read, or refused. */
export function IngestStatus({ list }: { list: SourceList }) {
  const { ingest, uploads } = list;
  const error = list.error ?? ingest?.error ?? null;
  const sending = uploads.filter((upload) => upload.error === null);
  const refused = uploads.filter((upload) => upload.error !== null);
  return (
    <div className="ingest">
      {error !== null && (
        <p className="notice notice-bad" role="alert">
          <Icon name="warning" />
          <span>{error}</span>
        </p>
      )}
      {sending.length > 0 && <p className="hint">Sending {sending[0]?.name}…</p>}
      {ingest?.running && (
        <div className="progress">
          <label htmlFor="ingest-progress">
            Reading {Math.min(ingest.done + 1, ingest.total)} of {ingest.total}
            {ingest.current !== null && <span dir="auto"> · {fileName(ingest.current)}</span>}
          </label>
          <progress id="ingest-progress" value={ingest.done} max={Math.max(ingest.total, 1)} />
        </div>
      )}
      {refused.map((upload) => (
        <div key={upload.id} className="notice notice-bad" role="alert">
          <Icon name="warning" />
          <span>
            <b dir="auto">{upload.name}</b> was not added: {upload.error}
          </span>
          <IconButton icon="close" label={`Dismiss ${upload.name}`} onClick={() => list.dismiss(upload.id)} />
        </div>
      ))}
    </div>
  );
}
