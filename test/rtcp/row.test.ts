import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { RtcpRecord } from "../../src/rtcp/report.js";
import { recordAt, ROW_WIDTH } from "../../src/rtcp/row.js";

const HEADER = readFileSync(
  new URL("../../native/core/rtcp/record.hpp", import.meta.url),
  "utf8",
).replace(/\/\/.*$/gm, "");

/** The enumerators between `start` and the next closing brace of the native header, in order. */
function enumerators(start: string): string[] {
  const [, body = ""] = HEADER.slice(HEADER.indexOf(start) + start.length).split(/[{}]/);
  return [...body.matchAll(/k(\w+)/g)].map(([, name = ""]) => name);
}

const KINDS = enumerators("enum class RecordKind : std::uint8_t").slice(0, -1); // without kCount

interface Row {
  readonly packetType?: number;
  readonly senderSsrc?: number;
  readonly subjectSsrc?: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** A row as native code lays it out: values by the names of the native header. */
function row(kind: string, layout: string, { packetType = 200, ...fields }: Row): Float64Array {
  const names = enumerators(`struct ${layout} {\n  enum : std::size_t`);
  const values = Object.entries(fields.values ?? {});
  const numbers = new Float64Array(ROW_WIDTH).fill(NaN);
  numbers.set([KINDS.indexOf(kind), packetType, fields.senderSsrc ?? 1, fields.subjectSsrc ?? 2]);
  for (const [name, value] of values) {
    expect(names).toContain(name);
    numbers[4 + names.indexOf(name)] = value;
  }
  return numbers;
}

const PATH = {
  source: { address: "192.0.2.1", port: 5001 },
  destination: { address: "192.0.2.2", port: 6001 },
};
const BASE = { atMs: 1_700_000_000_000.25, path: PATH, senderSsrc: 1 };

function read(numbers: Float64Array, payload = ""): RtcpRecord | undefined {
  const bytes = Buffer.from(payload, "utf8");
  return recordAt(numbers, 0, BASE, { bytes, from: 0, to: bytes.length });
}

describe("recordAt", () => {
  it("has as many numbers as native code writes, and the same kinds in the same order", () => {
    expect(HEADER).toContain(`kValuesPerRecord = ${ROW_WIDTH - 4};`);
    expect(KINDS).not.toContain("Count");
    const kinds = KINDS.map((_, index) => {
      const numbers = new Float64Array(ROW_WIDTH);
      numbers[0] = index;
      return read(numbers)?.kind;
    });
    expect(kinds).toEqual(
      KINDS.map((name) =>
        name.replace(/(?<=.)[A-Z]/g, (capital) => `-${capital.toLowerCase()}`).toLowerCase(),
      ),
    );
  });

  it("reads sender information with its unsigned 32-bit fields", () => {
    const values = {
      NtpSeconds: 0xeeaab9c2,
      NtpFraction: 0xab03afb7,
      RtpTimestamp: 0xffffffff,
      Packets: 250,
      Octets: 0x80000000,
    };
    expect(read(row("SenderInfo", "SenderInfo", { values }))).toEqual({
      kind: "sender-info",
      ...BASE,
      ntpSeconds: 0xeeaab9c2,
      ntpFraction: 0xab03afb7,
      rtpTimestamp: 0xffffffff,
      packetsSent: 250,
      bytesSent: 0x80000000,
    });
  });

  it("reads report blocks and the receiver report that carries them", () => {
    const values = {
      FractionLost: 0.25,
      PacketsLost: -2,
      ExtendedHighestSequence: 100000,
      JitterTicks: 320,
      Lsr: 0xb7052000,
      Dlsr: 0x54000,
    };
    expect(read(row("ReportBlock", "ReportBlock", { values }))).toEqual({
      kind: "report-block",
      ...BASE,
      subjectSsrc: 2,
      fractionLost: 0.25,
      packetsLost: -2,
      extendedHighestSequence: 100000,
      jitterTicks: 320,
      lsr: 0xb7052000,
      dlsr: 0x54000,
    });
    expect(read(row("ReceiverReport", "ReceiverReport", { values: { Blocks: 2 } }))).toEqual({
      kind: "receiver-report",
      ...BASE,
      blocks: 2,
    });
  });

  it("reads texts out of the payload as UTF-8, without trailing null octets", () => {
    const values = { Offset: 3, Length: 9 };
    expect(read(row("Cname", "Text", { values }), "...jürg@d\0\0")).toEqual({
      kind: "cname",
      ...BASE,
      subjectSsrc: 2,
      cname: "jürg@d",
    });
    expect(read(row("Bye", "Text", { values }), "...hungry...")).toMatchObject({
      reason: "hungry...",
    });
  });

  it("gives no reason where a BYE has none", () => {
    expect(read(row("Bye", "Text", {}))).toEqual({ kind: "bye", ...BASE, subjectSsrc: 2 });
  });

  it("survives a text that lies outside of the payload, or is not UTF-8", () => {
    const outside = row("Cname", "Text", { values: { Offset: 90, Length: 9 } });
    expect(read(outside, "short")).toMatchObject({ cname: "" });
    const numbers = row("Cname", "Text", { values: { Offset: 0, Length: 2 } });
    const place = { bytes: Uint8Array.of(0xff, 0xfe), from: 0, to: 2 };
    expect(recordAt(numbers, 0, BASE, place)).toMatchObject({ cname: "\ufffd\ufffd" });
  });

  it("reads reference times and their answers", () => {
    const time = { NtpSeconds: 5, NtpFraction: 6 };
    expect(read(row("XrReferenceTime", "XrReferenceTime", { values: time }))).toEqual({
      kind: "xr-reference-time",
      ...BASE,
      ntpSeconds: 5,
      ntpFraction: 6,
    });
    expect(read(row("XrDlrr", "XrDlrr", { values: { Lrr: 7, Dlrr: 8 } }))).toEqual({
      kind: "xr-dlrr",
      ...BASE,
      subjectSsrc: 2,
      lrr: 7,
      dlrr: 8,
    });
  });

  it("leaves out the parts of a statistics summary that were not flagged", () => {
    const span = { BeginSequence: 65520, EndSequence: 16 };
    const none = read(row("XrStatistics", "XrStatistics", { values: span }));
    expect(none).toEqual({
      kind: "xr-statistics",
      ...BASE,
      subjectSsrc: 2,
      beginSequence: 65520,
      endSequence: 16,
    });
    const values = {
      ...span,
      Lost: 5,
      Duplicated: 0,
      MinJitterTicks: 1,
      MaxJitterTicks: 2,
      MeanJitterTicks: 3,
      DeviationJitterTicks: 4,
      TtlKind: 2,
      MinTtl: 10,
      MaxTtl: 20,
      MeanTtl: 30,
      DeviationTtl: 40,
    };
    expect(read(row("XrStatistics", "XrStatistics", { values }))).toEqual({
      ...none,
      packetsLost: 5,
      packetsDuplicated: 0,
      jitterTicks: { min: 1, max: 2, mean: 3, deviation: 4 },
      ttl: { kind: "ipv6", min: 10, max: 20, mean: 30, deviation: 40 },
    });
  });

  it("reads VoIP metrics in seconds, decibels and scores", () => {
    const values = {
      LossRatio: 12 / 256,
      DiscardRatio: 0.25,
      BurstDensity: 85 / 256,
      GapDensity: 9 / 256,
      BurstMs: 120,
      GapMs: 520,
      RoundTripMs: 84,
      EndSystemMs: 60,
      SignalDbm: -21,
      NoiseDbm: -50,
      ResidualEchoReturnLossDb: 55,
      Gmin: 16,
      RFactor: 88,
      ExternalRFactor: 77,
      MosLq: 4.3,
      MosCq: 4.2,
      ReceiverConfiguration: 0xfc,
      JitterBufferNominalMs: 40,
      JitterBufferMaximumMs: 80,
      JitterBufferAbsoluteMaximumMs: 120,
    };
    const record = read(row("XrVoipMetrics", "XrVoipMetrics", { values }));
    expect(record).toEqual({
      kind: "xr-voip-metrics",
      ...BASE,
      subjectSsrc: 2,
      metrics: {
        lossRatio: 12 / 256,
        discardRatio: 0.25,
        burst: { densityRatio: 85 / 256, durationSeconds: 0.12 },
        gap: { densityRatio: 9 / 256, durationSeconds: 0.52 },
        gmin: 16,
        roundTripSeconds: 0.084,
        endSystemDelaySeconds: 0.06,
        signalLevelDbm: -21,
        noiseLevelDbm: -50,
        residualEchoReturnLossDb: 55,
        rFactor: 88,
        externalRFactor: 77,
        mosLq: 4.3,
        mosCq: 4.2,
        packetLossConcealment: "standard",
        jitterBuffer: {
          adaptation: "adaptive",
          rate: 12,
          nominalSeconds: 0.04,
          maximumSeconds: 0.08,
          absoluteMaximumSeconds: 0.12,
        },
      },
    });
  });

  it("leaves out the VoIP metrics that the reporter does not know", () => {
    const values = {
      LossRatio: 0,
      DiscardRatio: 0,
      BurstDensity: 0,
      GapDensity: 0,
      BurstMs: 0,
      GapMs: 0,
      Gmin: 16,
      ReceiverConfiguration: 0,
      JitterBufferNominalMs: 0,
      JitterBufferMaximumMs: 0,
      JitterBufferAbsoluteMaximumMs: 0,
    };
    const none = { densityRatio: 0, durationSeconds: 0 };
    expect(read(row("XrVoipMetrics", "XrVoipMetrics", { values }))).toMatchObject({
      metrics: {
        lossRatio: 0,
        discardRatio: 0,
        burst: none,
        gap: none,
        gmin: 16,
        jitterBuffer: {
          rate: 0,
          nominalSeconds: 0,
          maximumSeconds: 0,
          absoluteMaximumSeconds: 0,
        },
      },
    });
    const record = read(row("XrVoipMetrics", "XrVoipMetrics", { values }));
    expect(record?.kind === "xr-voip-metrics" && Object.keys(record.metrics)).toEqual([
      "lossRatio",
      "discardRatio",
      "burst",
      "gap",
      "gmin",
      "jitterBuffer",
    ]);
  });

  it.each([
    [0x40, "disabled", undefined],
    [0xa0, "enhanced", "non-adaptive"],
    [0xf0, "standard", "adaptive"],
    [0x10, undefined, undefined],
  ])("reads the receiver configuration %i", (ReceiverConfiguration, concealment, adaptation) => {
    const values = { ReceiverConfiguration };
    const record = read(row("XrVoipMetrics", "XrVoipMetrics", { values }));
    if (record?.kind !== "xr-voip-metrics") expect.fail("no VoIP metrics");
    expect(record.metrics.packetLossConcealment).toBe(concealment);
    expect(record.metrics.jitterBuffer.adaptation).toBe(adaptation);
  });

  it("tells transport feedback from payload feedback by the packet type", () => {
    const values = { Format: 1, ControlBytes: 4 };
    expect(read(row("Feedback", "Feedback", { packetType: 205, values }))).toEqual({
      kind: "feedback",
      ...BASE,
      subjectSsrc: 2,
      layer: "transport",
      format: 1,
      controlBytes: 4,
    });
    expect(read(row("Feedback", "Feedback", { packetType: 206, values }))).toMatchObject({
      layer: "payload",
    });
  });

  it("reads the name of an application packet as four characters", () => {
    const values = { Subtype: 3, Name: 0x50494e47, DataBytes: 4 };
    expect(read(row("Application", "Application", { values }))).toEqual({
      kind: "application",
      ...BASE,
      subtype: 3,
      name: "PING",
      dataBytes: 4,
    });
  });

  it("says of SRTCP only whose it is and how it begins", () => {
    const numbers = row("Encrypted", "Text", { packetType: 201 });
    expect(read(numbers)).toEqual({ kind: "encrypted", ...BASE, packetType: 201 });
  });

  it("gives nothing for a kind it does not know", () => {
    for (const kind of [-1, 12, 200, NaN, 0.5]) {
      const numbers = new Float64Array(ROW_WIDTH);
      numbers[0] = kind;
      expect(read(numbers)).toBeUndefined();
    }
  });
});
