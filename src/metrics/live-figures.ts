/**
 * What a call in progress sounds like now, by its record as it stands.
 *
 * @module
 */

import type { CallReport, CallTransport } from "../call/call-report.js";
import type { IntervalReport, StreamReport } from "../call/report.js";
import { intervalLoss, isAudio, largest } from "./audio.js";
import type { LabelValue } from "./label-values.js";
import { mediaDirection } from "./sides.js";

/** A stream that had no packet for so long says nothing of now: it is on hold, or over. */
const STILL_AFTER_MS = 15_000;

const FLOWS = ["caller-to-callee", "callee-to-caller"] as const;
const VIEWS = ["measured", "reported", "stack"] as const;

/** What one way of a call sounds like. What is not known is absent. */
export interface LiveFlow {
  readonly direction: LabelValue<"direction">;
  readonly jitterSeconds: Readonly<Record<LabelValue<"heard-view">, number | undefined>>;
  readonly lossRatio: Readonly<Record<LabelValue<"heard-view">, number | undefined>>;
  readonly rated?: {
    readonly scale: LabelValue<"scale">;
    readonly mosLq: number;
    readonly mosCq?: number | undefined;
  };
}

/** What a call sounds like. */
export interface LiveFigures {
  readonly transport: CallTransport;
  readonly rttSeconds: number | undefined;
  readonly flows: readonly LiveFlow[];
}

/** Nothing of a call that is over, or without audio that flows and had its first whole interval. */
export function liveFigures(report: CallReport, atMs: number): LiveFigures | undefined {
  if (report.course.endedAt !== undefined) return undefined;
  const flowing = report.streams.filter(
    (stream) => isAudio(stream) && atMs - Date.parse(stream.lastPacketAt) < STILL_AFTER_MS,
  );
  const { localParty: local = "callee" } = report;
  const flows = FLOWS.flatMap((flow): LiveFlow[] => {
    const streams = flowing.filter(
      (stream) => stream.direction === flow && wholeInterval(stream) !== undefined,
    );
    return streams.length === 0 ? [] : [flowFigures(mediaDirection(flow, local), streams)];
  });
  if (flows.length === 0) return undefined;
  const view = VIEWS.find((one) => report.rtt?.[one] !== undefined);
  const rttSeconds = view && report.rtt?.[view]?.lastSeconds;
  return { transport: report.transport, rttSeconds, flows };
}

function flowFigures(
  direction: LabelValue<"direction">,
  streams: readonly StreamReport[],
): LiveFlow {
  const worst = (figureOf: (stream: StreamReport) => number | undefined): number | undefined =>
    largest(streams, figureOf)?.value;
  return {
    direction,
    jitterSeconds: {
      measured: worst((stream) => wholeInterval(stream)?.jitterSeconds?.mean),
      reported: worst(({ rtcp }) => rtcp?.jitterSeconds?.last),
    },
    lossRatio: {
      measured: worst((stream) => {
        const interval = wholeInterval(stream);
        return interval && intervalLoss(interval);
      }),
      reported: worst(({ rtcp }) => rtcp?.fractionLost?.last),
    },
    ...ratingOf(streams),
  };
}

/** Of the stream that is the worst to listen to. */
function ratingOf(streams: readonly StreamReport[]): Pick<LiveFlow, "rated"> {
  const stream = largest(streams, (one) => {
    const mos = one.quality && wholeInterval(one)?.quality?.mosLq;
    return mos === undefined ? undefined : -mos;
  })?.stream;
  const quality = stream && wholeInterval(stream)?.quality;
  if (stream?.quality === undefined || quality === undefined) return {};
  const { mosLq, mosCq } = quality;
  return { rated: { scale: stream.quality.scale, mosLq, mosCq } };
}

/** The last interval that was over when the stream's last packet came: the one in progress is short. */
function wholeInterval({ intervals, lastPacketAt }: StreamReport): IntervalReport | undefined {
  return intervals.findLast(({ to }) => to <= lastPacketAt);
}
