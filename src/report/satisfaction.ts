/**
 * What a score means to users: the categories of ITU-T G.109 (1999).
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { LEAST_MOS } from "../quality/user-satisfaction.js";
import type { Tone } from "./tone.js";

/** One category: the users' verdict, and the least score that earns it. */
export interface Satisfaction {
  readonly verdict: string;
  readonly leastMos: number;
  readonly tone: Tone;
}

const VERY_SATISFYING_MOS = LEAST_MOS["very-satisfied"];
const WORST: Satisfaction = {
  verdict: "not recommended",
  leastMos: LEAST_MOS["not-recommended"],
  tone: "alarm",
};

/** Best first. */
export const SATISFACTIONS: readonly Satisfaction[] = [
  { verdict: "very satisfied", leastMos: VERY_SATISFYING_MOS, tone: "good" },
  { verdict: "satisfied", leastMos: LEAST_MOS.satisfied, tone: "good" },
  { verdict: "some dissatisfied", leastMos: LEAST_MOS["some-dissatisfied"], tone: "fair" },
  { verdict: "many dissatisfied", leastMos: LEAST_MOS["many-dissatisfied"], tone: "poor" },
  {
    verdict: "nearly all dissatisfied",
    leastMos: LEAST_MOS["nearly-all-dissatisfied"],
    tone: "bad",
  },
  WORST,
];

/** The category of a score from 1 to 4.5. */
export function satisfaction(mos: number): Satisfaction {
  return SATISFACTIONS.find(({ leastMos }) => mos >= leastMos) ?? WORST;
}

/** Whether users would find nothing to complain about. */
export function isVerySatisfying(mos: number): boolean {
  return mos >= VERY_SATISFYING_MOS;
}

/** The score that says most: conversation where it is known, else listening. */
export function score(
  rated: { readonly mosCq?: number; readonly mosLq?: number } | undefined,
): number | undefined {
  return rated?.mosCq ?? rated?.mosLq;
}

/** How many streams users would judge how; those without a score are `undefined`. */
export function verdicts(
  streams: readonly StreamReport[],
): ReadonlyMap<Satisfaction | undefined, number> {
  const counts = new Map<Satisfaction | undefined, number>(SATISFACTIONS.map((one) => [one, 0]));
  for (const { quality } of streams) {
    const mos = score(quality);
    const verdict = mos === undefined ? undefined : satisfaction(mos);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return counts;
}
