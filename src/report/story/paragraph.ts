/**
 * Sentences as one paragraph for a terminal.
 *
 * @module
 */

import { wrapped } from "../display-text.js";
import type { Paint } from "../tone.js";
import type { Sentence } from "./sentence.js";

/** The lines, of at most so many columns; a sentence has the colour of its tone across them. */
export function paragraphLines(
  sentences: readonly Sentence[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  // Words are parted by one space each, so the lines joined by one are the text again.
  const texts = sentences.map(({ text, ...rest }) => ({ ...rest, text: text.replace(/ +/g, " ") }));
  const lines = wrapped(texts.map(({ text }) => text).join(" "), { width, indent: 0 });
  let start = 0;
  const spans = texts.map(({ text, tone }) => {
    const span = { from: start, to: start + text.length, tone };
    start = span.to + 1;
    return span;
  });
  let at = 0;
  return lines.map((line) => {
    const [from, to] = [at, at + line.length];
    at = to + 1;
    let painted = "";
    let done = from;
    for (const span of spans) {
      const [begin, end] = [Math.max(span.from, from), Math.min(span.to, to)];
      if (begin >= end) continue;
      const piece = line.slice(begin - from, end - from);
      painted += line.slice(done - from, begin - from);
      painted += span.tone === undefined ? piece : paint(span.tone, piece);
      done = end;
    }
    return painted + line.slice(done - from);
  });
}
