import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { endpointKey } from "../../src/net/endpoint.js";
import { dissect, rtpOf, type Datagram, type DissectedRtp } from "../support/dissect.js";
import { referenceStream } from "../support/reference.js";
import { generateCapture, writeCapture, type LoadOptions, type StreamTruth } from "./generate.mjs";

const OPTIONS: LoadOptions = {
  calls: 20,
  packets: 24_000,
  seed: 7,
  lossRatio: 0.01,
  burstRatio: 0.001,
  reorderRatio: 0.005,
  duplicateRatio: 0.005,
};
const { bytes, truth } = generateCapture(OPTIONS);
const datagrams = dissect(bytes);
const packets = datagrams.flatMap((datagram) => rtpOf(datagram) ?? []);
const streams = truth.calls.flatMap((call) => call.streams);

const packetsByStream = new Map<string, DissectedRtp[]>();
for (const packet of packets) {
  const key = `${packet.ssrc} ${endpointKey(packet.source)}`;
  packetsByStream.set(key, packetsByStream.get(key) ?? []);
  packetsByStream.get(key)?.push(packet);
}

function packetsOf({ ssrc, source }: StreamTruth): DissectedRtp[] {
  return packetsByStream.get(`${ssrc} ${endpointKey(source)}`) ?? [];
}

function sum(name: "packetsMissing" | "packetsDuplicated" | "packetsReordered"): number {
  return streams.reduce((total, stream) => total + stream[name], 0);
}

/** The connection address and the audio line of a session description (RFC 8866 §5.7, §5.14). */
function mediaOf(message: string): { address: string; port: number; payloadTypes: string } {
  const found =
    /^c=IN IP[46] (?<address>\S+)\r\n(?:.*\r\n)*?m=audio (?<port>\d+) RTP\/AVP (?<types>.*)\r$/m;
  const { address = "", port = "", types = "" } = found.exec(message)?.groups ?? {};
  return { address, port: Number(port), payloadTypes: types };
}

describe("the truth about a generated capture", () => {
  it("is what an independent count of every stream finds", () => {
    for (const stream of streams) {
      const own = packetsOf(stream);
      const counted = referenceStream(
        own.map((packet) => ({ ...packet, arrivalNs: BigInt(packet.atUs) * 1000n })),
      );
      expect(counted).toMatchObject({
        epochs: 1,
        packetsReceived: stream.packetsReceived,
        packetsExpected: stream.packetsExpected,
        packetsLost: stream.packetsLost,
        packetsMissing: stream.packetsMissing,
        packetsDuplicated: stream.packetsDuplicated,
        packetsReordered: stream.packetsReordered,
      });
      expect((counted.jitter?.lastNs ?? NaN) / 1e9).toBeCloseTo(stream.jitterSeconds.last, 12);
      expect((counted.jitter?.meanNs ?? NaN) / 1e9).toBeCloseTo(stream.jitterSeconds.mean, 12);
      expect((counted.jitter?.maxNs ?? NaN) / 1e9).toBeCloseTo(stream.jitterSeconds.max, 12);
      expect(stream).toMatchObject({
        firstPacketAtUs: own[0]?.atUs,
        lastPacketAtUs: own.at(-1)?.atUs,
        payloadBytes: own.reduce((total, { payload }) => total + payload.length - 12, 0),
      });
      expect(new Set(own.map(({ payloadType }) => payloadType))).toEqual(
        new Set([stream.payloadType]),
      );
    }
  });

  it("misses what the generator dropped and nothing else", () => {
    for (const stream of streams) expect(stream.packetsMissing).toBe(stream.packetsDropped);
  });

  it("accounts for every frame", () => {
    expect(truth).toMatchObject({
      frames: datagrams.length,
      bytes: bytes.length,
      rtpPackets: packets.length,
      sipMessages: 7 * 20,
    });
    expect(truth.rtpPackets + truth.rtcpPackets + truth.sipMessages).toBe(truth.frames);
    expect(Math.abs(truth.frames - OPTIONS.packets) / OPTIONS.packets).toBeLessThan(0.02);
  });

  it("holds every kind of trouble that was asked for", () => {
    const sent = packets.length + sum("packetsMissing") - sum("packetsDuplicated");
    expect(sum("packetsMissing") / sent).toBeGreaterThan(0.01);
    expect(sum("packetsMissing") / sent).toBeLessThan(0.02);
    expect(sum("packetsDuplicated") / sent).toBeCloseTo(0.005, 2);
    expect(sum("packetsReordered") / sent).toBeCloseTo(0.005, 2);
  });

  it("holds none when none was asked for", () => {
    const clean = generateCapture({
      calls: 3,
      packets: 3000,
      lossRatio: 0,
      burstRatio: 0,
      reorderRatio: 0,
      duplicateRatio: 0,
      jitterSigmaMs: 0,
    });
    for (const stream of clean.truth.calls.flatMap((call) => call.streams)) {
      expect(stream).toMatchObject({
        packetsLost: 0,
        packetsMissing: 0,
        packetsDuplicated: 0,
        packetsReordered: 0,
        jitterSeconds: { last: 0, mean: 0, max: 0 },
      });
    }
  });
});

