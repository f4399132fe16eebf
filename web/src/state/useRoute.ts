import { useEffect, useState } from "react";
import { routeFrom, type Route } from "../text/route";

/** The view that the address names; links and the back button change it. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeFrom(location));

  useEffect(() => {
    const follow = () => setRoute(routeFrom(location));
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, []);

  return route;
}
