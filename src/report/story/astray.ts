/**
 * Media that goes to where the other side does not send from: behind a NAT it may never arrive,
 * although it went by.
 *
 * @module
 */

import type { CallReport } from "../../call/call-report.js";
import type { StreamReport } from "../../call/report.js";
import { endpointKey } from "../../net/endpoint.js";
import { speechStreams } from "../call-figures.js";
import type { Hearing } from "./hearing.js";
import type { Sentence } from "./sentence.js";

/** Whether all of one way goes to where none of the other comes from. */
export function goesAstray(call: CallReport, { flow }: Hearing): boolean {
  const streams = speechStreams(call);
  const there = streams.filter(({ direction }) => direction === flow);
  const back = streams.filter(({ direction }) => direction !== flow);
  if (there.length === 0 || back.length === 0) return false;
  const sources = new Set(ofThePartyItself(back).map(({ source }) => endpointKey(source)));
  return !there.some(({ destination }) => sources.has(endpointKey(destination)));
}

/** Of one way, the streams of its sender, and not those that a relay sends on where the sender sends to. */
function ofThePartyItself(streams: readonly StreamReport[]): readonly StreamReport[] {
  const relays = new Set(streams.map(({ destination }) => destination.address));
  const own = streams.filter(({ source }) => !relays.has(source.address));
  // On one host they are all alike.
  return own.length === 0 ? streams : own;
}

/** Says so, where it does. */
export function astraySentences(call: CallReport, way: Hearing): Sentence[] {
  if (!goesAstray(call, way)) return [];
  const { sender, listener, streamField } = way;
  return [
    {
      about: "heard",
      text:
        `The ${sender} sends to where the ${listener} does not send from: ` +
        "whether that arrives is not seen here.",
      fields: [`${streamField}.destination.address`, `${streamField}.destination.port`],
    },
  ];
}
