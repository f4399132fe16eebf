import { useCallback, useEffect, useRef, useState } from "react";
import { addSource, getSources, removeSource } from "../api/client";
import { messageOf } from "../api/errors";
import type { IngestProgress, Source } from "../api/types";
import { newId } from "./ids";

const POLL_MS = 700;
/** How long to keep looking after a file was sent: reading it may start a moment later. */
const GRACE_MS = 3000;

/** A file on its way to the server, or one that it did not take. */
export interface Upload {
  id: string;
  name: string;
  error: string | null;
}

export interface SourceList {
  /** Null until the first answer. */
  sources: Source[] | null;
  ingest: IngestProgress | null;
  error: string | null;
  uploads: Upload[];
  add: (files: readonly File[]) => void;
  remove: (source: string) => void;
  dismiss: (upload: string) => void;
  refresh: () => void;
}

export function useSources(system: string, onError: (error: unknown) => void): SourceList {
  const [sources, setSources] = useState<Source[] | null>(null);
  const [ingest, setIngest] = useState<IngestProgress | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const timer = useRef<number | undefined>(undefined);
  const watchUntil = useRef(0);

  const refresh = useCallback(async () => {
    window.clearTimeout(timer.current);
    try {
      const found = await getSources(system);
      setSources(found.sources);
      setIngest(found.ingest);
      setError(null);
      if (found.ingest.running || Date.now() < watchUntil.current) {
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => void refresh(), POLL_MS);
      }
    } catch (failure) {
      setError(messageOf(failure));
      onError(failure);
    }
  }, [system, onError]);

  useEffect(() => {
    const look = () => void refresh();
    look();
    window.addEventListener("focus", look);
    return () => {
      window.removeEventListener("focus", look);
      window.clearTimeout(timer.current);
    };
  }, [refresh]);

  const send = useCallback(
    async (files: readonly File[]) => {
      const sent = files.map((file) => ({ file, id: newId() }));
      setUploads((before) => [
        ...before,
        ...sent.map(({ file, id }) => ({ id, name: file.name, error: null })),
      ]);
      for (const { file, id } of sent) {
        try {
          await addSource(system, file);
          setUploads((before) => before.filter((upload) => upload.id !== id));
        } catch (failure) {
          const message = messageOf(failure);
          setUploads((before) =>
            before.map((upload) => (upload.id === id ? { ...upload, error: message } : upload)),
          );
          onError(failure);
        }
        watchUntil.current = Date.now() + GRACE_MS;
        await refresh();
      }
    },
    [system, refresh, onError],
  );

  const remove = useCallback(
    async (source: string) => {
      try {
        await removeSource(system, source);
        await refresh();
      } catch (failure) {
        setError(messageOf(failure));
        onError(failure);
      }
    },
    [system, refresh, onError],
  );

  return {
    sources,
    ingest,
    error,
    uploads,
    add: useCallback((files) => void send(files), [send]),
    remove: useCallback((source) => void remove(source), [remove]),
    dismiss: useCallback((id) => setUploads((now) => now.filter((upload) => upload.id !== id)), []),
    refresh: useCallback(() => void refresh(), [refresh]),
  };
}
