/** A half-open range of code points. */
export interface Range {
  start: number;
  end: number;
}

/** The part that two ranges share, or null. */
export function intersection(one: Range, other: Range): Range | null {
  const start = Math.max(one.start, other.start);
  const end = Math.min(one.end, other.end);
  return start < end ? { start, end } : null;
}

/** The range moved and cut so that it lies within 0 and `length`. */
export function clamp({ start, end }: Range, length: number): Range {
  const from = Math.min(Math.max(start, 0), length);
  return { start: from, end: Math.min(Math.max(end, from), length) };
}
