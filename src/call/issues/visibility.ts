/**
 * What of a call's media the observer could have seen.
 *
 * @module
 */

import type { MediaFlow } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { FLOWS } from "./issue.js";

/** Whether RTP would have been seen if there was any. */
export function couldSeeMedia({ call, observation }: CallFacts): boolean {
  return observation.hasMedia && !call.isOneSided;
}

/**
 * Ways whose media went past the observer: nothing of them was seen though RTCP proves them, or the
 * signalling too was seen from one side only. Their silence means nothing.
 */
export function unseenFlows(facts: CallFacts): MediaFlow[] {
  return FLOWS.filter(
    (flow) =>
      !facts.streams.some((stream) => stream.flow === flow) &&
      (facts.call.isOneSided || facts.reportedFlows.includes(flow)),
  );
}
