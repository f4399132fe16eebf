import { useState } from "react";
import type { LoadedDocument } from "../state/useDocument";
import type { Place } from "../text/link";
import { intersection, type Range } from "../text/range";
import { regionAt } from "../text/segments";
import { IconButton } from "./IconButton";
import { PageImage } from "./PageImage";

interface Props {
  place: Place;
  document: LoadedDocument;
  mark: Range | null;
}

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

/** A PDF, one page at a time, with the cited words highlighted where they stand. */
export function PdfView({ place, document: { about }, mark }: Props) {
  const pages = about.regions.filter((region) => region.kind === "page");
  const cited = mark === null ? null : regionAt(pages, mark.start);
  const [page, setPage] = useState(place.page ?? cited?.number ?? 1);
  const [zoom, setZoom] = useState(2);
  const region = pages.find(({ number }) => number === page);
  const last = pages.at(-1)?.number ?? page;
  const go = (next: number) => setPage(Math.min(Math.max(next, 1), last));
  const change = (step: number) => setZoom(Math.min(Math.max(zoom + step, 0), ZOOMS.length - 1));

  return (
    <>
      <div className="page-bar" role="toolbar" aria-label="Page">
        <IconButton icon="earlier" label="Previous page" aria-disabled={page <= 1} onClick={() => go(page - 1)} />
        <span className="page-number" role="status">
          Page {page} of {last}
        </span>
        <IconButton icon="later" label="Next page" aria-disabled={page >= last} onClick={() => go(page + 1)} />
        <span className="page-bar-gap" />
        <IconButton icon="minus" label="Smaller" aria-disabled={zoom === 0} onClick={() => change(-1)} />
        <span className="page-number">{Math.round((ZOOMS[zoom] ?? 1) * 100)} %</span>
        <IconButton
          icon="add"
          label="Larger"
          aria-disabled={zoom === ZOOMS.length - 1}
          onClick={() => change(1)}
        />
      </div>
      <PageImage
        place={place}
        page={page}
        zoom={ZOOMS[zoom] ?? 1}
        mark={mark !== null && region !== undefined ? intersection(mark, region) : null}
      />
    </>
  );
}
