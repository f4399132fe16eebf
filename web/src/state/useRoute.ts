import { useEffect, useState } from "react";
import { routeFromHash, type Route } from "../text/route";

/** The view that the address names; links and the back button change it. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);

  useEffect(() => {
    const follow = () => setHash(location.hash);
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, []);

  return routeFromHash(hash);
}
