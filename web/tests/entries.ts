import type { Entry } from "../src/api/gateway";

const PLAIN: Entry = {
  id: "req_1",
  attempt: 1,
  started: "2026-07-01T10:00:00.000+00:00",
  status: "done",
  trace_id: "",
  seconds: 1,
  first: 0.5,
  tenant: "local",
  team: "",
  user: "",
  system: "",
  run: "",
  endpoint: "chat",
  dialect: "openai",
  provider: "openai",
  model: "m",
  used: "m",
  upstream_id: "",
  stream: true,
  http: 200,
  reason: "",
  input_tokens: 1,
  output_tokens: 1,
  cached_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  audio_input_tokens: 0,
  audio_output_tokens: 0,
  units: {},
  cost_usd: 0,
  bound_usd: null,
  before_usd: null,
  estimated: false,
  corrected: null,
  error: "",
  story: {},
};

/** An entry of the ledger that is plain but for what is given. */
export function entry(given: Partial<Entry>): Entry {
  return { ...PLAIN, ...given };
}
