import { address, getJson, post, request } from "./client";
import type { Json } from "./types";

/** How a stretch of measured times lies, in seconds; null where too little was measured. */
export interface Times {
  count: number;
  mean: number | null;
  p50: number | null;
  p95: number | null;
}

export interface Health {
  state: "closed" | "open" | "half-open";
  /** Seconds until it is tried again. */
  rests: number;
  /** Seconds for which it asked to be left alone. */
  busy: number;
  barred: boolean;
  answers: number;
  failures: Record<string, number>;
  first: Times;
  seconds: Times;
  tokens_per_second: number | null;
  last_error: string | null;
}

export interface ServedModel {
  name: string;
  provider: string;
  model: string;
  local: boolean;
  /** USD per million tokens, and per call. */
  price: { input: number; output: number; call: number } | null;
  context: number | null;
  max_output: number | null;
  /** Null where nobody asked it yet. */
  health: Health | null;
}

export interface Overview {
  models: ServedModel[];
  names: string[];
  systems: string[];
  keys_needed: boolean;
}

export type EntryStatus = "done" | "failed" | "aborted" | "refused" | "cached";

/** One row of the ledger: an attempt at a model; attempt 0 asked none. */
export interface Entry {
  id: string;
  attempt: number;
  started: string;
  status: EntryStatus;
  trace_id: string;
  /** From the request's begin to the attempt's end. */
  seconds: number;
  first: number | null;
  tenant: string;
  team: string;
  user: string;
  system: string;
  run: string;
  endpoint: string;
  dialect: string;
  provider: string;
  model: string;
  used: string;
  upstream_id: string;
  stream: boolean;
  http: number;
  reason: string;
  input_tokens: number;
  output_tokens: number;
  cached_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  audio_input_tokens: number;
  audio_output_tokens: number;
  units: Record<string, Json>;
  cost_usd: number | null;
  bound_usd: number | null;
  before_usd: number | null;
  estimated: boolean;
  corrected: string | null;
  error: string;
  story: Record<string, Json>;
}

export interface Traffic {
  until: number;
  requests: Entry[];
}

export type By = "key" | "team" | "model" | "day";

export interface Spent {
  name: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
  estimated_usd: number;
  unpriced: number;
}

export interface Spend {
  by: By;
  rows: Spent[];
  total: Spent;
}

export type Period = "total" | "day" | "month";

export interface Limits {
  budget_usd: number | null;
  period: Period;
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
}

export interface VirtualKey extends Limits {
  id: string;
  name: string;
  hint: string;
  team: string | null;
  models: string[];
  local: boolean;
  admin: boolean;
  disabled: boolean;
  created: string;
  expires: string | null;
  revoked: string | null;
  spent_usd: number;
}

export interface Team extends Limits {
  name: string;
  disabled: boolean;
  spent_usd: number;
}

export interface NewKey extends Limits {
  name: string;
  team: string | null;
  models: string[];
  local: boolean;
  expires: string | null;
}

export const PATH = "/api/gateway";

export function getOverview(): Promise<Overview> {
  return getJson(PATH);
}

export function getTraffic(since: number): Promise<Traffic> {
  return getJson(`${PATH}/requests`, { since });
}

export async function getAttempts(id: string, signal?: AbortSignal): Promise<Entry[]> {
  const path = `${PATH}/requests/${encodeURIComponent(id)}`;
  return (await getJson<{ attempts: Entry[] }>(path, {}, signal)).attempts;
}

export function getSpend(by: By, since: number): Promise<Spend> {
  return getJson(`${PATH}/spend`, { by, since });
}

export async function getKeys(): Promise<VirtualKey[]> {
  return (await getJson<{ keys: VirtualKey[] }>(`${PATH}/keys`)).keys;
}

export async function getTeams(): Promise<Team[]> {
  return (await getJson<{ teams: Team[] }>(`${PATH}/teams`)).teams;
}

/** Make a key; its secret is in this answer and can never be had again. */
export async function createKey(key: NewKey): Promise<string> {
  return (await post<{ key: string }>(`${PATH}/keys`, key)).key;
}

export async function createTeam(team: Limits & { name: string }): Promise<void> {
  await post(`${PATH}/teams`, team);
}

export async function revokeKey(id: string): Promise<void> {
  await request(address(`${PATH}/keys/${encodeURIComponent(id)}`), { method: "DELETE" });
}
