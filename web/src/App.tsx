import { useCallback, useState } from "react";
import { apiKey } from "./api/client";
import { ApiError } from "./api/errors";
import { Brand } from "./components/Brand";
import { ExplainDialog } from "./components/ExplainDialog";
import { Header } from "./components/Header";
import { HelpDialog } from "./components/HelpDialog";
import { KeyForm } from "./components/KeyForm";
import { RunsDialog } from "./components/RunsDialog";
import { Workspace } from "./components/Workspace";
import { usePlace } from "./state/usePlace";
import { useSystems } from "./state/useSystems";
import { useTheme } from "./state/useTheme";

type Dialog = { kind: "runs" } | { kind: "help" } | { kind: "run"; run: string };

export function App() {
  const [locked, setLocked] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const onError = useCallback((error: unknown) => {
    if (error instanceof ApiError && error.needsKey) setLocked(true);
  }, []);

  if (locked) {
    const enter = (key: string) => {
      apiKey.set(key);
      setAttempt(attempt + 1);
      setLocked(false);
    };
    return <KeyForm refused={apiKey.get() !== null} onKey={enter} />;
  }
  return <Page key={attempt} onError={onError} />;
}

function Page({ onError }: { onError: (error: unknown) => void }) {
  const { systems, version, error, reload } = useSystems(onError);
  const opened = usePlace();
  const [chosen, setChosen] = useState<string | null>(null);
  const [theme, nextTheme] = useTheme();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const named = chosen ?? opened.place?.system;
  const system = systems?.find(({ name }) => name === named) ?? systems?.[0];
  const closeDialog = () => setDialog(null);

  const choose = (name: string) => {
    opened.close();
    setChosen(name);
  };

  return (
    <>
      <Header
        systems={systems ?? []}
        system={system?.name ?? null}
        onSystem={choose}
        theme={theme}
        onTheme={nextTheme}
        onRuns={() => setDialog({ kind: "runs" })}
        onHelp={() => setDialog({ kind: "help" })}
      />
      {system !== undefined ? (
        <Workspace
          key={system.name}
          system={system}
          opened={opened}
          onError={onError}
          onHelp={() => setDialog({ kind: "help" })}
        />
      ) : (
        <Nothing error={error} loaded={systems !== null} onRetry={reload} />
      )}
      {dialog?.kind === "help" && <HelpDialog version={version} onClose={closeDialog} />}
      {dialog?.kind === "runs" && system !== undefined && (
        <RunsDialog
          system={system.name}
          onRun={(run) => setDialog({ kind: "run", run })}
          onClose={closeDialog}
        />
      )}
      {dialog?.kind === "run" && <ExplainDialog run={dialog.run} onClose={closeDialog} />}
    </>
  );
}

interface NothingProps {
  error: string | null;
  loaded: boolean;
  onRetry: () => void;
}

/** Shown while there is no system to ask. */
function Nothing({ error, loaded, onRetry }: NothingProps) {
  if (error === null && !loaded) return <main className="alone" aria-busy="true" />;
  return (
    <main className="alone">
      <Brand />
      <h1>{error === null ? "No system is served" : "Nothing to show"}</h1>
      <p className="hint" role="alert">
        {error ?? "Write a motet.yaml (motet init makes one) and start motet serve beside it."}
      </p>
      <button type="button" className="main-button" onClick={onRetry}>
        Try again
      </button>
    </main>
  );
}
