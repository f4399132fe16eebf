import { useEffect, useRef } from "react";
import type { System } from "../api/types";
import { go } from "../state/go";
import { usePlace } from "../state/usePlace";
import { useRoute } from "../state/useRoute";
import { useRuns } from "../state/useRuns";
import type { Theme } from "../state/useTheme";
import { unanswered } from "../text/story";
import { Header } from "./Header";
import { KnowledgeView } from "./knowledge/KnowledgeView";
import { ModelsView } from "./models/ModelsView";
import { RunsView } from "./RunsView";
import { Workspace } from "./Workspace";

interface Props {
  systems: System[];
  system: System;
  gateway: boolean;
  onSystem: (name: string) => void;
  theme: Theme;
  onTheme: () => void;
  onHelp: () => void;
  onError: (error: unknown) => void;
}

/** One system: asking it, and what runs and waits. */
export function SystemPage({ systems, system, gateway, onSystem, theme, onTheme, onHelp, onError }: Props) {
  const route = useRoute();
  const opened = usePlace();
  const list = useRuns(system.name, onError);
  const waiting = list.runs?.filter((run) => unanswered(run).length > 0).length ?? 0;
  const asking = route.view === "ask";

  // The link back leads to the document that was open.
  const left = useRef("#");
  useEffect(() => {
    if (asking) left.current = location.hash === "" ? "#" : location.hash;
  });

  return (
    <>
      <Header
        systems={systems}
        system={system.name}
        onSystem={onSystem}
        view={route.view}
        gateway={gateway}
        askHref={() => left.current}
        waiting={waiting}
        theme={theme}
        onTheme={onTheme}
        onHelp={onHelp}
      />
      <Workspace
        system={system}
        opened={opened}
        list={list}
        hidden={!asking}
        onShow={() => {
          if (!asking) go(`/${left.current}`);
        }}
        onError={onError}
        onHelp={onHelp}
      />
      {route.view === "runs" && <RunsView list={list} run={route.run} onError={onError} />}
      {route.view === "knowledge" && <KnowledgeView system={system.name} route={route} onError={onError} />}
      {route.view === "models" && <ModelsView served={gateway} route={route} onError={onError} />}
    </>
  );
}
