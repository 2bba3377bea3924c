/**
 * Why the record may be less than the truth, in sentences.
 *
 * @module
 */

import type { CallReport, ConfidenceKind } from "../../call/call-report.js";
import { bestRoundTrip } from "../call-figures.js";
import { isUnanswered } from "../call-outcome.js";
import { printable, shortened } from "../display-text.js";
import { hearings } from "./hearing.js";
import { listed, type Sentence, sentenceText } from "./sentence.js";

/** Columns for a caveat. */
const MAX_CAVEAT_COLUMNS = 300;

/** The sentences tell of caller and callee only, whichever of them is local. */
const OF_NO_MATTER: readonly ConfidenceKind[] = ["side-assumed"];

/** What there is to doubt of what was told. */
export function doubtSentences(call: CallReport): Sentence[] {
  return [
    ...withoutDelay(call),
    ...provisional(call),
    ...call.confidence.flatMap(({ kind, detail }, index): Sentence[] => {
      if (OF_NO_MATTER.includes(kind)) return [];
      // Nobody expects to hear a call that was never answered.
      if (kind === "no-media-captured" && isUnanswered(call)) return [];
      const text = sentenceText(shortened(printable(detail), MAX_CAVEAT_COLUMNS));
      const fields = [`confidence[${index}].detail`];
      return [{ about: "confidence", text, fields, tone: "faint" }];
    }),
  ];
}

function withoutDelay(call: CallReport): Sentence[] {
  const rated = hearings(call).filter(({ quality }) => quality !== undefined);
  if (rated.length === 0 || bestRoundTrip(call) !== undefined) return [];
  const text = "No round-trip time is known: the scores are for listening and leave delay out.";
  return [
    {
      about: "confidence",
      text,
      fields: rated.map(({ qualityField }) => `${qualityField}.mosLq`),
      tone: "faint",
    },
  ];
}

/** Scores that rest on values which no standard gives. */
function provisional(call: CallReport): Sentence[] {
  const unsure = hearings(call).filter(
    ({ quality, stream }) =>
      quality !== undefined &&
      stream?.qualityBasis !== undefined &&
      stream.qualityBasis.status !== "published",
  );
  const names = new Set(unsure.map(({ stream }) => printable(stream?.qualityBasis?.name ?? "")));
  if (names.size === 0) return [];
  return [
    {
      about: "confidence",
      text: `The codec values for ${listed([...names])} are provisional, and so are the scores.`,
      fields: unsure.map(({ streamField }) => `${streamField}.qualityBasis`),
      tone: "faint",
    },
  ];
}
