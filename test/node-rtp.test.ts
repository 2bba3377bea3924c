import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { dissect, rtpOf } from "./support/dissect.js";
import { referenceStream } from "./support/reference.js";

interface Known {
  readonly frames: number;
  readonly streams: readonly {
    readonly ssrc: number;
    readonly payloadBytes: number;
    readonly lossRuns: Readonly<Record<string, number>>;
    readonly [count: string]: unknown;
  }[];
}

const folder = new URL("../fixtures/node-rtp/", import.meta.url);
const known = JSON.parse(readFileSync(new URL("known.json", folder), "utf8")) as Known;
const datagrams = dissect(readFileSync(new URL("capture.pcap", folder)));
const packets = datagrams.flatMap((datagram) => rtpOf(datagram) ?? []);

describe("RTP written by node-rtp", () => {
  it("is all there", () => {
    expect(datagrams).toHaveLength(known.frames);
    expect(packets).toHaveLength(297 + 259);
  });

  it.each(known.streams)("counts as it was sent: SSRC $ssrc", ({ lossRuns, ...stream }) => {
    const own = packets.filter(({ ssrc }) => ssrc === stream.ssrc);
    const counted = referenceStream(
      own.map((packet) => ({ ...packet, arrivalNs: BigInt(packet.atUs) * 1000n })),
    );
    expect({
      ...counted,
      ssrc: own[0]?.ssrc,
      source: own[0]?.source,
      destination: own[0]?.destination,
      payloadType: own[0]?.payloadType,
      payloadBytes: own.reduce((sum, { payload }) => sum + payload.length - 12, 0),
    }).toMatchObject(stream);
    const wanted = Object.entries(lossRuns).map(([length, count]) => [Number(length), count]);
    expect([...counted.lossRuns].toSorted(([a], [b]) => a - b)).toEqual(wanted);
  });
});
