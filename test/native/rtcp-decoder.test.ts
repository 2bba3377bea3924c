import { describe, expect, it } from "vitest";

import { decodeRtcp } from "../../src/native/rtcp-decoder.js";
import { bytesOf } from "../support/packets.js";
import {
  extendedReport,
  goodbye,
  receiverReport,
  senderReport,
  sourceDescription,
} from "../support/rtcp.js";

const PATH = {
  source: { address: "192.0.2.1", port: 5001 },
  destination: { address: "198.51.100.2", port: 5003 },
};
const ORIGIN = { atMs: 1_700_000_000_000.25, path: PATH };

describe("decodeRtcp", () => {
  it("gives what each packet of a compound says, in order, with its time and path", () => {
    const datagram = bytesOf(
      senderReport({
        ssrc: 7,
        ntp: (3_900_000_000n << 32n) | 0x80000000n,
        rtpTimestamp: 160,
        packets: 50,
        octets: 8000,
        blocks: [{ ssrc: 9, fractionLostQ8: 64, packetsLost: -3, lastSenderReport: 0x12345678 }],
      }),
      sourceDescription(7, "user@example.org"),
      goodbye(7),
    );
    expect(decodeRtcp(datagram, ORIGIN)).toEqual({
      verdict: "decoded",
      records: [
        {
          kind: "sender-info",
          ...ORIGIN,
          senderSsrc: 7,
          ntpSeconds: 3_900_000_000,
          ntpFraction: 0x80000000,
          rtpTimestamp: 160,
          packetsSent: 50,
          bytesSent: 8000,
        },
        {
          kind: "report-block",
          ...ORIGIN,
          senderSsrc: 7,
          subjectSsrc: 9,
          fractionLost: 0.25,
          packetsLost: -3,
          extendedHighestSequence: 0,
          jitterTicks: 0,
          lsr: 0x12345678,
          dlsr: 0,
        },
        { kind: "cname", ...ORIGIN, senderSsrc: 7, subjectSsrc: 7, cname: "user@example.org" },
        { kind: "bye", ...ORIGIN, senderSsrc: 7, subjectSsrc: 7 },
      ],
    });
  });

  it("reads extended reports", () => {
    const reference = extendedReport(7, [{ blockType: 4, body: [0, 0, 0, 1, 0x80, 0, 0, 0] }]);
    expect(decodeRtcp(bytesOf(receiverReport({ ssrc: 7 }), reference), ORIGIN).records).toEqual([
      { kind: "receiver-report", ...ORIGIN, senderSsrc: 7, blocks: 0 },
      {
        kind: "xr-reference-time",
        ...ORIGIN,
        senderSsrc: 7,
        ntpSeconds: 1,
        ntpFraction: 0x80000000,
      },
    ]);
  });

  it("says of SRTCP only that it is SRTCP", () => {
    const encrypted = bytesOf(
      senderReport({ ssrc: 7 }).subarray(0, 8),
      new Uint8Array(20).fill(0xa5),
      [0x80, 0, 0, 1],
      new Uint8Array(10).fill(0x5a),
    );
    const { verdict, records } = decodeRtcp(encrypted, ORIGIN, "srtp");
    expect(verdict).toBe("encrypted");
    expect(records).toEqual([{ kind: "encrypted", ...ORIGIN, senderSsrc: 7, packetType: 200 }]);
  });

  it("says of anything else that it is none, and keeps what came whole of a broken one", () => {
    expect(decodeRtcp(new Uint8Array(0), ORIGIN)).toEqual({ verdict: "not-rtcp", records: [] });
    expect(decodeRtcp(new Uint8Array(40).fill(0xff), ORIGIN).verdict).toBe("not-rtcp");
    const cut = senderReport({ ssrc: 7 }).subarray(0, 20);
    expect(decodeRtcp(cut, ORIGIN).records).toEqual([]);
    const broken = bytesOf(receiverReport({ ssrc: 7 }), [0x81, 200, 0, 1, 0, 0, 0, 7]);
    const { verdict, records } = decodeRtcp(broken, ORIGIN, "plain");
    expect(verdict).toBe("malformed");
    expect(records.map(({ kind }) => kind)).toEqual(["receiver-report"]);
  });
});
