import { useCallback, useEffect, useRef, useState } from "react";
import { placeFromHash, placeToHash, type Place } from "../text/link";

export interface OpenPlace {
  place: Place | null;
  open: (place: Place) => void;
  close: () => void;
}

/** The document that is open beside the answer; the address always names it. */
export function usePlace(): OpenPlace {
  const [place, setPlace] = useState<Place | null>(() => placeFromHash(location.hash));
  const opener = useRef<Element | null>(null);

  useEffect(() => {
    const follow = () => setPlace(placeFromHash(location.hash));
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, []);

  const open = useCallback((next: Place) => {
    opener.current = document.activeElement;
    const hash = placeToHash(next);
    if (placeFromHash(location.hash) === null) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
    setPlace(next);
  }, []);

  const close = useCallback(() => {
    history.replaceState(null, "", location.pathname + location.search);
    setPlace(null);
    const target = opener.current;
    // After the next paint: on a narrow screen the opener is hidden until the viewer is gone.
    requestAnimationFrame(() => target instanceof HTMLElement && target.focus());
  }, []);

  return { place, open, close };
}
