/**
 * From parties of a call to sides as labels have them: relative to the local one.
 *
 * @module
 */

import type { MediaFlow, Side } from "../call/call-report.js";
import type { CallParty } from "../sip/call.js";
import type { LabelValue } from "./label-values.js";

type Direction = LabelValue<"direction">;

/** A call is inbound where its callee is local. */
export function callDirection(local: CallParty): Direction {
  return local === "callee" ? "inbound" : "outbound";
}

/** A request is inbound where the other party sent it. */
export function requestDirection(by: CallParty, local: CallParty): Direction {
  return by === local ? "outbound" : "inbound";
}

/** Media is inbound where it flows to the local party. */
export function mediaDirection(flow: MediaFlow, local: CallParty): Direction {
  return (flow === "caller-to-callee") === (local === "callee") ? "inbound" : "outbound";
}

/** Whether a party is the local one. */
export function sideOf(party: CallParty, local: CallParty): Side {
  return party === local ? "local" : "remote";
}
