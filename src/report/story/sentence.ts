/**
 * A sentence about a call, and which fields of its record say so.
 *
 * @module
 */

import type { CallReport } from "../../call/call-report.js";
import type { Tone } from "../tone.js";

/** What sentences are about, in the order in which they are told. */
export const SUBJECTS = [
  "course",
  "path",
  "heard",
  "cause",
  "interval",
  "far-end",
  "delay",
  "issue",
  "remedy",
  "confidence",
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** One sentence as it is told. */
export interface Sentence {
  readonly about: Subject;
  /** From its first letter to its full stop; ties instead of spaces in what belongs together. */
  readonly text: string;
  /** Where in the record that stands, as `streams[0].lossRatio`; what is absent there says nothing. */
  readonly fields: readonly string[];
  readonly tone?: Tone | undefined;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  const others = parts.slice(0, -1);
  return others.length === 0 ? last : `${others.join(", ")} and ${last}`;
}

/** A clause as a sentence: with a large first letter, and a full stop where there is no end yet. */
export function sentenceText(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** A sentence that somebody else wrote into the record, without its full stop. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

/** What stands in a record at a place as `streams[0].lossRatio`. */
export function valueAt(record: CallReport, field: string): unknown {
  let value: unknown = record;
  for (const name of field.match(/[^.[\]]+/g) ?? []) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