describe("a generated capture", () => {
  it("is in order of time", () => {
    const times = datagrams.map(({ atUs }) => atUs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("is the same for the same seed only", () => {
    expect(Buffer.compare(generateCapture(OPTIONS).bytes, bytes)).toBe(0);
    expect(Buffer.compare(generateCapture({ ...OPTIONS, seed: 8 }).bytes, bytes)).not.toBe(0);
  });

  it("has the share of IPv6 calls that was asked for", () => {
    expect(truth.calls.filter(({ family }) => family === 6)).toHaveLength(4);
  });

  it("has calls that overlap", () => {
    const begins = truth.calls.map(({ invitedAtUs }) => invitedAtUs);
    const ends = truth.calls.map(({ endedAtUs }) => endedAtUs);
    expect(Math.max(...begins)).toBeLessThan(Math.min(...ends));
  });

  it("wraps sequence numbers early in every fourth stream", () => {
    const wraps = streams.filter(({ firstSequence }) => firstSequence > 65_435);
    expect(wraps.length).toBeGreaterThanOrEqual(10);
  });

  it("sets up each call with an offer and an answer that name its media", () => {
    for (const call of truth.calls) {
      const messages = datagrams
        .filter(({ source }) => source.port === 5060)
        .map(({ payload, atUs }) => ({ text: Buffer.from(payload).toString("latin1"), atUs }))
        .filter(({ text }) => text.includes(`Call-ID: ${call.callId}\r\n`));
      expect(messages.map(({ text }) => text.slice(0, 11))).toEqual([
        "INVITE sip:",
        "SIP/2.0 100",
        "SIP/2.0 180",
        "SIP/2.0 200",
        "ACK sip:med",
        "BYE sip:" + (call.endedBy === "caller" ? "med" : "pho"),
        "SIP/2.0 200",
      ]);
      for (const { text } of messages) {
        const [head = "", body = ""] = text.split("\r\n\r\n");
        expect(head).toContain(`Content-Length: ${body.length}`);
      }
      const [offer, answer] = [messages[0], messages[3]].map((m) => mediaOf(m?.text ?? ""));
      const [caller, callee] = call.streams.map(({ source }) => source);
      expect(offer).toEqual({ ...caller, payloadTypes: "111 0 8 101" });
      expect(answer).toEqual({ ...callee, payloadTypes: `${call.streams[0].payloadType} 101` });
      expect([messages[0], messages[2], messages[3], messages[5]].map((m) => m?.atUs)).toEqual([
        call.invitedAtUs,
        call.ringingAtUs,
        call.answeredAtUs,
        call.endedAtUs,
      ]);
    }
  });

  it("is refused when an option is out of its range", () => {
    expect(() => generateCapture({ calls: 0, packets: 100 })).toThrow(
      new RangeError("calls is 0; it must be a whole number from 1 to 200000."),
    );
    expect(() => generateCapture({ calls: 1, packets: 100, lossRatio: -0.1 })).toThrow(RangeError);
    expect(() => generateCapture({ calls: 1, packets: 100, lossRatio: NaN })).toThrow(RangeError);
    expect(() => generateCapture({ calls: 100, packets: 100 })).toThrow(/at least 1600/);
  });

  it("is written to a file as it is made in memory, with a line of truth for each call", () => {
    const folder = mkdtempSync(join(tmpdir(), "mediaprobe-load-"));
    try {
      const capture = join(folder, "load.pcap");
      const lines = join(folder, "load.jsonl");
      const totals = writeCapture(capture, lines, OPTIONS);
      expect(Buffer.compare(readFileSync(capture), bytes)).toBe(0);
      const written = readFileSync(lines, "utf8").trimEnd().split("\n");
      const byId = (a: { callId?: string }, b: { callId?: string }): number =>
        (a.callId ?? "").localeCompare(b.callId ?? "");
      const parsed = written.map((line) => JSON.parse(line) as { callId?: string });
      expect(parsed.pop()).toEqual(totals);
      expect(parsed.sort(byId)).toEqual(truth.calls.toSorted(byId));
      expect(readdirSync(folder)).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The first report of a compound and its first block (RFC 3550 §6.4.1). */
function reportOf({ atUs, payload }: Datagram): {
  atUs: number;
  ssrc: number;
  middleNtp: number;
  block?: { ssrc: number; lost: number; highest: number; lsr: number; dlsr: number };
} {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  expect(view.getUint8(1)).toBe(200);
  const report = { atUs, ssrc: view.getUint32(4), middleNtp: view.getUint32(10) };
  if ((view.getUint8(0) & 31) === 0) return report;
  return {
    ...report,
    block: {
      ssrc: view.getUint32(28),
      lost: view.getInt32(32) & 0xffffff,
      highest: view.getUint32(36),
      lsr: view.getUint32(44),
      dlsr: view.getUint32(48),
    },
  };
}

describe("RTCP of a generated capture", () => {
  const compounds = datagrams.filter((datagram) => (datagram.payload[1] ?? 0) === 200);

  it("is sent by every stream in every five seconds, on the next port", () => {
    for (const stream of streams) {
      const own = compounds.filter(
        ({ source }) =>
          source.address === stream.source.address && source.port === stream.source.port + 1,
      );
      expect(own).toHaveLength(stream.reports);
      const seconds = (stream.lastPacketAtUs - stream.firstPacketAtUs) / 1e6;
      expect(stream.reports).toBeGreaterThanOrEqual(Math.floor(seconds / 5) - 1);
      expect(stream.reports).toBeLessThanOrEqual(Math.ceil(seconds / 5));
    }
  });

  it("tells the round-trip time of both halves of the way", () => {
    const reports = compounds.map(reportOf);
    let measured = 0;
    for (const call of truth.calls) {
      const halves = call.streams.map(({ ssrc }, side) => {
        const other = call.streams[1 - side]?.ssrc;
        const own = reports.filter((report) => report.ssrc === ssrc);
        return reports
          .filter((report) => report.ssrc === other && report.block && report.block.lsr !== 0)
          .map(({ atUs, block }) => {
            const sender = own.find(({ middleNtp }) => middleNtp === block?.lsr);
            return (atUs - (sender?.atUs ?? NaN)) / 1e6 - (block?.dlsr ?? NaN) / 65536;
          });
      });
      for (const [forth, back] of (halves[0] ?? []).map((half, i) => [half, halves[1]?.[i]])) {
        if (forth === undefined || back === undefined) continue;
        expect(forth + back).toBeCloseTo(call.roundTripTimeSeconds, 4);
        measured += 1;
      }
    }
    expect(measured).toBeGreaterThan(20);
  });

  it("reports the loss that its sender saw", () => {
    const last = new Map(compounds.map(reportOf).map((report) => [report.block?.ssrc, report]));
    for (const stream of streams) {
      const { block, atUs = 0 } = last.get(stream.ssrc) ?? {};
      const until = packetsOf(stream).filter((packet) => packet.atUs < atUs);
      const counted = referenceStream(
        until.map((packet) => ({ ...packet, arrivalNs: BigInt(packet.atUs) * 1000n })),
      );
      expect(block?.lost).toBe(counted.packetsLost & 0xffffff);
      expect(block?.highest).toBe(stream.firstSequence + counted.packetsExpected - 1);
    }
  });
});
