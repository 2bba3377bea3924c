/**
 * One way of a call: who sends, who listens, and which stream tells how that sounded.
 *
 * @module
 */

import type { CallReport, MediaFlow } from "../../call/call-report.js";
import type { StreamReport } from "../../call/report.js";
import type { CallParty } from "../../sip/call.js";
import { speechStreams } from "../call-figures.js";
import { score } from "../satisfaction.js";
import { worstFirst } from "../stream-order.js";

/** One way, and what is known of it. */
export interface Hearing {
  readonly flow: MediaFlow;
  readonly sender: CallParty;
  readonly listener: CallParty;
  /** Of the way as a whole. */
  readonly quality?: StreamReport["quality"];
  /** Where that stands in the record. */
  readonly qualityField: string;
  /** The stream that has that quality, else the worst. */
  readonly stream?: StreamReport;
  /** Where that stands in the record. */
  readonly streamField: string;
}

/** Speech shorter than this is over before anybody could say how it sounded, in seconds. */
const MIN_JUDGED_SECONDS = 1;
/** Of a stream that does not tell how much sound a packet holds. */
const USUAL_PACKET_SECONDS = 0.02;

/** Whether so little audio was sent that a score of it says nothing of the call. */
export function isTooBrief({ stream }: Hearing): boolean {
  if (stream === undefined) return false;
  const { packetsExpected, packetizationSeconds = USUAL_PACKET_SECONDS } = stream;
  return packetsExpected * packetizationSeconds < MIN_JUDGED_SECONDS;
}

/** Both ways, the one that sounded worse first. */
export function hearings(call: CallReport): Hearing[] {
  const ways = [
    hearing(call, "caller-to-callee", "callerToCallee"),
    hearing(call, "callee-to-caller", "calleeToCaller"),
  ];
  const place = ({ quality }: Hearing): number => score(quality) ?? Infinity;
  return ways.sort((a, b) => place(a) - place(b));
}

function hearing(
  call: CallReport,
  flow: MediaFlow,
  key: "callerToCallee" | "calleeToCaller",
): Hearing {
  const quality = call.quality?.[key];
  const streams = speechStreams(call).filter(({ direction }) => direction === flow);
  const stream =
    streams.find((one) => quality !== undefined && one.quality?.rFactor === quality.rFactor) ??
    worstFirst(streams)[0];
  const [sender, listener] =
    flow === "caller-to-callee" ? (["caller", "callee"] as const) : (["callee", "caller"] as const);
  return {
    flow,
    sender,
    listener,
    ...(quality !== undefined && { quality }),
    qualityField: `quality.${key}`,
    ...(stream !== undefined && { stream }),
    streamField: `streams[${stream === undefined ? "" : call.streams.indexOf(stream)}]`,
  };
}
