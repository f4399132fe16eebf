import type { Limits, NewKey, Period, VirtualKey } from "../api/gateway";
import { money } from "./format";

/** From when on spend is summed; null for all time. */
export const SPANS: Record<string, number | null> = { "24 hours": 1, "7 days": 7, "30 days": 30, All: null };
const DAY = 86_400;

/** The epoch second at which a span begins. */
export function beginOf(span: string, now: number): number {
  const days = SPANS[span] ?? null;
  return days === null ? 0 : Math.floor(now / 1000 - days * DAY);
}

export type KeyState = "active" | "disabled" | "expired" | "revoked";

export function keyState({ revoked, disabled, expires }: VirtualKey, now: number): KeyState {
  if (revoked !== null) return "revoked";
  if (expires !== null && Date.parse(expires) <= now) return "expired";
  return disabled ? "disabled" : "active";
}

const PER: Record<Period, string> = { total: "in all", day: "a day", month: "a month" };

/** Limits in a few words, empty where there are none. */
export function limitsText({ budget_usd, period, requests_per_minute, tokens_per_minute }: Limits): string {
  return [
    budget_usd === null ? "" : `${money(budget_usd)} ${PER[period]}`,
    requests_per_minute === null ? "" : `${requests_per_minute.toLocaleString("en")} requests/min`,
    tokens_per_minute === null ? "" : `${tokens_per_minute.toLocaleString("en")} tokens/min`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** How much of a budget is used, from 0 to 1; null where there is none. */
export function usedShare({ budget_usd, spent_usd }: Limits & { spent_usd: number }): number | null {
  if (budget_usd === null) return null;
  return budget_usd === 0 ? 1 : Math.min(spent_usd / budget_usd, 1);
}

/** What a person typed into the form for a key or a team. */
export interface KeyDraft {
  name: string;
  team: string;
  budget: string;
  period: Period;
  requests: string;
  tokens: string;
  models: string;
  expires: string;
  local: boolean;
}

export const EMPTY_DRAFT: KeyDraft = {
  name: "",
  team: "",
  budget: "",
  period: "total",
  requests: "",
  tokens: "",
  models: "",
  expires: "",
  local: false,
};

export function limitsOf({ budget, period, requests, tokens }: KeyDraft): Limits {
  return {
    budget_usd: numberOf(budget),
    period,
    requests_per_minute: numberOf(requests),
    tokens_per_minute: numberOf(tokens),
  };
}

export function keyOf(draft: KeyDraft): NewKey {
  return {
    ...limitsOf(draft),
    name: draft.name.trim(),
    team: draft.team === "" ? null : draft.team,
    models: draft.models.split(/[\s,]+/).filter(Boolean),
    local: draft.local,
    expires: draft.expires === "" ? null : draft.expires,
  };
}

function numberOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}
