import { useEffect, useRef, type RefObject } from "react";
import type { Citation, System } from "../api/types";
import type { Conversation } from "../state/useConversation";
import type { RunList } from "../state/useRuns";
import type { SourceList } from "../state/useSources";
import { plural } from "../text/format";
import { AskBox } from "./AskBox";
import { FilePicker } from "./FilePicker";
import { TurnView } from "./TurnView";
import { WaitingBanner } from "./WaitingBanner";

/** Which citation of which answer is open beside the conversation. */
export interface OpenedCitation {
  turn: string;
  id: number;
}

interface Props {
  system: System;
  list: SourceList;
  conversation: Conversation;
  runs: RunList;
  opened: OpenedCitation | null;
  input: RefObject<HTMLTextAreaElement | null>;
  onCitation: (turn: string, citation: Citation) => void;
  onExplain: (run: string) => void;
}

export function ConversationPanel(props: Props) {
  const { system, list, conversation, runs, opened, input, onCitation, onExplain } = props;
  const { turns, running } = conversation;
  const ready = list.sources?.filter((source) => source.status === "ready").length ?? null;
  const last = useRef<HTMLDivElement>(null);
  const own = new Set(turns.map(({ run }) => run).filter((run) => run !== null));

  // A new question moves to the top; its answer then grows below without moving the page.
  useEffect(() => {
    if (turns.length > 0) last.current?.scrollIntoView({ block: "start" });
  }, [turns.length]);

  return (
    <main className={turns.length === 0 ? "panel talk talk-empty" : "panel talk"} aria-label="Conversation" id="ask">
      <WaitingBanner runs={runs.runs ?? []} shown={own} />
      {turns.length === 0 ? (
        <Welcome system={system} ready={ready} onFiles={list.add} />
      ) : (
        <div className="turns">
          {turns.map((turn, at) => (
            <div key={turn.id} ref={at === turns.length - 1 ? last : null} className="turn-slot">
              <TurnView
                turn={turn}
                run={runs.runs?.find(({ id }) => id === turn.run) ?? null}
                onAnswered={runs.refresh}
                opened={opened?.turn === turn.id ? opened.id : null}
                onCitation={(citation) => onCitation(turn.id, citation)}
                onExplain={onExplain}
                onAgain={() => conversation.ask(turn.question)}
              />
            </div>
          ))}
        </div>
      )}
      <div className="ask-dock">
        <AskBox
          input={input}
          running={running}
          placeholder={turns.length === 0 ? "Ask a question" : "Ask another question"}
          onAsk={conversation.ask}
          onStop={conversation.stop}
        />
        {turns.length > 0 && (
          <button type="button" className="quiet-button clear" onClick={conversation.clear}>
            Clear the conversation
          </button>
        )}
      </div>
    </main>
  );
}

interface WelcomeProps {
  system: System;
  ready: number | null;
  onFiles: (files: File[]) => void;
}

function Welcome({ system, ready, onFiles }: WelcomeProps) {
  if (ready === 0) {
    return (
      <div className="welcome">
        <h1>Start with your documents</h1>
        <p dir="auto">{system.about}</p>
        <p className="hint">
          Drop files or folders anywhere on this page: PDF, Word, PowerPoint, Excel, CSV, web pages, e-books, mail,
          Markdown and text. Every answer then points at the exact words it rests on.
        </p>
        <FilePicker onFiles={onFiles} prominent />
      </div>
    );
  }
  return (
    <div className="welcome">
      <h1>{ready === null ? "Ask anything" : `Ask anything about your ${plural(ready, "source")}`}</h1>
      <p dir="auto">{system.about}</p>
    </div>
  );
}
