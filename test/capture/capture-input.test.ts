import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { analyseCapture } from "../../src/capture/analyse.js";
import type { CaptureReport } from "../../src/call/report.js";

const wrapped = (file: string): Promise<CaptureReport> =>
  analyseCapture({
    path: fileURLToPath(new URL(`../../fixtures/link-types/${file}`, import.meta.url)),
  });

/** A block of a little-endian pcapng (draft-ietf-opsawg-pcapng §3.1). */
function block(type: number, body: Buffer): Buffer {
  const ends = Buffer.alloc(4);
  ends.writeUInt32LE(body.length + 12);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(type);
  return Buffer.concat([head, ends, body, ends]);
}

const SECTION = block(0x0a0d0d0a, Buffer.from("4d3c2b1a01000000ffffffffffffffff", "hex"));
const ETHERNET = block(1, Buffer.from("0100000000000400", "hex"));
/** An interface statistics block with isb_ifdrop 7. */
const SEVEN_DROPPED = block(5, Buffer.from(`${"00".repeat(12)}050008000700000000000000`, "hex"));

const captured = (...blocks: readonly Buffer[]): Promise<CaptureReport> =>
  analyseCapture({ stream: Readable.from([Buffer.concat(blocks)]), name: "made.pcapng" });

describe("inputs of a report", () => {
  it("say of a pcap its link type and its clock", async () => {
    const { inputs, counters } = await wrapped("le_nsec.pcap.gz");
    expect(inputs).toMatchObject([
      { format: "pcap", interfaces: 1, linkType: 1, timestampResolutionSeconds: 1e-9 },
    ]);
    expect(inputs[0]).not.toHaveProperty("packetsDropped");
    expect(counters.packetsCut).toBe(0);
  });

  it("name the link type of tcpdump.org, whatever lies in it", async () => {
    const { inputs } = await wrapped("sll2_276.pcap.gz");
    expect(inputs).toMatchObject([{ linkType: 276, timestampResolutionSeconds: 1e-6 }]);
  });

  it("count the frames that a snap length cut", async () => {
    const { counters } = await wrapped("snap96.pcap.gz");
    // As tshark counts `frame.cap_len < frame.len`: what is longer than 96 bytes.
    expect(counters.packetsCut).toBe(479);
  });

  it("say how many packets the capturing side lost, where a pcapng states it", async () => {
    const stated = await captured(SECTION, ETHERNET, SEVEN_DROPPED);
    expect(stated.inputs).toEqual([
      {
        format: "pcapng",
        interfaces: 1,
        linkType: 1,
        timestampResolutionSeconds: 1e-6,
        snapLengthBytes: 262_144,
        packetsDropped: 7,
      },
    ]);
    const { inputs } = await captured(SECTION, ETHERNET);
    expect(inputs[0]).not.toHaveProperty("packetsDropped");
  });

  it("leave out what a capture without an interface cannot say", async () => {
    const { inputs } = await captured(SECTION);
    expect(inputs).toEqual([{ format: "pcapng", interfaces: 0 }]);
  });
});
