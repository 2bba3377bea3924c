/**
 * What a diagnosis consists of.
 *
 * @module
 */

/** How much of a subject can be seen: all there is, a part, or nothing. */
export type Sight = "ok" | "limited" | "blind";

/** One thing that was found, and what it means. */
export interface Finding {
  readonly sight: Sight;
  /** What is there, in a sentence. */
  readonly seen: string;
  /** What cannot be known, or done, because of it. Absent where nothing is lost. */
  readonly consequence?: string;
  /** What to do about it, or to know more. Absent where nothing is to be done. */
  readonly remedy?: string;
}

/** One subject of a diagnosis. */
export interface Subject {
  readonly name: string;
  /** The worst of its findings. */
  readonly sight: Sight;
  readonly findings: readonly Finding[];
}

/** What a machine, or a capture, lets the probe see. */
export interface Diagnosis {
  readonly schema: "mediaprobe.doctor/1";
  readonly of: "machine" | "capture";
  /** The capture's; absent for a machine. */
  readonly file?: string;
  readonly subjects: readonly Subject[];
}

const WORST_FIRST: readonly Sight[] = ["blind", "limited", "ok"];

/** A subject of these findings, those left out that do not apply. */
export function subject(name: string, findings: readonly (Finding | undefined)[]): Subject {
  const present = findings.filter((finding) => finding !== undefined);
  const sight = WORST_FIRST.find((one) => present.some((finding) => finding.sight === one)) ?? "ok";
  return { name, sight, findings: present };
}

/** All is seen. */
export function ok(seen: string, remedy?: string): Finding {
  return { sight: "ok", seen, ...(remedy !== undefined && { remedy }) };
}

/** Not all is seen. */
export function limited(seen: string, consequence: string, remedy?: string): Finding {
  return { sight: "limited", seen, consequence, ...(remedy !== undefined && { remedy }) };
}

/** Nothing is seen. */
export function blind(seen: string, consequence: string, remedy?: string): Finding {
  return { ...limited(seen, consequence, remedy), sight: "blind" };
}
