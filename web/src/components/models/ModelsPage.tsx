import { useRoute } from "../../state/useRoute";
import { useShortcuts } from "../../state/useShortcuts";
import type { Theme } from "../../state/useTheme";
import type { Route } from "../../text/route";
import { Header } from "../Header";
import { ModelsView } from "./ModelsView";

interface Props {
  theme: Theme;
  onTheme: () => void;
  onHelp: () => void;
  onError: (error: unknown) => void;
}

const NOTHING = () => undefined;
const FIRST: Route & { view: "models" } = { view: "models", tab: "traffic", request: null };

/** The page of a server that serves models only: whatever the address names, there is no other view. */
export function ModelsPage({ onHelp, onError, ...theme }: Props) {
  const route = useRoute();
  useShortcuts({ focusAsk: NOTHING, closeViewer: NOTHING, nextPanel: NOTHING, showHelp: onHelp });
  return (
    <>
      <Header
        systems={[]}
        system={null}
        onSystem={NOTHING}
        view="models"
        gateway
        waiting={0}
        onHelp={onHelp}
        {...theme}
      />
      <ModelsView served route={route.view === "models" ? route : FIRST} onError={onError} />
    </>
  );
}
