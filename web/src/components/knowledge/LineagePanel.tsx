import { useCallback } from "react";
import { getLineage, type ChainLink } from "../../api/knowledge";
import { useAsked } from "../../state/useAsked";
import { SpotLink } from "./SpotLink";
import { State } from "./State";

interface Props {
  system: string;
  /** The fact, as `claim:12`, `relation:3` or `mention:7`. */
  of: string | null;
  onError: (error: unknown) => void;
}

/** Where a fact comes from: from what was derived back to who gave it. */
export function LineagePanel({ system, of, onError }: Props) {
  const ask = useCallback((signal: AbortSignal) => getLineage(system, of ?? "", signal), [system, of]);
  const { value: chain, error } = useAsked(of === null ? null : ask, onError);
  return (
    <section className="panel knowledge-panel" aria-label="Lineage">
      <h1>Where this comes from</h1>
      {of === null ? (
        <p className="hint">Choose a fact, a relation or a mention on the page of an entity.</p>
      ) : (
        <State error={error} loading={chain === null} />
      )}
      {chain !== null && (
        <ol className="chain">
          <Link system={system} link={chain} />
        </ol>
      )}
    </section>
  );
}

function Link({ system, link }: { system: string; link: ChainLink }) {
  const origin = link.given === null ? null : link.given ? "first-party" : "derived";
  return (
    <li>
      <div className="chain-link">
        <span className="kind">{link.kind}</span>
        <div>
          <b dir="auto">{link.title}</b> {origin !== null && <span className="chip">{origin}</span>}
          <p className="hint" dir="auto">
            {link.detail}
          </p>
          {link.spot !== null && <SpotLink system={system} spot={link.spot} />}
        </div>
      </div>
      {link.from.length > 0 && (
        <ol>
          {link.from.map((each, index) => (
            <Link key={`${each.id} ${index}`} system={system} link={each} />
          ))}
        </ol>
      )}
    </li>
  );
}
