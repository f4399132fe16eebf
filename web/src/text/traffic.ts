import type { Entry, EntryStatus } from "../api/gateway";

/** A request with all its attempts that the page knows, in their order. */
export interface LiveRequest {
  id: string;
  /** When it began, in epoch milliseconds. */
  began: number;
  attempts: Entry[];
  /** The attempt that tells how it ended. */
  last: Entry;
  cost: number | null;
}

const KEPT = 1000;
const SETTLED: ReadonlySet<EntryStatus> = new Set<EntryStatus>(["done", "cached"]);

/** Add what was told to what is known: each attempt once, as it was told last. */
export function merged(known: readonly Entry[], told: readonly Entry[]): Entry[] {
  const found = new Map(known.map((entry) => [`${entry.id} ${entry.attempt}`, entry]));
  for (const entry of told) found.set(`${entry.id} ${entry.attempt}`, entry);
  const sorted = [...found.values()].sort((a, b) => b.started.localeCompare(a.started) || b.attempt - a.attempt);
  return sorted.slice(0, KEPT);
}

/** Put the attempts of requests together, the latest request first. */
export function liveRequests(entries: readonly Entry[]): LiveRequest[] {
  const byId = new Map<string, Entry[]>();
  for (const entry of entries) {
    const attempts = byId.get(entry.id);
    if (attempts === undefined) byId.set(entry.id, [entry]);
    else attempts.push(entry);
  }
  return [...byId].map(([id, found]) => {
    const attempts = found.toSorted((a, b) => a.attempt - b.attempt);
    const last = outcome(attempts);
    return { id, attempts, last, began: Date.parse(last.started), cost: totalCost(attempts) };
  });
}

/** The attempt that gave the answer, else the last one. */
function outcome(attempts: readonly Entry[]): Entry {
  const found = attempts.findLast(({ status }) => SETTLED.has(status)) ?? attempts.at(-1);
  if (found === undefined) throw new Error("a request without attempts");
  return found;
}

/** What all attempts cost; null where no attempt's price is known. */
export function totalCost(attempts: readonly Entry[]): number | null {
  const known = attempts.flatMap(({ cost_usd }) => (cost_usd === null ? [] : [cost_usd]));
  return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0);
}

export interface Filter {
  /** Empty for all. */
  model: string;
  status: string;
}

export function matching(requests: readonly LiveRequest[], { model, status }: Filter): LiveRequest[] {
  return requests.filter(
    ({ last }) => (model === "" || last.model === model || last.used === model) && (status === "" || last.status === status),
  );
}

export interface Bucket {
  requests: number;
  errors: number;
}

/** Count the requests of the last `count` stretches of `width` seconds up to `now`; the last is now's. */
export function buckets(requests: readonly LiveRequest[], now: number, count: number, width: number): Bucket[] {
  const found = Array.from({ length: count }, () => ({ requests: 0, errors: 0 }));
  const current = Math.floor(now / 1000 / width);
  for (const { began, last } of requests) {
    const bucket = found[count - 1 - (current - Math.floor(began / 1000 / width))];
    if (bucket === undefined) continue;
    bucket.requests++;
    if (!SETTLED.has(last.status) && last.status !== "aborted") bucket.errors++;
  }
  return found;
}

/** The next place in a list for a key; null for a key that moves nowhere. */
export function moved(key: string, at: number, length: number): number | null {
  const places: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: length - 1 };
  const place = places[key];
  return place === undefined || length === 0 ? null : Math.min(Math.max(place, 0), length - 1);
}
