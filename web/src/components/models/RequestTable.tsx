import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { money, seconds } from "../../text/format";
import { requestAddress } from "../../text/route";
import { moved, type LiveRequest } from "../../text/traffic";
import { StatusChip } from "../StatusChip";
import { ViewLink } from "../ViewLink";

interface Props {
  requests: LiveRequest[];
  opened: string | null;
  /** Names of keys by their ids. */
  names: ReadonlyMap<string, string>;
  onOpen: (id: string) => void;
}

/** Rows that are drawn: more tell a person nothing, and filters find the others. */
const MOST = 200;

/** The requests as a table; arrows go through it, Enter opens one. */
export function RequestTable({ requests, opened, names, onOpen }: Props) {
  const shown = requests.slice(0, MOST);
  const [current, setCurrent] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const at = Math.max(
    0,
    shown.findIndex(({ id }) => id === (current ?? opened)),
  );

  const press = (event: KeyboardEvent) => {
    const next = moved(event.key, at, shown.length);
    const request = next === null ? undefined : shown[next];
    if (request === undefined) return;
    event.preventDefault();
    setCurrent(request.id);
  };
  // Where the focus is inside, it follows the arrows.
  useEffect(() => {
    if (current === null || !body.current?.contains(document.activeElement)) return;
    body.current.querySelector<HTMLElement>(`a[data-request="${CSS.escape(current)}"]`)?.focus();
  }, [current]);

  return (
    <table className="requests">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Model</th>
          <th scope="col">Status</th>
          <th scope="col" className="number">
            Took
          </th>
          <th scope="col" className="number roomy">
            Tokens
          </th>
          <th scope="col" className="number roomy">
            Cost
          </th>
          <th scope="col" className="roomy">
            Key
          </th>
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={press}>
        {shown.map((request, row) => (
          <Row
            key={request.id}
            request={request}
            name={names.get(request.last.tenant) ?? request.last.tenant}
            open={request.id === opened}
            reachable={row === at}
            onFocus={() => setCurrent(request.id)}
            onOpen={() => onOpen(request.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  request: LiveRequest;
  name: string;
  open: boolean;
  reachable: boolean;
  onFocus: () => void;
  onOpen: () => void;
}

function Row({ request, name, open, reachable, onFocus, onOpen }: RowProps) {
  const { id, last, attempts, cost, began } = request;
  const used = last.used !== "" && last.used !== last.model ? last.used : null;
  // The link in it follows clicks by itself, those with a modifier too.
  const press = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.closest("a") === null) onOpen();
  };
  return (
    <tr aria-current={open ? "true" : undefined} onClick={press}>
      <td>
        <ViewLink
          className="request-link"
          href={requestAddress(id)}
          data-request={id}
          tabIndex={reachable ? 0 : -1}
          onFocus={onFocus}
        >
          <time dateTime={last.started}>{new Date(began).toLocaleTimeString()}</time>
        </ViewLink>
      </td>
      <td>
        <bdi>{last.model}</bdi>
        {used !== null && <span className="hint"> → <bdi>{used}</bdi></span>}
        {attempts.length > 1 && <span className="hint"> · {attempts.length} attempts</span>}
      </td>
      <td>
        <StatusChip state={last.status} />
      </td>
      <td className="number">{seconds(last.seconds)}</td>
      <td className="number roomy">{(last.input_tokens + last.output_tokens).toLocaleString("en")}</td>
      <td className="number roomy">{cost === null ? "?" : money(cost)}</td>
      <td className="roomy">
        <bdi>{name}</bdi>
      </td>
    </tr>
  );
}
