import { useEffect, useState } from "react";
import { getText, type DocumentKey } from "../api/client";
import { isAbort, messageOf } from "../api/errors";
import type { SourceText } from "../api/types";
import { CodePointText } from "../text/codepoints";

export interface LoadedDocument {
  about: SourceText;
  text: CodePointText;
}

export type DocumentState =
  | { status: "loading" }
  | { status: "failed"; error: string }
  | { status: "ready"; document: LoadedDocument };

/** Documents that were just looked at: citations of one answer often lie in the same few. */
const recent = new Map<string, LoadedDocument>();
const KEPT = 4;

async function load(key: DocumentKey, signal: AbortSignal): Promise<LoadedDocument> {
  const name = JSON.stringify([key.system, key.source, key.version]);
  const about = recent.get(name)?.about ?? (await getText(key, signal));
  const document = recent.get(name) ?? { about, text: new CodePointText(about.text) };
  recent.delete(name);
  // Without a version the newest is meant, which may change: such documents are not kept.
  if (key.version !== null) recent.set(name, document);
  for (const oldest of recent.keys()) {
    if (recent.size <= KEPT) break;
    recent.delete(oldest);
  }
  return document;
}

export function useDocument({ system, source, version }: DocumentKey): DocumentState {
  const [state, setState] = useState<DocumentState>({ status: "loading" });

  useEffect(() => {
    const abort = new AbortController();
    setState({ status: "loading" });
    load({ system, source, version }, abort.signal).then(
      (document) => !abort.signal.aborted && setState({ status: "ready", document }),
      (error: unknown) => !isAbort(error) && setState({ status: "failed", error: messageOf(error) }),
    );
    return () => abort.abort();
  }, [system, source, version]);

  return state;
}
