import { describe, expect, it } from "vitest";

import { decodeHep, encodeHep, hepLength } from "../../src/hep/codec.js";
import type { HepPacket } from "../../src/hep/packet.js";

/** The example packet of the specification, revision 37. */
const PUBLISHED =
  "484550330071" + // HEP3, 113 bytes
  "00000001000702" + // IPv4
  "00000002000711" + // UDP
  "00000003000ad4ca0001" + // from 212.202.0.1
  "00000004000a527400d3" + // to 82.116.0.211
  "0000000700082eea" + // port 12010
  "00000008000813c4" + // port 5060
  "00000009000a4e4982cb" + // seconds
  "0000000a000a0001d4c0" + // microseconds
  "0000000b000701" + // SIP
  "0000000c000a000000e4" + // agent 228
  "0000000f0014" + // payload
  "494e56495445207369703a626f62";

const EVERYTHING: HepPacket = {
  ipProtocol: 6,
  source: { address: "2001:db8::1", port: 5060 },
  destination: { address: "2001:db8::2", port: 5061 },
  atMs: 1_700_000_000_123.456,
  protocolType: 35,
  agentId: 4_000_000_000,
  keepAliveSeconds: 30,
  authenticationKey: "secret",
  payload: Buffer.from("payload"),
  compressedPayload: Buffer.from([0x1f, 0x8b]),
  correlationId: "a84b4c76@example.org",
  vlanId: 100,
  nodeName: "proxy-1",
  sourceMac: Buffer.from("0200000000010000", "hex"),
  destinationMac: Buffer.from("0200000000020000", "hex"),
  etherType: 0x86dd,
  tcpFlags: 0x18,
  typeOfService: 0xb8,
  mos: 4.21,
  rFactor: 88,
  location: "52.5,13.4",
  jitterMs: 12,
  otherChunks: [{ vendorId: 0x1234, type: 1, bytes: Buffer.from([1, 2, 3]) }],
};

/** As plain values, whatever the views lie in. */
const plain = (packet: unknown): unknown => JSON.parse(JSON.stringify(packet));

function encoded(packet: HepPacket): Buffer {
  const bytes = encodeHep(packet);
  if (bytes === undefined) throw new Error("too long");
  return bytes;
}

describe("decodeHep", () => {
  it("leaves out nulls at the end of a text, and no others", () => {
    const nodeName = `${"\0".repeat(65_000)}x`;
    const packet = encoded({ nodeName: `${nodeName}\0\0` });
    // Where each null is tried as the first of the last ones this takes minutes.
    for (let i = 0; i < 20; i += 1) expect(decodeHep(packet)).toEqual({ nodeName });
  });

  it("reads the example of the specification", () => {
    const packet = decodeHep(Buffer.from(PUBLISHED, "hex"));
    if (typeof packet === "string") throw new Error(packet);
    expect({ ...packet, payload: Buffer.from(packet.payload ?? []).toString() }).toEqual({
      ipProtocol: 17,
      source: { address: "212.202.0.1", port: 12_010 },
      destination: { address: "82.116.0.211", port: 5060 },
      atMs: 1_313_440_459_120,
      protocolType: 1,
      agentId: 228,
      payload: "INVITE sip:bob",
    });
  });

  it("reads every chunk that it writes, those of vendors included", () => {
    expect(plain(decodeHep(encoded(EVERYTHING)))).toEqual(plain(EVERYTHING));
  });

  it.each([
    { what: "another protocol", hex: "494e56495445", reason: "not-hep" },
    { what: "nothing", hex: "", reason: "truncated" },
    { what: "half a magic number", hex: "4845", reason: "truncated" },
    { what: "HEP 1", hex: "0110021113c413c4c0000201c0000202", reason: "hep-1" },
    { what: "HEP 2", hex: "021c021113c413c4c0000201c0000202", reason: "hep-2" },
    { what: "a length below the header's", hex: "484550330005", reason: "bad-length" },
    { what: "a length beyond the end", hex: "484550330007", reason: "truncated" },
    { what: "half a chunk's header", hex: "48455033000900000b", reason: "bad-chunk" },
    {
      what: "a chunk shorter than its header",
      hex: "48455033000c0000000b0005",
      reason: "bad-chunk",
    },
    { what: "a chunk beyond the packet", hex: "48455033000c0000000b0007", reason: "bad-chunk" },
  ])("refuses $what: $reason", ({ hex, reason }) => {
    expect(decodeHep(Buffer.from(hex, "hex"))).toBe(reason);
  });

  it("keeps a chunk of the wrong size without taking it for what it should be", () => {
    const chunk = Buffer.from("0000000b00080005", "hex");
    const bytes = Buffer.concat([Buffer.from("48455033000e", "hex"), chunk]);
    expect(plain(decodeHep(bytes))).toEqual(
      plain({ otherChunks: [{ vendorId: 0, type: 11, bytes: Buffer.from([0, 5]) }] }),
    );
  });

  it("takes a time of 0 for none, and drops the null byte that ends a text", () => {
    const bytes = encoded({ atMs: 0, nodeName: "a\0" });
    expect(decodeHep(bytes)).toEqual({ nodeName: "a" });
  });

  it("stays within what it is given, whatever that is", () => {
    const whole = encoded(EVERYTHING);
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeHep(whole.subarray(0, length))).toBe("truncated");
    }
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 4000; round += 1) {
      const bytes = Buffer.from(whole);
      for (let flips = 1 + random(8); flips > 0; flips -= 1) {
        bytes[6 + random(bytes.length - 6)] = random(256);
      }
      const packet = decodeHep(bytes);
      if (typeof packet === "string") expect(packet).toBe("bad-chunk");
      else expect(packet.payload?.length ?? 0).toBeLessThan(whole.length);
    }
  });
});

describe("hepLength", () => {
  it("tells how long the packet is once its header is there", () => {
    const bytes = encoded({ payload: Buffer.alloc(10) });
    expect(hepLength(bytes.subarray(0, 5))).toBe("truncated");
    expect(hepLength(bytes.subarray(0, 6))).toBe(bytes.length);
  });
});

describe("encodeHep", () => {
  it("gives nothing for what is longer than a packet can be", () => {
    expect(encodeHep({ payload: Buffer.alloc(65_535 - 12) })).toHaveLength(65_535);
    expect(encodeHep({ payload: Buffer.alloc(65_535 - 11) })).toBeUndefined();
    expect(encodeHep({ payload: Buffer.alloc(65_535), nodeName: "a" })).toBeUndefined();
  });

  it("leaves out an address that is none, as of a host name", () => {
    const packet = decodeHep(encoded({ source: { address: "proxy.example", port: 1 } }));
    expect(packet).toEqual({});
  });

  it("writes IPv4 as four bytes and says which family it is", () => {
    const bytes = encoded({ source: { address: "192.0.2.1", port: 5060 } });
    expect(bytes.toString("hex")).toBe(
      "48455033001f" + "00000001000702" + "00000003000ac0000201" + "00000007000813c4",
    );
  });
});
