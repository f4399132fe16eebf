import { useEffect, useMemo, useRef, useState } from "react";
import type { Citation, Source, System } from "../api/types";
import { useConversation } from "../state/useConversation";
import { useFileDrop } from "../state/useFileDrop";
import type { OpenPlace } from "../state/usePlace";
import type { RunList } from "../state/useRuns";
import { useShortcuts } from "../state/useShortcuts";
import { useSources } from "../state/useSources";
import type { Turn } from "../state/turns";
import { plural } from "../text/format";
import type { Place } from "../text/link";
import { ConversationPanel, type OpenedCitation } from "./ConversationPanel";
import { ExplainDialog } from "./ExplainDialog";
import { PanelTabs, type Panel } from "./PanelTabs";
import { SourcesPanel } from "./SourcesPanel";
import { Viewer } from "./Viewer";

interface Props {
  system: System;
  opened: OpenPlace;
  list: RunList;
  /** While another view shows: an answer goes on being written meanwhile. */
  hidden: boolean;
  onShow: () => void;
  onError: (error: unknown) => void;
  onHelp: () => void;
}

/** One system: its sources, its conversation and the document beside them. */
export function Workspace({ system, opened, list: runs, hidden, onShow, onError, onHelp }: Props) {
  const list = useSources(system.name, onError);
  const conversation = useConversation(system.name, runs.runs, onError);
  const hovering = useFileDrop(list.add);
  // On a narrow screen the document covers the panel that it was opened from.
  const [beneath, setBeneath] = useState<Exclude<Panel, "viewer">>("ask");
  const [reading, setReading] = useState(true);
  const [run, setRun] = useState<string | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const { place } = opened;
  const citation = useMemo(() => citationAt(conversation.turns, place), [conversation.turns, place]);

  const panel = place !== null && reading ? "viewer" : beneath;
  const show = (next: Panel) => {
    setReading(next === "viewer");
    if (next !== "viewer") setBeneath(next);
  };
  const open = (next: Place) => {
    opened.open(next);
    show("viewer");
  };
  const openCitation = ({ source, version, page, start, end }: Citation) =>
    open({ system: system.name, source, version, page, range: { start, end } });
  const openSource = ({ source, version }: Source) =>
    open({ system: system.name, source, version, page: null, range: null });
  const close = () => {
    if (place !== null) opened.close();
  };
  // A question begins a run, which may come to wait for a person.
  const last = conversation.turns.at(-1);
  const { refresh } = runs;
  useEffect(refresh, [refresh, last?.status, last?.run]);

  const focusAsk = () => {
    onShow();
    show("ask");
    requestAnimationFrame(() => input.current?.focus());
  };

  useShortcuts({ focusAsk, closeViewer: close, nextPanel: focusNextPanel, showHelp: onHelp });

  return (
    <div className="workspace" hidden={hidden} data-panel={panel} data-viewer={place === null ? "closed" : "open"}>
      <PanelTabs
        panel={panel}
        sources={list.sources?.length ?? null}
        viewerOpen={place !== null}
        onPanel={show}
      />
      <SourcesPanel list={list} opened={place?.source ?? null} onOpen={openSource} />
      <ConversationPanel
        system={system}
        list={list}
        conversation={conversation}
        runs={runs}
        opened={citation}
        input={input}
        onCitation={(_, cited) => openCitation(cited)}
        onExplain={setRun}
      />
      {place !== null && <Viewer place={place} onClose={close} />}
      {run !== null && <ExplainDialog run={run} onClose={() => setRun(null)} />}
      {hovering && <div className="drop-here">Drop to add to {system.name}</div>}
      <p className="sr-only" role="status">
        {progressOf(last)}
      </p>
    </div>
  );
}

/** The citation that the open place is; the newest answer's, when several cite the same words. */
function citationAt(turns: Turn[], place: Place | null): OpenedCitation | null {
  if (place?.range == null) return null;
  const { source, version, range } = place;
  for (const turn of turns.toReversed()) {
    const citation = turn.citations.find(
      (cited) =>
        cited.source === source &&
        cited.version === version &&
        cited.start === range.start &&
        cited.end === range.end,
    );
    if (citation !== undefined) return { turn: turn.id, id: citation.id };
  }
  return null;
}

/** What a screen reader says about the newest question: a few words, never every token. */
function progressOf(turn: Turn | undefined): string {
  switch (turn?.status) {
    case undefined:
      return "";
    case "waiting":
    case "streaming":
      return "Answering";
    case "paused":
      return "A person must decide before it goes on";
    case "done":
      return turn.abstained
        ? "Your sources don’t say."
        : `Answer complete, ${plural(turn.citations.length, "citation")}`;
    case "stopped":
      return "Stopped";
    case "failed":
      return "The question failed";
  }
}

function focusNextPanel(step: 1 | -1): void {
  const panels = [...document.querySelectorAll<HTMLElement>(".panel")].filter(
    (panel) => panel.offsetParent !== null,
  );
  const now = panels.findIndex((panel) => panel.contains(document.activeElement));
  const next = panels.at(now < 0 ? 0 : (now + step + panels.length) % panels.length);
  const first = next?.querySelector<HTMLElement>("textarea, h2[tabindex], button, input");
  first?.focus();
}
