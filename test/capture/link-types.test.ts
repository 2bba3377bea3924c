/**
 * One recorded call in every file format, link type and tunnel, and in several states of damage: the
 * figures must not depend on the wrapping.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { analyseCapture } from "../../src/capture/analyse.js";
import type { CaptureReport } from "../../src/call/report.js";
import { ProbeError } from "../../src/errors.js";
import { identityOf, streamsOf } from "../support/analysed.js";

interface KnownFile {
  readonly frames: number;
  readonly damaged: boolean;
  readonly sameAsBase: boolean;
  readonly sipMessages: number;
  readonly streams: readonly {
    readonly source: string;
    readonly destination: string;
    readonly ssrc: string;
    readonly packetsReceived: number;
    readonly packetsExpected: number;
    readonly packetsLost: number;
    readonly packetsDuplicated: number;
    readonly packetsReordered: number;
  }[];
}

const folder = new URL("../../fixtures/link-types/", import.meta.url);
const pathOf = (file: string): string => fileURLToPath(new URL(file, folder));
const { files } = JSON.parse(readFileSync(pathOf("known.json"), "utf8")) as {
  readonly files: Readonly<Record<string, KnownFile>>;
};
const base = fileURLToPath(
  new URL("../../fixtures/sipp-pcma-dtmf/capture.pcap.gz", import.meta.url),
);

/** What does not depend on how the packets were wrapped, or on the clock's resolution. */
function figures(report: CaptureReport): unknown {
  return streamsOf(report).map((stream) => ({
    identity: identityOf(stream),
    codec: stream.codec,
    received: stream.packetsReceived,
    expected: stream.packetsExpected,
    duplicated: stream.packetsDuplicated,
    discarded: stream.packetsDiscarded,
    payloadBytes: stream.payloadBytes,
    meanJitterMs: ((stream.jitterSeconds?.mean ?? 0) * 1000).toFixed(3),
    rFactor: stream.quality?.rFactor.toFixed(3),
  }));
}

describe.each(Object.entries(files))("fixtures/link-types/%s", (file, known) => {
  const analysed = analyseCapture({ path: pathOf(file) }).catch((error: unknown) => error);

  it("has the frames, messages and streams that tshark finds", async () => {
    const report = await analysed;
    if (report instanceof ProbeError) {
      // Nothing can be read at all: no header, or no bytes.
      expect(known.frames).toBe(0);
      expect(known.damaged).toBe(true);
      expect(report.code).toBe("ERR_CAPTURE_FORMAT");
      return;
    }
    const { counters, damage } = report as CaptureReport;
    const streams = streamsOf(report as CaptureReport);
    expect(counters.packets).toBe(known.frames);
    expect(counters.sip).toBeGreaterThanOrEqual(known.sipMessages);
    expect(damage !== undefined).toBe(known.damaged);
    const found = Object.fromEntries(streams.map((stream) => [identityOf(stream), stream]));
    expect(streams).toHaveLength(known.streams.length);
    for (const { source, destination, ssrc, ...counts } of known.streams) {
      const identity = `${source} > ${destination} ${String(Number(ssrc))}`;
      expect(found[identity], identity).toMatchObject(counts);
    }
  });

  if (known.sameAsBase) {
    it("gives the figures of the capture it was made from", async () => {
      expect(figures((await analysed) as CaptureReport)).toEqual(
        figures(await analyseCapture({ path: base })),
      );
    });
  }
});
