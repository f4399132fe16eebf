import { useMemo, useRef, useState } from "react";
import { getKeys } from "../../api/gateway";
import { go } from "../../state/go";
import { useEscape } from "../../state/useEscape";
import { useLoaded } from "../../state/useLoaded";
import { useTraffic } from "../../state/useTraffic";
import { modelsAddress, requestAddress } from "../../text/route";
import { liveRequests, matching, type Filter } from "../../text/traffic";
import { Icon } from "../Icon";
import { RequestStory } from "./RequestStory";
import { RequestTable } from "./RequestTable";
import { TrafficBars } from "./TrafficBars";

interface Props {
  /** The id of the request whose story is open. */
  opened: string | null;
  onError: (error: unknown) => void;
}

const STATUSES = ["done", "failed", "aborted", "refused", "cached"];
const KEYS_EVERY_MS = 10_000;

/** The last requests, live, and the story of the one that is open. */
export function TrafficPanel({ opened, onError }: Props) {
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState<Filter>({ model: "", status: "" });
  const { entries, error } = useTraffic(paused, onError);
  const keys = useLoaded(getKeys, onError, KEYS_EVERY_MS).value;
  const names = useMemo(() => new Map(keys?.map(({ id, name }) => [id, name])), [keys]);
  const requests = useMemo(() => liveRequests(entries ?? []), [entries]);
  const shown = useMemo(() => matching(requests, filter), [requests, filter]);
  const models = useMemo(() => [...new Set(requests.map(({ last }) => last.model))].sort(), [requests]);
  const list = useRef<HTMLElement>(null);

  const close = () => {
    go(modelsAddress());
    requestAnimationFrame(() => {
      const links = [...(list.current?.querySelectorAll<HTMLElement>("a.request-link") ?? [])];
      (links.find((link) => link.dataset["request"] === opened) ?? links[0])?.focus();
    });
  };
  useEscape(opened !== null, close);

  return (
    <div className="traffic" data-open={opened === null ? "list" : "story"}>
      <section className="panel traffic-list" aria-label="Requests" ref={list}>
        <header className="traffic-head">
          <h1>Traffic</h1>
          <Choice label="Model" value={filter.model} options={models} onChange={(model) => setFilter({ ...filter, model })} />
          <Choice label="Status" value={filter.status} options={STATUSES} onChange={(status) => setFilter({ ...filter, status })} />
          <button type="button" className="quiet-button" onClick={() => setPaused(!paused)}>
            <Icon name={paused ? "play" : "pause"} />
            {paused ? "Go on" : "Pause"}
          </button>
        </header>
        <TrafficBars requests={shown} paused={paused} />
        {error !== null && (
          <p role="alert" className="bad">
            {error}
          </p>
        )}
        {entries === null && error === null && <p className="hint">Loading…</p>}
        {entries !== null && shown.length === 0 && <Empty any={requests.length > 0} />}
        {shown.length > 0 && (
          <RequestTable requests={shown} opened={opened} names={names} onOpen={(id) => go(requestAddress(id))} />
        )}
      </section>
      {opened !== null && <RequestStory key={opened} id={opened} names={names} onClose={close} onError={onError} />}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: string[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select className="choice" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{label}: all</option>
      {options.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  );
}

function Empty({ any }: { any: boolean }) {
  if (any) return <p className="hint">No request is like that.</p>;
  return (
    <div className="empty">
      <p>Nothing was asked yet.</p>
      <p className="hint">
        Point an SDK at <code>{location.origin}/v1</code>, or try models in the playground.
      </p>
    </div>
  );
}
