import { useEffect, useState } from "react";
import { getPageImage, getWords, type DocumentKey } from "../api/client";
import { isAbort, messageOf } from "../api/errors";
import type { PageWords } from "../api/types";
import type { Range } from "../text/range";

export interface PageState {
  /** A blob address, and the page it shows: while another is drawn, the one before stays. */
  image: { address: string; page: number } | null;
  words: PageWords | null;
  error: string | null;
}

const NOTHING: PageState = { image: null, words: null, error: null };

/** A page's image as a blob address, and the boxes of the marked words on it. */
export function usePage(document: DocumentKey, page: number, width: number, mark: Range | null): PageState {
  const { system, source, version } = document;
  const [state, setState] = useState(NOTHING);
  const [start, end] = [mark?.start ?? null, mark?.end ?? null];

  useEffect(() => {
    const abort = new AbortController();
    const fail = (error: unknown) =>
      !isAbort(error) && setState((now) => ({ ...now, error: messageOf(error) }));
    const key = { system, source, version };
    setState((now) => ({ ...now, words: null, error: null }));
    if (start !== null && end !== null) {
      getWords(key, page, { start, end }, abort.signal).then(
        (words) => !abort.signal.aborted && setState((now) => ({ ...now, words })),
        fail,
      );
    }
    return () => abort.abort();
  }, [system, source, version, page, start, end]);

  useEffect(() => {
    const abort = new AbortController();
    const fail = (error: unknown) =>
      !isAbort(error) && setState((now) => ({ ...now, error: messageOf(error) }));
    let address: string | null = null;
    if (width > 0) {
      getPageImage({ system, source, version }, page, width, abort.signal).then((blob) => {
        if (abort.signal.aborted) return;
        const drawn = URL.createObjectURL(blob);
        address = drawn;
        setState((now) => ({ ...now, image: { address: drawn, page } }));
      }, fail);
    }
    return () => {
      abort.abort();
      if (address !== null) URL.revokeObjectURL(address);
    };
  }, [system, source, version, page, width]);

  return state;
}
