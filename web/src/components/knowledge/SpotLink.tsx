import type { Spot } from "../../api/knowledge";
import { fileName } from "../../text/format";
import { placeToHash } from "../../text/link";
import { ViewLink } from "../ViewLink";

/** A link to the characters in the source, and what stands there. */
export function SpotLink({ system, spot, quiet = false }: { system: string; spot: Spot; quiet?: boolean }) {
  const { source, version, page, start, end } = spot;
  const hash = placeToHash({ system, source, version, page, range: { start, end } });
  return (
    <ViewLink className="spot" href={`/${hash}`} title={`${source}, characters ${start} to ${end}`}>
      {!quiet && <q dir="auto">{spot.excerpt}</q>}
      <span className="spot-source" dir="auto">
        {fileName(source)}
        {page !== null && `, page ${page}`}
      </span>
    </ViewLink>
  );
}
