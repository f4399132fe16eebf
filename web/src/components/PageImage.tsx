import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { usePage } from "../state/usePage";
import { joinBoxes, placeOn } from "../text/boxes";
import type { Place } from "../text/link";
import type { Range } from "../text/range";
import { Icon } from "./Icon";

interface Props {
  place: Place;
  page: number;
  zoom: number;
  /** The cited characters that lie on this page. */
  mark: Range | null;
}

const STEP = 400;
const WIDEST = 3200;

export function PageImage({ place, page, zoom, mark }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const available = useWidth(scroller);
  const remember = useHeldCentre(scroller, zoom);
  const dots = available * zoom * Math.min(window.devicePixelRatio, 2);
  const width = Math.min(Math.ceil(dots / STEP) * STEP, WIDEST);
  const { image, words, error } = usePage(place, page, width, mark);
  const [loaded, setLoaded] = useState(false);
  const drawn = image?.page === page;
  const strokes = words === null || !drawn ? [] : joinBoxes(words.boxes);

  useLayoutEffect(() => {
    if (!loaded || !drawn || words === null) return;
    scroller.current?.querySelector(".stroke")?.scrollIntoView({ block: "center", inline: "nearest" });
  }, [loaded, drawn, words]);

  return (
    <div
      className="viewer-body page-scroller"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Page"
      onScroll={remember}
    >
      {error !== null && (
        <div className="notice notice-bad" role="alert">
          <Icon name="warning" />
          <span>{error}</span>
        </div>
      )}
      {image === null && error === null && <p className="hint">Drawing the page…</p>}
      {image !== null && (
        <div className="sheet" style={{ width: `${zoom * 100}%` }}>
          <img
            src={image.address}
            alt={`Page ${image.page}`}
            onLoad={() => {
              remember();
              setLoaded(true);
            }}
          />
          {words !== null &&
            strokes.map((box) => (
              <span
                key={box.start}
                className="stroke"
                data-start={box.start}
                data-end={box.end}
                style={placeOn(words, box)}
              />
            ))}
        </div>
      )}
    </div>
  );
}

/** Keep what is in the middle there while the zoom changes; call the result after each scroll. */
function useHeldCentre(element: React.RefObject<HTMLElement | null>, zoom: number): () => void {
  const centre = useRef<{ x: number; y: number } | null>(null);

  useLayoutEffect(() => {
    const target = element.current;
    if (target === null || centre.current === null) return;
    target.scrollLeft = centre.current.x * target.scrollWidth - target.clientWidth / 2;
    target.scrollTop = centre.current.y * target.scrollHeight - target.clientHeight / 2;
  }, [element, zoom]);

  return () => {
    const target = element.current;
    if (target === null) return;
    centre.current = {
      x: (target.scrollLeft + target.clientWidth / 2) / target.scrollWidth,
      y: (target.scrollTop + target.clientHeight / 2) / target.scrollHeight,
    };
  };
}

/** The width an element offers to its content, followed as the panel changes size. */
function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(target.clientWidth));
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
