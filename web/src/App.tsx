import { useCallback, useState } from "react";
import { apiKey } from "./api/client";
import { ApiError } from "./api/errors";
import { Brand } from "./components/Brand";
import { Header } from "./components/Header";
import { HelpDialog } from "./components/HelpDialog";
import { KeyForm } from "./components/KeyForm";
import { ModelsPage } from "./components/models/ModelsPage";
import { SystemPage } from "./components/SystemPage";
import { useSystems } from "./state/useSystems";
import { useTheme } from "./state/useTheme";
import { placeFromHash } from "./text/link";

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
  const { systems, version, gateway, error, reload } = useSystems(onError);
  const [chosen, setChosen] = useState<string | null>(() => placeFromHash(location.hash)?.system ?? null);
  const [theme, nextTheme] = useTheme();
  const [help, setHelp] = useState(false);
  const system = systems?.find(({ name }) => name === chosen) ?? systems?.[0];
  const controls = { theme, onTheme: nextTheme, onHelp: () => setHelp(true) };

  const choose = (name: string) => {
    // What is open belongs to the other system.
    history.replaceState(null, "", location.pathname + location.search);
    setChosen(name);
  };

  return (
    <>
      {system !== undefined ? (
        <SystemPage
          key={system.name}
          systems={systems ?? []}
          system={system}
          gateway={gateway}
          onSystem={choose}
          onError={onError}
          {...controls}
        />
      ) : gateway ? (
        <ModelsPage onError={onError} {...controls} />
      ) : (
        <>
          <Header
            systems={[]}
            system={null}
            onSystem={choose}
            view={null}
            gateway={false}
            waiting={0}
            {...controls}
          />
          <Nothing error={error} loaded={systems !== null} onRetry={reload} />
        </>
      )}
      {help && <HelpDialog version={version} onClose={() => setHelp(false)} />}
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
