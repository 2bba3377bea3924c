/**
 * Text for a terminal: free of what would command the terminal, and measured in columns.
 *
 * @module
 */

/** Joins what must not be torn apart by {@link wrapped}; it prints as a space. */
export const TIE = "\u00a0";

// Control, format and private characters, lone surrogates, line and paragraph separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NARROW = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^\p{M}$/u;
// Wide and fullwidth by Unicode's UAX #11: East Asian scripts and pictographs.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}$/u;

/**
 * The text without control characters: names that come from a file or from the network must not
 * move the cursor or change the colours of whoever reads them.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\ufffd");
}

/** The text with escapes, as JSON has them, in the place of what {@link printable} takes out. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf);
}

/** As many escapes as the character has units of UTF-16. */
export function escapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** How many columns a terminal needs for the text, which must be {@link printable}. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (ZERO_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The text, or its beginning and "…" where it needs more than so many columns. */
export function shortened(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const [beginning = ""] = cutInPieces(text, columns - 1);
  return `${beginning.trimEnd()}…`;
}

/** The text in pieces of at most so many columns, 2 or more, cut anywhere. */
export function cutInPieces(text: string, columns: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of text) {
    const wide = displayWidth(character);
    if (piece !== "" && used + wide > columns) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += wide;
  }
  return piece === "" ? pieces : [...pieces, piece];
}

/**
 * The text in lines of at most `width` columns, indentation included. Breaks at spaces only, so a
 * longer word has a line of its own. {@link TIE} becomes a space.
 */
export function wrapped(
  text: string,
  { width, indent, hanging = indent }: { width: number; indent: number; hanging?: number },
): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ").filter((one) => one !== "")) {
    const wide = displayWidth(word);
    if (line !== "" && used + 1 + wide > width) {
      lines.push(line);
      line = "";
    }
    const margin = lines.length === 0 ? indent : hanging;
    line = line === "" ? " ".repeat(margin) + word : `${line} ${word}`;
    used = displayWidth(line);
  }
  if (line !== "") lines.push(line);
  return lines.map((one) => one.replaceAll(TIE, " "));
}
