/**
 * The colours of the style sheet, for what is drawn on a canvas.
 *
 * @module
 */

const NAMES = [
  "ink",
  "muted",
  "line",
  "there",
  "back",
  "bad-wash",
  "fair-wash",
  "bad",
  "fair",
  "worst",
] as const;
type ColorName = (typeof NAMES)[number];

let known: ReadonlyMap<ColorName, string> | undefined;

/** A colour as it is now. */
export function color(name: ColorName): string {
  if (known === undefined) {
    const style = getComputedStyle(document.documentElement);
    known = new Map(NAMES.map((one) => [one, style.getPropertyValue(`--${one}`).trim()]));
  }
  return known.get(name) ?? "";
}

/** The theme is another one: the colours are to be read anew. */
export function forgetColors(): void {
  known = undefined;
}
