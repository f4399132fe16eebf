/** Where the node of an index starts: on a spiral, the same each time, none on another. */
export function spread(index: number, count: number): { x: number; y: number } {
  const angle = index * 2.399963; // the golden angle
  const radius = Math.sqrt((index + 0.5) / Math.max(1, count)) * 100;
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}

/** A radius in pixels that grows with what an entity has. */
export function sizeOf(weight: number): number {
  return Math.min(14, 3 + 1.6 * Math.log2(1 + Math.max(0, weight)));
}

/** The colour of a label: the same in every drawing, and to be told apart from the others. */
export function colourOf(label: string, dark: boolean): string {
  let hash = 2166136261;
  for (const character of label) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  const hue = ((hash >>> 0) * 137.508) % 360;
  return hex(hue, 0.52, dark ? 0.62 : 0.42);
}

/** HSL as `#rrggbb`, which WebGL's readers of colours take; hue in degrees, the others 0 to 1. */
function hex(hue: number, saturation: number, lightness: number): string {
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    const a = saturation * Math.min(lightness, 1 - lightness);
    const value = lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
