import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LoadedDocument } from "../state/useDocument";
import { regionLabel } from "../text/format";
import type { Range } from "../text/range";
import { passages, type Passage } from "../text/segments";
import { earlier, later, windowAround } from "../text/window";

interface Props {
  document: LoadedDocument;
  mark: Range | null;
}

const MONOSPACED = /csv|tab-separated|json|xml|x-|yaml/;

/** A document's text with the cited characters marked; long ones show a window at a time. */
export function TextView({ document: { about, text }, mark }: Props) {
  const [window, setWindow] = useState(() => windowAround(text, mark));
  const shown = useMemo(() => passages(text, about.regions, window, mark), [text, about, window, mark]);
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ bottom: number } | null>(null);

  useLayoutEffect(() => {
    scroller.current?.querySelector("mark")?.scrollIntoView({ block: "center" });
  }, [mark]);

  // Text added above must not push away what is being read.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && anchor.current !== null) {
      element.scrollTop = element.scrollHeight - anchor.current.bottom;
    }
    anchor.current = null;
  }, [window]);

  const showEarlier = () => {
    const element = scroller.current;
    const next = earlier(text, window);
    // What is dropped at the end has no height to keep; only what stays can be held in place.
    if (element !== null && next.end === window.end) {
      anchor.current = { bottom: element.scrollHeight - element.scrollTop };
    }
    setWindow(next);
  };

  const mono = MONOSPACED.test(about.media_type);
  return (
    <div className="viewer-body" ref={scroller} tabIndex={0} role="region" aria-label="Text of the document">
      {window.start > 0 && <Step label="Show earlier text" onClick={showEarlier} />}
      <div className={mono ? "document document-mono" : "document"} dir="auto">
        {shown.map((passage) => (
          <PassageView key={passage.start} passage={passage} />
        ))}
        {text.length === 0 && <p className="hint">This document holds no text.</p>}
      </div>
      {window.end < text.length && (
        <Step label="Show later text" onClick={() => setWindow(later(text, window))} />
      )}
    </div>
  );
}

function Step({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" className="quiet-button step" onClick={onClick}>
      {label}
    </button>
  );
}

function PassageView({ passage: { region, segments } }: { passage: Passage }) {
  return (
    <section>
      {region !== null && <h3 className="region">{regionLabel(region)}</h3>}
      <div className="passage">
        {segments.map((segment, at) =>
          segment.marked ? <mark key={at}>{segment.text}</mark> : <span key={at}>{segment.text}</span>,
        )}
      </div>
    </section>
  );
}
