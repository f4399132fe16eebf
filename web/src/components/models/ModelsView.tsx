import { getOverview } from "../../api/gateway";
import { useLoaded } from "../../state/useLoaded";
import { modelsAddress, type ModelsTab, type Route } from "../../text/route";
import { ViewLink } from "../ViewLink";
import { ModelList } from "./ModelList";
import { Playground } from "./Playground";
import { SpendPanel } from "./SpendPanel";
import { TrafficPanel } from "./TrafficPanel";

interface Props {
  /** False where this server serves no models by their names. */
  served: boolean;
  route: Route & { view: "models" };
  onError: (error: unknown) => void;
}

const TABS: [ModelsTab, string][] = [
  ["traffic", "Traffic"],
  ["models", "Health"],
  ["spend", "Spend and keys"],
  ["playground", "Playground"],
];
const EVERY_MS = 2000;

/** The gateway: what is asked of its models, how they are, what they cost, and trying them. */
export function ModelsView({ served, route, onError }: Props) {
  if (served) return <Tabs route={route} onError={onError} />;
  return (
    <main className="alone">
      <h1>No models are served here</h1>
      <p className="hint">
        Write <code>gateway: true</code> in motet.yaml and start <code>motet serve</code> again, or start{" "}
        <code>motet gateway</code>.
      </p>
    </main>
  );
}

function Tabs({ route, onError }: Omit<Props, "served">) {
  const { tab, request } = route;
  const overview = useLoaded(getOverview, onError, EVERY_MS);
  return (
    <main className="models-view" aria-label="Models">
      <nav className="model-tabs" aria-label="About models">
        {TABS.map(([name, label]) => (
          <ViewLink key={name} href={modelsAddress(name)} aria-current={name === tab ? "page" : undefined}>
            {label}
          </ViewLink>
        ))}
      </nav>
      {overview.error !== null && (
        <p role="alert" className="bad model-trouble">
          {overview.error}
        </p>
      )}
      {tab === "traffic" && <TrafficPanel opened={request} onError={onError} />}
      {tab === "models" && <ModelList models={overview.value?.models ?? null} />}
      {tab === "spend" && <SpendPanel keysNeeded={overview.value?.keys_needed ?? true} onError={onError} />}
      {/* It stays: answers go on being written while another tab shows. */}
      <Playground overview={overview.value} hidden={tab !== "playground"} onError={onError} />
    </main>
  );
}
