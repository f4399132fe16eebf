import type { PlanNode, Run, RunRecord, Span } from "../api/types";

/** What a run's state is called; one that its process left behind is interrupted. */
export function stateOf(run: Pick<Run, "status" | "active">): string {
  return run.status === "running" && !run.active ? "interrupted" : run.status;
}

/** Whether a run may change by itself or by a person's word. */
export function isOpen(run: Run): boolean {
  return run.active || run.status === "paused";
}

export function isFinal(run: Run): boolean {
  return run.status === "done" || run.status === "failed" || run.status === "cancelled";
}

/** What a run still needs a person for. */
export function unanswered(run: Run): Run["pending"] {
  return run.pending.filter((each) => each.answered === null);
}

export function titleOf(run: Pick<Run, "kind" | "question">): string {
  return run.kind === "plan" ? `Plan “${run.question}”` : run.question;
}

/** A row of a run's story: a node that began, or one of the plan that did not. */
export interface Row {
  id: string;
  /** Its name without the parent's. */
  name: string;
  level: number;
  span: Span | null;
  planned: PlanNode | null;
  critical: boolean;
}

/** The nodes as a tree in the order they began, each before those inside it; then what did not run. */
export function rowsOf(record: Pick<RunRecord, "plan" | "spans">): Row[] {
  const planned = new Map(record.plan.nodes.map((node) => [node.id, node]));
  const critical = new Set(record.plan.analysis?.critical_path);
  const began = record.spans.filter(({ status }) => status !== "waiting");
  const known = new Set(began.map(({ node }) => node));
  const inside = new Map<string | null, Span[]>();
  for (const span of began) {
    const parent = span.parent !== null && known.has(span.parent) ? span.parent : null;
    const siblings = inside.get(parent);
    if (siblings === undefined) inside.set(parent, [span]);
    else siblings.push(span);
  }
  const rows: Row[] = [];
  // A stack in place of recursion: nodes may be nested deeply.
  const stack = [...(inside.get(null) ?? [])].reverse().map((span) => ({ span, level: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, level } = next;
    const { node } = span;
    const name = span.parent !== null && node.startsWith(`${span.parent}/`) ? node.slice(span.parent.length + 1) : node;
    rows.push({ id: node, name, level, span, planned: planned.get(node) ?? null, critical: critical.has(node) });
    for (const child of [...(inside.get(node) ?? [])].reverse()) stack.push({ span: child, level: level + 1 });
  }
  for (const node of record.plan.nodes) {
    if (!known.has(node.id)) {
      rows.push({ id: node.id, name: node.id, level: 0, span: null, planned: node, critical: false });
    }
  }
  return rows;
}

/** Where a bar stands: shares of the whole width. */
export interface Bar {
  left: number;
  width: number;
}

/** How much of the width a stretch of time gets in which nothing ran, such as a person's weekend. */
const BREAK = 0.04;
/** A rest is cut short when it is longer than all the work, and than this many seconds. */
const REST = 1;

/** Turns instants into places, with long rests cut short; `now` ends what still runs. */
export function timeline(spans: readonly Span[], now: number): (span: Span) => Bar {
  const busy = merged(spans.map((span) => extent(span, now)));
  const work = busy.reduce((sum, [start, end]) => sum + (end - start), 0);
  const rests = busy.slice(1).map(([start], at) => start - (busy[at]?.[1] ?? start));
  const longest = Math.max(REST, work);
  const cut = rests.filter((rest) => rest > longest).length;
  const whole = work + rests.reduce((sum, rest) => sum + (rest > longest ? 0 : rest), 0);
  const share = Math.min(BREAK, 0.5 / Math.max(cut, 1));
  const scale = whole > 0 ? (1 - cut * share) / whole : 0;

  // The places where stretches of work begin, in the order of time.
  const places: number[] = [];
  let place = 0;
  busy.forEach(([start, end], at) => {
    const rest = rests[at - 1];
    if (rest !== undefined) place += rest > longest ? share : rest * scale;
    places.push(place);
    place += (end - start) * scale;
  });
  const placeOf = (instant: number): number => {
    let at = busy.length - 1;
    while (at > 0 && instant < (busy[at]?.[0] ?? 0)) at--;
    const [start, end] = busy[at] ?? [0, 0];
    return (places[at] ?? 0) + (Math.min(Math.max(instant, start), end) - start) * scale;
  };
  return (span) => {
    const [start, end] = extent(span, now);
    const left = placeOf(start);
    return { left, width: Math.max(0, placeOf(end) - left) };
  };
}

/** When a node began and ended, in epoch seconds; one that waits ends where it began. */
function extent(span: Span, now: number): [number, number] {
  const start = Date.parse(span.started) / 1000;
  const took = span.seconds ?? (span.status === "running" ? Math.max(0, now - start) : 0);
  return [start, start + took];
}

function merged(extents: [number, number][]): [number, number][] {
  const found: [number, number][] = [];
  for (const [start, end] of [...extents].sort(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found;
}
