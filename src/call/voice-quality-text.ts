/**
 * A call's record as the voice quality report that a phone of one party would send (RFC 6035 §4.6).
 *
 * @module
 */

import { type CallParty, otherParty } from "../sip/call.js";
import type { CallReport, MediaFlow } from "./call-report.js";
import type { StreamReport } from "./report.js";

/** Of bursts and gaps (RFC 3611 §4.7.2). */
const GMIN = 16;
/** RFC 6035 has ratings up to there. */
const MAX_R_FACTOR = 120;

/** The audio stream that speaks for a direction: of several the one with most packets. */
export function mainAudio(call: CallReport, flow: MediaFlow): StreamReport | undefined {
  return call.streams
    .filter(({ direction, mediaType }) => direction === flow && mediaType === "audio")
    .reduce<StreamReport | undefined>(
      (most, one) =>
        most === undefined || one.packetsReceived > most.packetsReceived ? one : most,
      undefined,
    );
}

/** The way in which media flows to a party. */
export const flowTo = (party: CallParty): MediaFlow =>
  party === "callee" ? "caller-to-callee" : "callee-to-caller";

/**
 * The report of `by`: of what that party heard, and of what the other one did. What is not known is
 * left out.
 *
 * @returns `undefined` for a call of which no audio was measured.
 */
export function voiceQualityText(
  call: CallReport,
  by: CallParty = call.localParty ?? "callee",
): string | undefined {
  const heard = mainAudio(call, flowTo(by));
  const spoken = mainAudio(call, flowTo(otherParty(by)));
  if (heard === undefined && spoken === undefined) return undefined;
  const parties = { caller: call.caller?.uri, callee: call.callee?.uri };
  const lines = [
    "VQSessionReport: CallTerm",
    `CallID: ${call.callId}`,
    ...identity("LocalID", parties[by]),
    ...identity("RemoteID", parties[otherParty(by)]),
    ...identity("OrigID", parties.caller),
    ...address("LocalAddr", heard?.destination ?? spoken?.source, spoken?.ssrc),
    ...address("RemoteAddr", heard?.source ?? spoken?.destination, heard?.ssrc),
    "LocalMetrics:",
    ...(heard === undefined ? [] : metrics(heard)),
    ...(spoken === undefined ? [] : ["RemoteMetrics:", ...metrics(spoken)]),
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

const identity = (name: string, uri: string | undefined): string[] =>
  uri === undefined ? [] : [`${name}: <${uri}>`];

function address(
  name: string,
  endpoint: StreamReport["source"] | undefined,
  ssrc: number | undefined,
): string[] {
  if (endpoint === undefined) return [];
  const host = endpoint.address.includes(":") ? `[${endpoint.address}]` : endpoint.address;
  const source = ssrc === undefined ? "" : ` SSRC=0x${ssrc.toString(16).padStart(8, "0")}`;
  return [`${name}: IP=${host} PORT=${endpoint.port}${source}`];
}

function metrics(stream: StreamReport): string[] {
  const { quality, burst, gap, packetizationSeconds, packetsExpected, packetsDiscarded } = stream;
  const discardRatio =
    packetsDiscarded === undefined || packetsExpected === 0
      ? undefined
      : packetsDiscarded / packetsExpected;
  const isConversational = quality?.mosCq !== undefined;
  const rFactor =
    quality === undefined || quality.rFactor > MAX_R_FACTOR ? undefined : quality.rFactor;
  return [
    ...line("Timestamps", {
      START: wholeSeconds(stream.firstPacketAt),
      STOP: wholeSeconds(stream.lastPacketAt),
    }),
    ...line("SessionDesc", {
      PT: stream.payloadType,
      PD: stream.codec,
      SR: stream.clockRateHz,
      FD: milliseconds(packetizationSeconds),
      PPS: packetizationSeconds === undefined ? undefined : Math.round(1 / packetizationSeconds),
    }),
    ...line("PacketLoss", { NLR: percent(stream.lossRatio), JDR: percent(discardRatio) }),
    ...line("BurstGapLoss", {
      BLD: percent(burst?.density),
      BD: milliseconds(burst?.durationSeconds),
      GLD: percent(gap?.density),
      GD: milliseconds(gap?.durationSeconds),
      GMIN,
    }),
    ...line("Delay", {
      RTD: milliseconds(stream.rtt?.measured?.meanSeconds),
      IAJ: milliseconds(stream.jitterSeconds?.mean),
    }),
    ...line("QualityEst", {
      RLQ: isConversational ? undefined : rounded(rFactor, 0),
      RCQ: isConversational ? rounded(rFactor, 0) : undefined,
      MOSLQ: rounded(quality?.mosLq, 1),
      MOSCQ: rounded(quality?.mosCq, 1),
    }),
  ];
}

function line(
  name: string,
  values: Readonly<Record<string, string | number | undefined>>,
): string[] {
  const known = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  return known.length === 0 ? [] : [`${name}: ${known.join(" ")}`];
}

const wholeSeconds = (instant: string): string => `${instant.slice(0, 19)}Z`;

const rounded = (value: number | undefined, digits: number): string | undefined =>
  value?.toFixed(digits);

const percent = (ratio: number | undefined): string | undefined =>
  rounded(ratio === undefined ? undefined : ratio * 100, 2);

const milliseconds = (seconds: number | undefined): string | undefined =>
  rounded(seconds === undefined ? undefined : seconds * 1000, 0);
