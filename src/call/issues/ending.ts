/**
 * What goes wrong at the end of a call, or brings it about.
 *
 * @module
 */

import type { IssueReport } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { knownUntilMs } from "./course.js";
import { durationText, FLOWS, issue, partiesOf } from "./issue.js";

/** Packets on their way, and the time it takes to close a media session after its signalling. */
export const MEDIA_AFTER_BYE_GRACE_MS = 2000;

/** Media that went on after somebody hung up. */
export function findMediaAfterBye({ call, streams }: CallFacts): IssueReport[] {
  const { endedAtMs, byeAnsweredAtMs, endedBy } = call;
  if (endedAtMs === undefined || endedBy === undefined) return [];
  const fromMs = byeAnsweredAtMs ?? endedAtMs;
  return FLOWS.flatMap((direction) => {
    const late = streams.filter(
      (stream) =>
        stream.flow === direction && stream.lastPacketAtMs > fromMs + MEDIA_AFTER_BYE_GRACE_MS,
    );
    if (late.length === 0) return [];
    const toMs = Math.max(...late.map(({ lastPacketAtMs }) => lastPacketAtMs));
    const firstMs = Math.min(...late.map(({ firstPacketAtMs }) => firstPacketAtMs));
    const { sender } = partiesOf(direction);
    const event =
      byeAnsweredAtMs === undefined
        ? `the ${endedBy}'s BYE, which was not seen answered`
        : `the ${endedBy}'s BYE was answered`;
    return [
      issue(
        "media-after-bye",
        { direction, span: { fromMs: Math.max(fromMs, firstMs), toMs } },
        `Media of the ${sender} came until ${durationText(toMs - fromMs)} after ${event}.`,
      ),
    ];
  });
}

/** Of the refreshed party: it hangs up this long before the session ends (RFC 4028 §10). */
const MAX_REFRESH_MARGIN_MS = 32_000;

/** A session that nobody refreshed in time (RFC 4028). */
export function findSessionTimerExpiring(facts: CallFacts): IssueReport[] {
  const { sessionTimer: timer, byeReasonClass } = facts.call;
  if (timer === undefined) return [];
  const intervalMs = timer.intervalSeconds * 1000;
  const marginMs = Math.min(MAX_REFRESH_MARGIN_MS, intervalMs / 3);
  const atMs = knownUntilMs(facts);
  const { expiresAtMs, isExpired, refresher } = timer;
  const isClose = expiresAtMs !== undefined && expiresAtMs - atMs <= marginMs;
  const isTimedOut = byeReasonClass === "timer-expired";
  if (!isClose && !isExpired && !isTimedOut) return [];
  const terms = `its session timer of ${String(timer.intervalSeconds)} s, which the ${refresher} was to refresh`;
  if (expiresAtMs === undefined && !isExpired) {
    const { endedBy = "other end" } = facts.call;
    const why =
      timer.refreshes.at(-1)?.result === "timer-off"
        ? "the answer to its last refresh had switched it off"
        : "when it was refreshed last was not seen";
    const detail = `The ${endedBy} hung up because of ${terms}; ${why}.`;
    return [issue("session-timer-expiring", {}, detail)];
  }
  if (expiresAtMs === undefined || (isExpired && expiresAtMs > atMs)) {
    return [issue("session-timer-expiring", {}, `The call outlived ${terms}.`)];
  }
  const span = {
    fromMs: Math.min(expiresAtMs - marginMs, atMs),
    toMs: Math.max(atMs, expiresAtMs - marginMs),
  };
  const leftMs = expiresAtMs - atMs;
  const when =
    leftMs >= 0
      ? `${durationText(leftMs)} before the end of ${terms} (hanging up is due ${durationText(marginMs)} before it)`
      : `${durationText(-leftMs)} past the end of ${terms}`;
  const what = facts.call.endedAtMs === undefined ? "was last seen" : "ended";
  return [issue("session-timer-expiring", { span }, `The call ${what} ${when}.`)];
}
