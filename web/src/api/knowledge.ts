import { getJson, post } from "./client";
import type { Json } from "./types";

/** A place in a source that something stands at; offsets count code points of its text. */
export interface Spot {
  source: string;
  /** Null where the newest is meant. */
  version: string | null;
  page: number | null;
  start: number;
  end: number;
  /** What stands there, with a little around it. */
  excerpt: string;
}

export interface Counted {
  name: string;
  count: number;
}

export interface Overview {
  sources: number;
  chunks: number;
  entities: number;
  relations: number;
  memories: number;
  tables: number;
  labels: Counted[];
  types: Counted[];
  /** Plans of the graph that wait for a person, and pairs of names. */
  proposals: number;
  merges: number;
}

/** Why a passage was found: the parts of its score, how the graph led to it, which rows it shows. */
export interface Explanation {
  signals: { name: string; value: number; rank: number; share: number }[];
  /** Entity, relation, entity. */
  path: [string, string, string][];
  /** Table and number of the row. */
  rows: [string, number][];
  kind: string;
  owner: string | null;
  by: string | null;
  at: string | null;
  origin: string | null;
}

export interface Hit {
  source: string;
  version: string;
  kind: string;
  page: number | null;
  start: number;
  end: number;
  context: string;
  text: string;
  score: number;
  explanation: Explanation;
}

export interface EntityRow {
  uid: string;
  name: string;
  label: string;
  mentions: number;
  rows: number;
  claims: number;
}

/** Where a fact stands; `row` is set where a table's row says it. */
export interface Stands {
  id: string;
  source: string;
  start: number;
  end: number;
  row: number | null;
  given: boolean;
  score: number;
  producer: string;
}

export interface Mention {
  id: string;
  source: string;
  version: string;
  page: number | null;
  start: number;
  end: number;
  text: string;
  around: string;
  score: number;
  producer: string;
  /** Of a memory: whose it is, and when it was said. */
  owner?: string | null;
  at?: string | null;
}

export interface Claim extends Stands {
  property: string;
  type: string;
  value: Json;
  valid_from: string | null;
  valid_to: string | null;
}

export interface Related extends Stands {
  type: string;
  direction: "out" | "in";
  entity: { uid: string; name: string; label: string };
}

export interface LinkedRow {
  source: string;
  table: string;
  row: number;
  column: string;
  values: Record<string, Json>;
}

export interface Entity {
  entity: EntityRow;
  /** Every way in which sources write it. */
  names: string[];
  /** Others that go by the same name. */
  others: EntityRow[];
  memory: Mention[];
  rows: LinkedRow[];
  mentions: Mention[];
  claims: Claim[];
  relations: Related[];
}

export interface GraphNode {
  uid: string;
  name: string;
  label: string;
  weight: number;
}

export interface GraphEdge {
  source: string;
  target: string;
  type: string;
  derived: boolean;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Whether there is more than was asked for. */
  more: boolean;
}

export interface ProposedLabel {
  label: string;
  /** How many there are, and in how many sources they are mentioned. */
  things: number;
  mentioned: number;
  examples: string[];
}

export interface ProposedRelation {
  type: string;
  from: string;
  to: string;
  table: string;
  rows: number;
  examples: string[];
  reference: { table: string; included: number; score: number; strays: string[] } | null;
}

export interface Proposal {
  hash: string;
  status: "waiting" | "approved" | "replaced" | "rejected";
  made: string;
  approved_by: string | null;
  rejected_by: string | null;
  evidence: { labels: ProposedLabel[]; relations: ProposedRelation[] };
}

/** What speaks for or against a pair: how much, and where; or what forbids it. */
export type Reason = { field: string; text: string; effect: number } | { conflict: string };

export type MergeState = "waiting" | "joined" | "apart";

export interface Merge {
  left: { uid: string; name: string; label: string };
  right: { uid: string; name: string; label: string };
  /** The probability that they are one; null where people alone say so. */
  score: number | null;
  reasons: Reason[];
  verdict: "same" | "different" | null;
  state: MergeState;
}

export type MergeDecision = "merge" | "unmerge" | "apart";

/** A link of the chain behind a fact; `from` is what it was taken from. */
export interface ChainLink {
  kind: string;
  id: string;
  title: string;
  detail: string;
  /** First-party or derived; null where that is no question. */
  given: boolean | null;
  spot: Spot | null;
  from: ChainLink[];
}

const PATH = "/api/knowledge";

export function getOverview(system: string): Promise<Overview> {
  return getJson(PATH, { system });
}

export async function searchKnowledge(
  system: string,
  query: string,
  signal: AbortSignal,
): Promise<Hit[]> {
  const { hits } = await getJson<{ hits: Hit[] }>(`${PATH}/search`, { system, query, k: 20 }, signal);
  return hits;
}

export interface EntityQuery {
  query: string;
  label: string | null;
}

export async function getEntities(system: string, { query, label }: EntityQuery): Promise<EntityRow[]> {
  const { entities } = await getJson<{ entities: EntityRow[] }>(`${PATH}/entities`, {
    system,
    query: query || null,
    label,
    limit: 200,
  });
  return entities;
}

export function getEntity(system: string, uid: string, signal?: AbortSignal): Promise<Entity> {
  return getJson(`${PATH}/entities/${encodeURIComponent(uid)}`, { system }, signal);
}

/** The neighbourhood of an entity, or the most connected entities where none is named. */
export function getGraph(
  system: string,
  around: string | null,
  hops: number,
  limit: number,
  signal: AbortSignal,
): Promise<Graph> {
  return getJson(`${PATH}/graph`, { system, around, hops, limit }, signal);
}

export async function getProposals(system: string): Promise<Proposal[]> {
  const { proposals } = await getJson<{ proposals: Proposal[] }>(`${PATH}/proposals`, { system });
  return proposals;
}

/** Approve or reject a plan: the hash says which one, byte for byte. */
export async function decideProposal(
  system: string,
  hash: string,
  decision: "approve" | "reject",
  by: string,
): Promise<void> {
  await post(`${PATH}/proposals/${encodeURIComponent(hash)}`, { system, decision, by });
}

export async function getMerges(system: string): Promise<Merge[]> {
  const { merges } = await getJson<{ merges: Merge[] }>(`${PATH}/merges`, { system });
  return merges;
}

/** Say that two names mean one thing, that they are two after all, or that they stay two. */
export async function decideMerge(
  system: string,
  { left, right }: Merge,
  decision: MergeDecision,
  by: string,
): Promise<void> {
  await post(`${PATH}/merges`, { system, left: left.uid, right: right.uid, decision, by });
}

export async function getLineage(system: string, of: string, signal: AbortSignal): Promise<ChainLink> {
  const { lineage } = await getJson<{ lineage: ChainLink }>(`${PATH}/lineage`, { system, of }, signal);
  return lineage;
}
