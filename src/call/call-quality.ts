/**
 * What a call's streams come to as a whole.
 *
 * @module
 */

import type { Quality } from "../quality/assess.js";
import { present } from "../rtcp/present.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";
import type {
  CallQualityReport,
  CallRoundTripReport,
  MediaFlow,
  ReportedStreamRecord,
  VoiceQualityRecord,
  WorstReport,
} from "./call-report.js";
import type { CallStream } from "./findings.js";
import type { StreamReport } from "./report.js";
import { rounded } from "./rounding.js";

/** A stream with a smaller share of its direction's packets does not speak for it. */
const SPEAKING_SHARE = 0.1;

/** Both directions' quality, and the worst stretch of either. */
export function callQuality(streams: readonly CallStream[]): CallQualityReport | undefined {
  const callerToCallee = flowQuality(streams, "caller-to-callee");
  const calleeToCaller = flowQuality(streams, "callee-to-caller");
  if (callerToCallee === undefined && calleeToCaller === undefined) return undefined;
  return {
    ...present("callerToCallee", callerToCallee),
    ...present("calleeToCaller", calleeToCaller),
    ...present("worst", worstStretch(streams)),
  };
}

/**
 * The worst quality among the audio streams of one direction. The same speech may be there twice,
 * before and behind a relay: what the listener has is what the worse of them is.
 */
function flowQuality(streams: readonly CallStream[], flow: MediaFlow): Quality | undefined {
  let worst: Quality | undefined;
  for (const { quality } of speaking(streams, flow)) {
    if (quality !== undefined && (worst === undefined || score(quality) < score(worst))) {
      worst = quality;
    }
  }
  return worst;
}

function speaking(streams: readonly CallStream[], flow: MediaFlow): StreamReport[] {
  const audio = streams.filter((one) => one.flow === flow && one.mediaType === "audio");
  const packets = audio.reduce((sum, { stream }) => sum + stream.packetsReceived, 0);
  return audio
    .map(({ stream }) => stream)
    .filter(({ packetsReceived }) => packetsReceived >= SPEAKING_SHARE * packets);
}

const score = ({ mosCq, mosLq }: { readonly mosCq?: number; readonly mosLq?: number }): number =>
  mosCq ?? mosLq ?? Infinity;

function worstStretch(streams: readonly CallStream[]): WorstReport | undefined {
  let worst: WorstReport | undefined;
  for (const { stream, flow, mediaType } of streams) {
    if (mediaType !== "audio" || stream.worst === undefined) continue;
    if (worst === undefined || score(stream.worst) < score(worst)) {
      worst = { direction: flow, ...stream.worst };
    }
  }
  return worst;
}

/** What round-trip times of a call are known from. */
export interface RoundTripSources {
  readonly streams: readonly CallStream[];
  readonly stackRoundTrip?: RoundTripSummary | undefined;
  readonly reportedStreams?: readonly ReportedStreamRecord[];
  readonly measuredRoundTrip?: RoundTripSummary | undefined;
  readonly voiceQuality?: readonly VoiceQualityRecord[];
}

/**
 * The call's round-trip time: both streams of a conversation share one, of audio before others. What
 * phones report in messages of their own counts where RTCP reports none.
 */
export function callRoundTrip({
  streams,
  stackRoundTrip: stack,
  reportedStreams = [],
  measuredRoundTrip,
  voiceQuality = [],
}: RoundTripSources): CallRoundTripReport | undefined {
  const audio = streams.filter(({ mediaType }) => mediaType === "audio");
  const of = audio.length > 0 ? audio : streams;
  const measured = mostSamples(of.map(({ stream }) => stream.rtt?.measured)) ?? measuredRoundTrip;
  const reported =
    mostSamples(of.map(({ stream }) => stream.rtt?.reported)) ??
    mostSamples(reportedStreams.map(({ rtcp }) => rtcp.roundTrip)) ??
    roundTripOfPhones(voiceQuality);
  if (measured === undefined && reported === undefined && stack === undefined) return undefined;
  return {
    ...present("measured", roundedCopy(measured)),
    ...present("reported", roundedCopy(reported)),
    ...present("stack", roundedCopy(stack)),
  };
}

/** Whoever gave it keeps it as it is. */
function roundedCopy(summary: RoundTripSummary | undefined): RoundTripSummary | undefined {
  return summary && rounded({ ...summary });
}

function roundTripOfPhones(reports: readonly VoiceQualityRecord[]): RoundTripSummary | undefined {
  const times = new RoundTripAccumulator();
  for (const { heard } of reports) {
    if (heard?.roundTripSeconds !== undefined) times.add(heard.roundTripSeconds);
  }
  return times.summary();
}

function mostSamples(
  summaries: readonly (RoundTripSummary | undefined)[],
): RoundTripSummary | undefined {
  return summaries.reduce<RoundTripSummary | undefined>(
    (most, one) =>
      one !== undefined && (most === undefined || one.samples > most.samples) ? one : most,
    undefined,
  );
}
