import { describe, expect, it } from "vitest";

import { dissect, rtpOf } from "./support/dissect.js";
import {
  addressBytes,
  ethernetFrame,
  internetChecksum,
  ipPacket,
  pcapFile,
  rtpPacket,
  udpFrame,
} from "./support/packets.js";
import {
  extendedReport,
  goodbye,
  receiverReport,
  senderReport,
  sourceDescription,
} from "./support/rtcp.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const spaced = (...parts: readonly string[]): string => parts.join("").replaceAll(" ", "");

describe("RTP builder", () => {
  it("writes the fixed header of RFC 3550 §5.1", () => {
    const fields = {
      marker: true,
      payloadType: 111,
      sequenceNumber: 0xabcd,
      timestamp: 0x01020304,
      ssrc: 0xdeadbeef,
      payload: [0x55],
    };
    expect(hex(rtpPacket(fields))).toBe(
      spaced(
        "80", // version 2, no padding, no extension, no CSRC
        "ef", // marker, payload type 111
        "abcd 01020304 deadbeef", // sequence number, timestamp, SSRC
        "55", // payload
      ),
    );
  });

  it("writes CSRCs, an extension in whole words, and padding that ends in its count", () => {
    const fields = {
      csrcs: [1, 2],
      extension: { profile: 0xbede, bytes: [0x10, 0x7f, 0, 0, 0x22] },
      payload: [9],
      paddingBytes: 3,
    };
    expect(hex(rtpPacket(fields))).toBe(
      spaced(
        "b2 00 0000 00000000 00000000", // padding, extension, two CSRCs
        "00000001 00000002",
        "bede 0002 107f0000 22000000",
        "09 000003",
      ),
    );
  });
});

describe("RTCP builder", () => {
  it("writes a sender report with a block (RFC 3550 §6.4.1)", () => {
    const report = senderReport({
      ssrc: 0x11111111,
      ntp: 0xb44db705_20000000n,
      rtpTimestamp: 0x22222222,
      packets: 3,
      octets: 480,
      blocks: [
        {
          ssrc: 0x33333333,
          fractionLostQ8: 64,
          packetsLost: -2,
          extendedHighestSequence: 0x00010005,
          jitterTicks: 12,
          lastSenderReport: 0xb7052000,
          delaySinceLastSenderReport: 0x00054000,
        },
      ],
    });
    expect(hex(report)).toBe(
      spaced(
        "81 c8 000c", // one block, SR, 12 words follow
        "11111111 b44db705 20000000 22222222 00000003 000001e0",
        "33333333 40 fffffe 00010005 0000000c b7052000 00054000",
      ),
    );
  });

  it("writes the other types of RFC 3550 §6 and the frame of RFC 3611 §2", () => {
    expect(hex(receiverReport({ ssrc: 7 }))).toBe("80c9000100000007");
    // "ab" leaves no room in its word for the zero that ends the items, so a word is added.
    expect(hex(sourceDescription(7, "ab"))).toBe("81ca0003" + "00000007" + "01026162" + "00000000");
    expect(hex(sourceDescription(7, "a"))).toBe("81ca0002" + "00000007" + "01016100");
    expect(hex(goodbye(1, 2))).toBe("82cb00020000000100000002");
    const receiverTime = { blockType: 4, body: [0xb4, 0x4d, 0xb7, 0x05, 0x20, 0, 0, 0] };
    expect(hex(extendedReport(7, [receiverTime]))).toBe(
      "80cf0004" + "00000007" + "04000002" + "b44db70520000000",
    );
  });
});

describe("address bytes", () => {
  it.each([
    ["192.0.2.1", "c0000201"],
    ["2001:db8::1", "20010db8000000000000000000000001"],
    ["::", "00000000000000000000000000000000"],
    ["fe80::1:2", "fe800000000000000000000000010002"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ])("of %s", (address, bytes) => {
    expect(hex(addressBytes(address))).toBe(bytes);
  });
});

describe("frame builder", () => {
  it("computes the checksum of RFC 1071's worked example", () => {
    const words = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(internetChecksum(words)).toBe(~0xddf2 & 0xffff);
  });

  it.each([
    [
      { address: "192.0.2.1", port: 4000 },
      { address: "198.51.100.2", port: 5004 },
    ],
    [
      { address: "2001:db8::1", port: 4000 },
      { address: "2001:db8::2", port: 5004 },
    ],
  ])("wraps datagrams so that they come out again", (source, destination) => {
    const payload = rtpPacket({ sequenceNumber: 5, ssrc: 9, marker: true, payloadType: 8 });
    const atNs = 1_767_603_600_000_123_000n;
    const [datagram] = dissect(
      pcapFile([{ atNs, bytes: udpFrame({ source, destination, payload }) }]),
    );
    expect(datagram).toEqual({ atUs: 1_767_603_600_000_123, source, destination, payload });
    const packet = datagram && rtpOf(datagram);
    expect(packet).toMatchObject({ sequenceNumber: 5, ssrc: 9, marker: true, payloadType: 8 });
  });

  it("writes fragments and VLAN tags", () => {
    const fragment = { offset: 1480, more: true };
    const packet = ipPacket("192.0.2.1", "192.0.2.2", Uint8Array.of(1), {
      identification: 0x1234,
      fragment,
    });
    expect(hex(packet.subarray(0, 8))).toBe("45000015" + "1234" + "20b9");
    expect(internetChecksum(packet.subarray(0, 20))).toBe(0);
    expect(hex(ethernetFrame(packet, [5, 6]).subarray(12, 22))).toBe(
      "81000005" + "81000006" + "0800",
    );
    const long = ipPacket("2001:db8::1", "2001:db8::2", Uint8Array.of(1), {
      identification: 0x1234,
      fragment,
    });
    // Next header 44, then the fragment header: UDP, offset and more, identification.
    expect(hex(long.subarray(4, 8))).toBe("00092c40");
    expect(hex(long.subarray(40, 49))).toBe("1100" + "05c9" + "00001234" + "01");
  });

  it("writes captures of both byte orders and both grains", () => {
    const frames = [{ atNs: 1_000_000_002_000_003_456n, bytes: Uint8Array.of(7), wireLength: 60 }];
    expect(hex(pcapFile(frames))).toBe(
      spaced(
        "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000",
        "02ca9a3b 03000000 01000000 3c000000 07",
      ),
    );
    expect(hex(pcapFile(frames, { nanoseconds: true, bigEndian: true, linkType: 101 }))).toBe(
      spaced(
        "a1b23c4d 0002 0004 00000000 00000000 00040000 00000065",
        "3b9aca02 00000d80 00000001 0000003c 07",
      ),
    );
  });
});
