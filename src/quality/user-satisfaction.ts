/**
 * Users' verdicts on speech by its score: the categories of ITU-T G.109 (1999).
 *
 * @module
 */

/**
 * The least score that earns each verdict, best first. G.109 draws the lines at R 90, 80, 70, 60 and
 * 50; these are the same lines as scores (G.107 annex B), which hold on every scale.
 */
export const LEAST_MOS = {
  "very-satisfied": 4.339,
  satisfied: 4.024,
  "some-dissatisfied": 3.597,
  "many-dissatisfied": 3.1,
  "nearly-all-dissatisfied": 2.575,
  "not-recommended": 1,
} as const;

/** One of the verdicts. */
export type UserVerdict = keyof typeof LEAST_MOS;

/** All of them, best first. */
export const USER_VERDICTS = Object.keys(LEAST_MOS) as readonly UserVerdict[];

/** What users would say of a score from 1 to 4.5. */
export function userVerdict(mos: number): UserVerdict {
  return USER_VERDICTS.find((verdict) => mos >= LEAST_MOS[verdict]) ?? "not-recommended";
}
