import type { Health } from "../api/gateway";
import { seconds } from "./format";

/** How a model is: `state` is a colour of a chip, `text` its words. */
export interface Condition {
  state: "done" | "paused" | "failed" | "unknown";
  text: string;
}

/** Read a model's health: its breaker first, then what its provider asked or denied. */
export function healthOf(health: Health | null): Condition {
  if (health === null) return { state: "unknown", text: "not asked yet" };
  const { state, rests, busy, barred, answers, failures } = health;
  if (state === "open") return { state: "failed", text: `rests, tried again in ${seconds(rests)}` };
  if (state === "half-open") return { state: "paused", text: "being tried again" };
  if (barred) return { state: "failed", text: "refuses us" };
  if (busy > 0) return { state: "paused", text: `busy for ${seconds(busy)}` };
  if (answers === 0 && Object.keys(failures).length > 0) return { state: "paused", text: "has failed so far" };
  return { state: "done", text: "well" };
}
