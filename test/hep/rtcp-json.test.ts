import { describe, expect, it } from "vitest";

import { recordsOfJson, rtcpJson } from "../../src/hep/rtcp-json.js";
import type { ReportBlock, RtcpRecord } from "../../src/rtcp/report.js";
import { parseVoiceQualityReport } from "../../src/sip/voice-quality.js";

const ORIGIN = {
  atMs: 1_700_000_000_000,
  path: {
    source: { address: "192.0.2.1", port: 40_001 },
    destination: { address: "192.0.2.2", port: 50_001 },
  },
};

const block = (fields: Partial<ReportBlock> = {}): ReportBlock => ({
  kind: "report-block",
  ...ORIGIN,
  senderSsrc: 8,
  subjectSsrc: 7,
  fractionLost: 0.25,
  packetsLost: 3,
  extendedHighestSequence: 65_786,
  jitterTicks: 80,
  lsr: 0x1234_4000,
  dlsr: 655,
  ...fields,
});

const SENDER: RtcpRecord = {
  kind: "sender-info",
  ...ORIGIN,
  senderSsrc: 8,
  ntpSeconds: 0x8000_1234,
  ntpFraction: 0x4000_0000,
  rtpTimestamp: 160,
  packetsSent: 250,
  bytesSent: 40_000,
};

const read = (text: string | undefined): RtcpRecord[] | undefined =>
  text === undefined ? undefined : recordsOfJson(text, ORIGIN);

describe("RTCP as JSON", () => {
  it("has the names and units that Homer's agents use", () => {
    const cname: RtcpRecord = {
      kind: "cname",
      ...ORIGIN,
      senderSsrc: 8,
      subjectSsrc: 8,
      cname: "alice@192.0.2.1",
    };
    expect(JSON.parse(rtcpJson([SENDER, block(), cname]) ?? "")).toEqual({
      sender_information: {
        ntp_timestamp_sec: 0x8000_1234,
        ntp_timestamp_usec: 0x4000_0000,
        rtp_timestamp: 160,
        packets: 250,
        octets: 40_000,
      },
      ssrc: 8,
      type: 200,
      report_count: 1,
      report_blocks: [
        {
          source_ssrc: 7,
          fraction_lost: 64,
          packets_lost: 3,
          highest_seq_no: 65_786,
          ia_jitter: 80,
          lsr: 0x1234_4000,
          dlsr: 655,
        },
      ],
      sdes_ssrc: 8,
    });
  });

  it.each([
    { what: "a sender report", records: [SENDER, block(), block({ subjectSsrc: 9 })] },
    { what: "a sender report without blocks", records: [SENDER] },
    {
      what: "a receiver report",
      records: [
        { kind: "receiver-report", ...ORIGIN, senderSsrc: 8, blocks: 1 },
        block({ packetsLost: -2 }),
      ] satisfies RtcpRecord[],
    },
  ])("says the same when it is read again: $what", ({ records }) => {
    expect(read(rtcpJson(records))).toEqual(records);
  });

  it("keeps a VoIP metrics block, in the units of RFC 3611", () => {
    const text = rtcpJson([
      {
        kind: "xr-voip-metrics",
        ...ORIGIN,
        senderSsrc: 8,
        subjectSsrc: 7,
        metrics: {
          lossRatio: 12 / 256,
          discardRatio: 0,
          burst: { densityRatio: 85 / 256, durationSeconds: 0.12 },
          gap: { densityRatio: 9 / 256, durationSeconds: 0.52 },
          gmin: 16,
          roundTripSeconds: 0.084,
          jitterBuffer: {
            rate: 0,
            nominalSeconds: 0.04,
            maximumSeconds: 0.06,
            absoluteMaximumSeconds: 0.1,
          },
        },
      },
    ]);
    expect(JSON.parse(text ?? "")).toMatchObject({
      ssrc: 8,
      type: 207,
      report_blocks_xr: {
        type: 7,
        id: 7,
        fraction_lost: 12,
        fraction_discard: 0,
        burst_density: 85,
        gap_density: 9,
        burst_duration: 120,
        gap_duration: 520,
        round_trip_delay: 84,
      },
    });
  });

  it("is nothing of what Homer does not show", () => {
    expect(rtcpJson([])).toBeUndefined();
    expect(rtcpJson([{ kind: "bye", ...ORIGIN, senderSsrc: 8, subjectSsrc: 8 }])).toBeUndefined();
  });

  it.each([
    { what: "beyond a word", change: { ia_jitter: 2 ** 32 } },
    { what: "negative", change: { highest_seq_no: -1 } },
    { what: "a fraction", change: { source_ssrc: 1.5 } },
    { what: "beyond its field", change: { fraction_lost: 256 } },
    { what: "more than 24 bits", change: { packets_lost: 2 ** 25 } },
    { what: "no number", change: { ia_jitter: "many" } },
    { what: "missing", change: { source_ssrc: undefined } },
  ])("leaves out a block of which a value is $what", ({ change }) => {
    const json = JSON.parse(rtcpJson([SENDER, block()]) ?? "") as {
      report_blocks: Record<string, unknown>[];
    };
    json.report_blocks = json.report_blocks.map((one) => ({ ...one, ...change }));
    expect(read(JSON.stringify(json))).toEqual([SENDER]);
  });

  it("reads no more blocks than a packet can have", () => {
    const json = JSON.parse(rtcpJson([SENDER, block()]) ?? "") as { report_blocks: unknown[] };
    json.report_blocks = Array.from({ length: 1000 }, () => json.report_blocks[0]);
    expect(read(JSON.stringify(json))).toHaveLength(1 + 31);
  });
});

describe("texts of agents and phones", () => {
  const TEXTS = [
    rtcpJson([SENDER, block()]) ?? "",
    "VQSessionReport: CallTerm\r\nCallID: 1\r\nLocalAddr: IP=[2001:db8::1] PORT=1 SSRC=0x1\r\n" +
      "LocalMetrics:\r\nPacketLoss:NLR=1.0 JDR=2\r\nQualityEst:MOSLQ=4.1 MOSCQ=41\r\n",
  ];

  it.each(TEXTS)("are survived however they are damaged: %#", (whole) => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const characters = '{}[]":,;=.<>\0\r\n -0129xZ\u00e9';
    for (let round = 0; round < 5000; round += 1) {
      const letters = whole.split("");
      for (let changes = 1 + random(6); changes > 0; changes -= 1) {
        const letter = characters[random(characters.length)] ?? "";
        letters.splice(random(letters.length), random(3), letter);
      }
      const text = letters.join("");
      for (const record of read(text) ?? []) {
        expect(["sender-info", "report-block", "receiver-report"]).toContain(record.kind);
      }
      const { mosLq = 1, mosCq = 1 } = parseVoiceQualityReport(text)?.localMetrics ?? {};
      expect(Math.min(mosLq, mosCq)).toBeGreaterThanOrEqual(1);
      expect(Math.max(mosLq, mosCq)).toBeLessThanOrEqual(5);
    }
  });
});
