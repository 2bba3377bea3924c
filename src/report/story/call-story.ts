/**
 * A call as a person would tell it: what happened, what was heard, what caused it, and when. Argued
 * from the call's record alone.
 *
 * @module
 */

import type { CallReport } from "../../call/call-report.js";
import { DEFAULT_BUFFER_MS } from "../../quality/assess.js";
import { TIE } from "../display-text.js";
import { courseSentences } from "./course.js";
import { delaySentences } from "./delay.js";
import { doubtSentences } from "./doubts.js";
import { heardSentences } from "./heard.js";
import { issueSentences, silenceSentences } from "./issues.js";
import { pathSentences } from "./path.js";
import { type Sentence, type Subject, valueAt } from "./sentence.js";

/** What the record does not say of how it was made. */
export interface StorySettings {
  /** Delay of the simulated fixed buffer, in milliseconds. @default 60 */
  readonly fixedBufferMs?: number;
}

/** One sentence of an explanation. */
export interface ExplainedSentence {
  readonly about: Subject;
  readonly text: string;
  /** What of the record it rests on, by where it stands there, as `streams[0].lossRatio`. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** What there is to say of a call. */
export interface CallExplanation {
  readonly schema: "mediaprobe.explanation/1";
  readonly callId: string;
  /** All sentences, one after the other. */
  readonly paragraph: string;
  readonly sentences: readonly ExplainedSentence[];
}

/** The sentences in the order in which they are told, with ties in them. */
export function callStory(
  call: CallReport,
  { fixedBufferMs = DEFAULT_BUFFER_MS }: StorySettings = {},
): Sentence[] {
  return [
    ...courseSentences(call),
    ...pathSentences(call),
    ...silenceSentences(call),
    ...heardSentences(call, fixedBufferMs),
    ...delaySentences(call),
    ...issueSentences(call),
    ...doubtSentences(call),
  ];
}

/**
 * Explains a call in a paragraph, each sentence with what of the record it rests on.
 *
 * @param call - A record of any source; masked, it is explained without names.
 */
export function explainCall(call: CallReport, settings: StorySettings = {}): CallExplanation {
  const sentences = callStory(call, settings).map(({ about, text, fields }) => ({
    about,
    text: text.replaceAll(TIE, " "),
    evidence: evidenceOf(call, fields),
  }));
  return {
    schema: "mediaprobe.explanation/1",
    callId: call.callId,
    paragraph: sentences.map(({ text }) => text).join(" "),
    sentences,
  };
}

function evidenceOf(
  call: CallReport,
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  const entries = [...new Set(fields)].map((field) => [field, valueAt(call, field)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
