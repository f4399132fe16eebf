import { useCallback, useEffect, useState } from "react";
import { getSystems } from "../api/client";
import { messageOf } from "../api/errors";
import type { System } from "../api/types";

export interface SystemList {
  /** Null until the first answer. */
  systems: System[] | null;
  version: string | null;
  /** Whether models are served here by their names. */
  gateway: boolean;
  error: string | null;
  reload: () => void;
}

export function useSystems(onError: (error: unknown) => void): SystemList {
  const [systems, setSystems] = useState<System[] | null>(null);
  const [version, setVersion] = useState<string | null>(null);
  const [gateway, setGateway] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(async () => {
    try {
      const found = await getSystems();
      setSystems(found.systems);
      setVersion(found.version);
      setGateway(found.gateway);
      setError(null);
    } catch (failure) {
      setError(messageOf(failure));
      onError(failure);
    }
  }, [onError]);

  useEffect(() => void load(), [load]);
  return { systems, version, gateway, error, reload: useCallback(() => void load(), [load]) };
}
