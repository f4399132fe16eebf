import { useEffect, useMemo, useRef, useState } from "react";
import { useDocument, type LoadedDocument } from "../state/useDocument";
import { fileName, folder, kindOf } from "../text/format";
import { placeToHash, type Place } from "../text/link";
import { clamp, type Range } from "../text/range";
import { CopyButton } from "./CopyButton";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";
import { PdfView } from "./PdfView";
import { TextView } from "./TextView";

interface Props {
  place: Place;
  onClose: () => void;
}

/** The document beside the answer, opened at the exact words. */
export function Viewer({ place, onClose }: Props) {
  const state = useDocument(place);
  const heading = useRef<HTMLHeadingElement>(null);
  const [asText, setAsText] = useState(false);
  const pdf = state.status === "ready" && state.document.about.media_type === "application/pdf";

  // Whoever opened a place wants to read there: the keyboard and the screen reader follow.
  useEffect(() => heading.current?.focus(), [place]);

  return (
    <aside className="panel viewer" aria-label="Document" id="viewer">
      <header className="viewer-head">
        <span className="kind" aria-hidden="true">
          {kindOf(place.source)}
        </span>
        <div className="viewer-name">
          <h2 ref={heading} tabIndex={-1} dir="auto">
            {(state.status === "ready" && state.document.about.title) || fileName(place.source)}
          </h2>
          <p className="source-path" dir="auto">
            {folder(place.source) === "" && state.status !== "ready" ? null : place.source}
          </p>
        </div>
        {pdf && <ViewSwitch asText={asText} onChange={setAsText} />}
        <CopyButton label="Copy link" icon="link" text={() => linkTo(place)} />
        <IconButton icon="close" label="Close the document" aria-keyshortcuts="Escape" onClick={onClose} />
      </header>
      {state.status === "loading" && <p className="hint viewer-note">Opening…</p>}
      {state.status === "failed" && (
        <div className="notice notice-bad viewer-note" role="alert">
          <Icon name="warning" />
          <span>{state.error}</span>
        </div>
      )}
      {state.status === "ready" && <Opened place={place} document={state.document} asText={asText || !pdf} />}
    </aside>
  );
}

function Opened({ place, document, asText }: { place: Place; document: LoadedDocument; asText: boolean }) {
  const range = useMemo<Range | null>(
    () => (place.range === null ? null : clamp(place.range, document.text.length)),
    [place.range, document],
  );
  const key = placeToHash(place);
  return (
    <>
      {range !== null && <Quote text={document.text.slice(range.start, range.end)} />}
      {asText ? (
        <TextView key={key} document={document} mark={range} />
      ) : (
        <PdfView key={key} place={place} document={document} mark={range} />
      )}
    </>
  );
}

/** The cited words for those who do not see the highlight. */
function Quote({ text }: { text: string }) {
  return (
    <p className="sr-only" dir="auto">
      Cited words: {text}
    </p>
  );
}

function ViewSwitch({ asText, onChange }: { asText: boolean; onChange: (asText: boolean) => void }) {
  return (
    <div className="switch" role="group" aria-label="Show as">
      <button type="button" aria-pressed={!asText} onClick={() => onChange(false)}>
        Page
      </button>
      <button type="button" aria-pressed={asText} onClick={() => onChange(true)}>
        Text
      </button>
    </div>
  );
}

function linkTo(place: Place): string {
  return location.origin + location.pathname + placeToHash(place);
}
