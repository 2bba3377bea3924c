/**
 * Reports on fixtures, made the way their golden files were.
 *
 * @module
 */

import { analyseCapture } from "../../src/capture/analyse.js";
import type { CallObserver } from "../../src/call/observer.js";
import type { CaptureReport, StreamReport } from "../../src/call/report.js";
import { endpointKey } from "../../src/net/endpoint.js";
import type { PayloadMap } from "../../src/rtp/codec.js";
import { fixtureCapture } from "./fixtures.js";

const OPUS_96: PayloadMap = new Map([
  [96, { name: "opus", clockRateHz: 48_000, channels: 2, kind: "audio" }],
]);

/** What no SDP in the capture says, because the two ends agreed on it elsewhere. */
const PAYLOADS: Readonly<Record<string, PayloadMap>> = { "aiortc-audio": OPUS_96 };

/** The report on a fixture, with its name in place of its path. */
export async function analysedFixture(
  name: string,
  observer: CallObserver = {},
): Promise<CaptureReport> {
  const payloads = PAYLOADS[name];
  const path = fixtureCapture(name);
  const options = { observer, ...(payloads !== undefined && { payloads }) };
  const report = await analyseCapture({ path }, options);
  return { ...report, file: name };
}

/** A stream's identity as one string. */
export function identityOf(stream: Pick<StreamReport, "ssrc" | "source" | "destination">): string {
  return `${endpointKey(stream.source)} > ${endpointKey(stream.destination)} ${String(stream.ssrc)}`;
}

/** Every stream of a report, those of its calls too, in the order in which they began. */
export function streamsOf({
  calls,
  streams,
}: Pick<CaptureReport, "calls" | "streams">): StreamReport[] {
  return [...calls.flatMap((call) => call.streams), ...streams].sort((a, b) =>
    a.firstPacketAt < b.firstPacketAt ? -1 : a.firstPacketAt > b.firstPacketAt ? 1 : 0,
  );
}
