/**
 * Media clocks that run at another speed than they should.
 *
 * @module
 */

import type { IssueReport } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { hasSound } from "./audio.js";
import {
  durationText,
  issue,
  lifeOf,
  partiesOf,
  ssrcText,
  type StreamIssue,
  toldOnce,
} from "./issue.js";
import { lengthMs } from "./spans.js";

/**
 * Crystals are good to 50 ppm (G.711 §2 asks no less of a coder), cheap ones to 100; the observer's own
 * clock adds the like. Beyond this a 20 ms frame is too many or missing more often than every 100 s.
 */
export const MAX_CLOCK_DRIFT_PPM = 200;

/** Over less time 200 ppm are 12 ms, which is jitter. */
export const MIN_DRIFT_DURATION_MS = 60_000;

/** Audio whose sender's clock is off by more than clocks are. */
export function findClockDrift({ streams }: CallFacts): IssueReport[] {
  const found = streams.flatMap((one): StreamIssue[] => {
    const ppm = one.stream.clockDriftPpm;
    const durationMs = lengthMs(lifeOf(one));
    if (ppm === undefined || !hasSound(one)) return [];
    if (Math.abs(ppm) <= MAX_CLOCK_DRIFT_PPM || durationMs < MIN_DRIFT_DURATION_MS) return [];
    const { sender } = partiesOf(one.flow);
    const shift = durationText((Math.abs(ppm) / 1e6) * durationMs);
    const what = ppm > 0 ? "slow" : "fast";
    const report = issue(
      "clock-drift",
      { direction: one.flow, span: lifeOf(one) },
      `The ${sender}'s media clock (${ssrcText(one)}) is ${Math.abs(ppm).toFixed(0)} ppm ${what}: ${shift} over ${durationText(durationMs)}.`,
    );
    return [{ stream: one, what, issue: report }];
  });
  return toldOnce(found);
}
