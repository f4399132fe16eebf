import type { PageWords, WordBox } from "../api/types";

/** Join the boxes of neighbouring words of a line, so that a highlight reads as one stroke. */
export function joinBoxes(boxes: readonly WordBox[]): WordBox[] {
  const lines: WordBox[] = [];
  for (const box of [...boxes].sort((one, other) => one.start - other.start)) {
    const last = lines.at(-1);
    if (last === undefined || !continues(last, box)) {
      lines.push({ ...box });
      continue;
    }
    last.x1 = Math.max(last.x1, box.x1);
    last.y0 = Math.min(last.y0, box.y0);
    last.y1 = Math.max(last.y1, box.y1);
    last.end = Math.max(last.end, box.end);
  }
  return lines;
}

/** Whether a word stands on the same line as a stroke, right after it. */
function continues(stroke: WordBox, box: WordBox): boolean {
  const height = Math.min(stroke.y1 - stroke.y0, box.y1 - box.y0);
  const shared = Math.min(stroke.y1, box.y1) - Math.max(stroke.y0, box.y0);
  const gap = box.x0 - stroke.x1;
  return shared > height * 0.5 && gap > -height && gap < height * 1.5;
}

/** Where a box lies on a page's image of any size, as shares of it. */
export function placeOn({ width, height }: PageWords, { x0, y0, x1, y1 }: WordBox) {
  return {
    left: share(x0, width),
    top: share(y0, height),
    width: share(x1 - x0, width),
    height: share(y1 - y0, height),
  };
}

function share(length: number, whole: number): string {
  return `${(length / whole) * 100}%`;
}
