/**
 * Text addressed by Unicode code points, as every offset of the API counts them. JavaScript
 * strings count UTF-16 units, where characters outside the basic plane take two.
 */
export class CodePointText {
  readonly text: string;
  readonly length: number;
  /** UTF-16 index of every STEP-th code point; empty when both counts agree. */
  readonly #marks: number[];

  static readonly STEP = 2048;

  constructor(text: string) {
    this.text = text;
    const marks: number[] = [];
    let count = 0;
    for (let unit = 0; unit < text.length; count++) {
      if (count % CodePointText.STEP === 0) marks.push(unit);
      unit += width(text, unit);
    }
    this.length = count;
    this.#marks = count === text.length ? [] : marks;
  }

  /** The UTF-16 index of a code point; offsets outside the text are moved to its ends. */
  unitAt(offset: number): number {
    if (offset <= 0) return 0;
    if (offset >= this.length) return this.text.length;
    if (this.#marks.length === 0) return offset;
    const mark = Math.floor(offset / CodePointText.STEP);
    let unit = this.#marks[mark] ?? 0;
    for (let left = offset - mark * CodePointText.STEP; left > 0; left--) {
      unit += width(this.text, unit);
    }
    return unit;
  }

  slice(start: number, end: number): string {
    return this.text.slice(this.unitAt(start), this.unitAt(end));
  }
}

function width(text: string, unit: number): number {
  const code = text.charCodeAt(unit);
  if (code < 0xd800 || code > 0xdbff) return 1;
  const next = text.charCodeAt(unit + 1);
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
}
