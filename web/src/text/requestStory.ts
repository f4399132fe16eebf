import type { Entry } from "../api/gateway";
import type { Json } from "../api/types";
import { prettyJson } from "./format";

/** One attempt in time, as shares of the whole request's. */
export interface AttemptBar {
  entry: Entry;
  left: number;
  /** Until the first byte, or all of it where none came. */
  waited: number;
  streamed: number;
}

/** Where attempts stand in time: the ledger tells when each ended, and one follows another. */
export function attemptBars(attempts: readonly Entry[]): AttemptBar[] {
  const whole = Math.max(...attempts.map(({ seconds }) => seconds), 0);
  const share = (seconds: number): number => (whole > 0 ? seconds / whole : 0);
  return attempts.map((entry, at) => {
    const before = attempts.slice(0, at).map(({ seconds }) => seconds);
    const begun = Math.max(0, ...before.filter((seconds) => seconds <= entry.seconds));
    const first = entry.first === null ? entry.seconds : Math.min(Math.max(entry.first, begun), entry.seconds);
    return { entry, left: share(begun), waited: share(first - begun), streamed: share(entry.seconds - first) };
  });
}

/** A candidate of a choice, and why it stands where it stands. */
export interface Reason {
  name: string;
  why: string;
}

/** What happened on a request's way, in words. */
export interface Story {
  goal: string | null;
  signals: Reason[];
  ranked: Reason[];
  excluded: Reason[];
  tries: Reason[];
  lost: string[];
  /** What guards found, on which side, and how often. */
  guards: Reason[];
  /** What the server tells beyond that, name by name. */
  more: Reason[];
}

const TOLD: ReadonlySet<string> = new Set(["choice", "tries", "lost", "guard"]);

/** Read the stories of attempts; later ones hold all that earlier ones hold. */
export function storyOf(attempts: readonly Entry[]): Story {
  const told: Record<string, Json> = Object.assign({}, ...attempts.map(({ story }) => story));
  const choice = objectOf(told["choice"]);
  const signals = Object.entries(objectOf(choice["signals"])).filter(([, value]) => isTold(value));
  return {
    goal: typeof choice["goal"] === "string" ? choice["goal"] : null,
    signals: signals.map(([name, value]) => ({ name, why: words(value) })),
    ranked: listOf(choice["ranked"]).map(reason),
    excluded: listOf(choice["excluded"]).map(reason),
    tries: listOf(told["tries"]).map(tried),
    lost: listOf(told["lost"]).map(words),
    guards: Object.entries(objectOf(told["guard"])).map(([name, found]) => ({ name, why: words(found) })),
    more: Object.entries(told).flatMap(([name, value]) => (TOLD.has(name) ? [] : [{ name, why: words(value) }])),
  };
}

function reason(value: Json): Reason {
  const { name, reason: why } = objectOf(value);
  return { name: words(name ?? ""), why: words(why ?? "") };
}

function tried(value: Json): Reason {
  const { candidate, outcome, error, reason: why, hedge } = objectOf(value);
  const told = [outcome, hedge === true ? "as a hedge" : null, why, error].filter(isTold).map(words);
  return { name: isTold(candidate) ? words(candidate) : "first try", why: told.join(": ") };
}

function isTold(value: Json | undefined): value is Json {
  return value !== undefined && value !== null && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
}

function objectOf(value: Json | undefined): Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** A value in words: texts as they are, small objects as `name value`. */
function words(value: Json): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .filter(([, each]) => isTold(each))
      .map(([name, each]) => `${name} ${words(each)}`)
      .join(", ");
  }
  return prettyJson(value);
}
