/**
 * A diagnosis for a person at a terminal.
 *
 * @module
 */

import { displayWidth, printable, wrapped } from "../report/display-text.js";
import type { Paint, Tone } from "../report/tone.js";
import type { Diagnosis, Finding, Sight } from "./finding.js";

const TONES: Readonly<Record<Sight, Tone>> = { ok: "good", limited: "poor", blind: "bad" };
const SIGHT_WIDTH = "limited".length;
const MARGIN = 2;
const GAP = 2;
/** Text begins on a line of its own where fewer columns would be left for it. */
const LEAST_TEXT = 40;

/** Its lines, without line breaks: a subject, how much of it is seen, and what was found. */
export function* diagnosisText(
  { subjects }: Diagnosis,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): Generator<string> {
  const nameWidth = Math.max(...subjects.map(({ name }) => displayWidth(name)));
  const column = MARGIN + nameWidth + GAP + SIGHT_WIDTH + GAP;
  const isNarrow = width - column < LEAST_TEXT;
  const indent = isNarrow ? MARGIN + GAP : column;
  for (const { name, sight, findings } of subjects) {
    const head =
      " ".repeat(MARGIN) + paint("strong", name) + " ".repeat(nameWidth - displayWidth(name) + GAP);
    const verdict = paint(TONES[sight], sight);
    const lines = findings.flatMap((finding) => findingLines(finding, { width, indent }));
    const [first = "", ...rest] = lines;
    if (isNarrow) {
      yield head + verdict;
      yield* lines;
    } else {
      yield head + verdict + " ".repeat(SIGHT_WIDTH - sight.length + GAP) + first.trimStart();
      yield* rest;
    }
  }
}

function findingLines(
  { seen, consequence, remedy }: Finding,
  { width, indent }: { readonly width: number; readonly indent: number },
): string[] {
  const sentence = [seen, consequence].filter((part) => part !== undefined).join(" ");
  const block = (text: string, from: number): string[] =>
    wrapped(printable(text), { width, indent: from });
  return [
    ...block(sentence, indent),
    ...(remedy === undefined ? [] : block(`→ ${remedy}`, indent + GAP)),
  ];
}
