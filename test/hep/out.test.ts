import { afterEach, describe, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import { HepSource } from "../../src/hep/in.js";
import { HepSink, type HepSinkOptions } from "../../src/hep/out.js";
import type { HepPacket } from "../../src/hep/packet.js";
import { HepServer } from "../../src/hep/server.js";
import { parseVoiceQualityReport } from "../../src/sip/voice-quality.js";
import { fixtureCapture } from "../support/fixtures.js";
import { type Receiver, streamReceiver } from "./support/receivers.js";

const CALL = fixtureCapture("impaired-call");
const LIMIT = { timeout: 20_000 };

// Sockets share the machine with other tests.
vi.setConfig({ testTimeout: 60_000 });

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Sent {
  readonly call: CallReport;
  readonly packets: readonly HepPacket[];
  readonly sink: HepSink;
}

/** What is sent of a recorded call. */
async function sent(options: Partial<HepSinkOptions> = {}): Promise<Sent> {
  const receiver: Receiver = await streamReceiver();
  open.push(receiver);
  const sink = new HepSink({ collector: `tcp://127.0.0.1:${receiver.port}`, ...options });
  const { calls } = await analyseCapture({ path: CALL }, { observer: sink });
  await sink.close();
  await vi.waitFor(() => {
    expect(receiver.packets).toHaveLength(sink.counters.sent);
  }, LIMIT);
  const [call] = calls;
  if (call === undefined) throw new Error("no call");
  return { call, packets: receiver.packets, sink };
}

const text = ({ payload = new Uint8Array() }: HepPacket): string => Buffer.from(payload).toString();

const ofType = (packets: readonly HepPacket[], type: number): HepPacket[] =>
  packets.filter(({ protocolType }) => protocolType === type);

const json = (packet: HepPacket): Record<string, unknown> =>
  JSON.parse(text(packet)) as Record<string, unknown>;

describe("HepSink", () => {
  it("sends each message as it was, with its endpoints, its time and the Call-ID", async () => {
    const { call, packets } = await sent();
    const messages = ofType(packets, 1);
    expect(messages.map((one) => text(one).split("\r\n")[0])).toEqual([
      expect.stringMatching(/^INVITE sip:/),
      expect.stringMatching(/^SIP\/2.0 1\d\d/),
      expect.stringMatching(/^SIP\/2.0 200/),
      expect.stringMatching(/^ACK sip:/),
      expect.stringMatching(/^BYE sip:/),
      expect.stringMatching(/^SIP\/2.0 200/),
    ]);
    const [invite] = messages;
    expect(invite).toMatchObject({
      ipProtocol: 17,
      agentId: 2001,
      source: call.caller?.endpoint,
      destination: call.callee?.endpoint,
    });
    const invitedAtMs = Date.parse(call.course.invitedAt ?? "");
    expect(Math.trunc(invite?.atMs ?? 0)).toBe(invitedAtMs);
    for (const { correlationId } of packets) expect(correlationId).toBe(call.callId);
  });

  it("sends RTCP as JSON, so that what was reported of a stream adds up", async () => {
    const { call, packets } = await sent();
    const reports = ofType(packets, 5).map(json);
    expect(reports.length).toBeGreaterThan(4);
    for (const stream of call.streams) {
      const blocks = reports
        .flatMap(({ report_blocks: blocks }) => blocks as Record<string, number>[])
        .filter(({ source_ssrc: ssrc }) => ssrc === stream.ssrc);
      expect(blocks).toHaveLength(stream.rtcp?.reports ?? -1);
      expect(blocks.at(-1)?.["packets_lost"]).toBe(stream.rtcp?.packetsLost);
    }
  });

  it("sends a report on each interval and on each stream, whose figures are the record's", async () => {
    const { call, packets } = await sent();
    const reports = ofType(packets, 34);
    const intervals = call.streams.flatMap((stream) => stream.intervals);
    expect(reports).toHaveLength(intervals.length + call.streams.length);
    for (const stream of call.streams) {
      const final = reports.find((one) => {
        const { TYPE: type, SSRC: ssrc } = json(one);
        return type === "FINAL" && Number(ssrc) === stream.ssrc;
      });
      const mos = stream.quality?.mosCq ?? stream.quality?.mosLq;
      expect(final && json(final)).toMatchObject({
        CORRELATION_ID: call.callId,
        TOTAL_PK: stream.packetsReceived,
        EXPECTED_PK: stream.packetsExpected,
        PACKET_LOSS: stream.packetsMissing,
        OUT_ORDER: stream.packetsReordered,
        MOS: mos,
        CODEC_NAME: stream.codec,
        SRC_IP: stream.source.address,
        DST_PORT: stream.destination.port,
        DIR: stream.direction === "caller-to-callee" ? 0 : 1,
      });
      expect(final?.mos).toBeCloseTo(mos ?? NaN, 2);
      expect(final?.jitterMs).toBe(Math.round((stream.jitterSeconds?.mean ?? NaN) * 1000));
    }
  });

  it("has the fields that heplify-server makes metrics of, as numbers", async () => {
    const { packets } = await sent();
    const [report] = ofType(packets, 34).map(json);
    for (const field of ["JITTER", "MOS", "PACKET_LOSS", "RFACTOR"]) {
      expect(report?.[field], field).toEqual(expect.any(Number));
    }
    const [block] = ofType(packets, 5).map((one) => {
      const blocks = json(one)["report_blocks"] as Record<string, unknown>[];
      return blocks[0];
    });
    for (const field of ["fraction_lost", "packets_lost", "ia_jitter", "dlsr"]) {
      expect(block?.[field], field).toEqual(expect.any(Number));
    }
    const [quality] = ofType(packets, 35).map(text);
    expect(quality).toMatch(/\bNLR=\d[^]*\bIAJ=\d[^]*\bMOSLQ=\d[^]*\bMOSCQ=\d/);
  });

  it("sends one voice quality report of the local party, with its score in a chunk", async () => {
    const { call, packets } = await sent();
    const [report, ...others] = ofType(packets, 35);
    expect(others).toEqual([]);
    expect(call.localParty).toBe("callee");
    const heard = call.streams.find(({ direction }) => direction === "caller-to-callee");
    const parsed = report && parseVoiceQualityReport(text(report));
    expect(parsed).toMatchObject({
      kind: "session",
      callId: call.callId,
      local: { endpoint: heard?.destination },
      remote: { endpoint: heard?.source, ssrc: heard?.ssrc },
      localMetrics: { codec: heard?.codec, payloadType: heard?.payloadType },
    });
    const { lossRatio, mosCq } = parsed?.localMetrics ?? {};
    expect(lossRatio).toBeCloseTo(heard?.lossRatio ?? NaN, 4);
    expect(mosCq).toBeCloseTo(heard?.quality?.mosCq ?? NaN, 1);
    expect(report?.mos).toBeCloseTo(heard?.quality?.mosCq ?? NaN, 2);
  });

  it("logs what was found wrong, and what is in doubt", async () => {
    const { call, packets } = await sent();
    expect(ofType(packets, 100).map(text)).toEqual(
      [...call.issues, ...call.confidence].map(
        ({ kind, detail }) => `mediaprobe ${kind}: ${detail}`,
      ),
    );
  });

  it("says who it is, and uses the numbers that the collector has", async () => {
    const { packets } = await sent({
      agentId: 7,
      nodeName: "probe",
      authenticationKey: "secret",
      protocolTypes: { rtpReport: 134, voiceQuality: 135 },
    });
    for (const one of packets) {
      expect(one).toMatchObject({ agentId: 7, nodeName: "probe", authenticationKey: "secret" });
    }
    expect(ofType(packets, 134).length).toBeGreaterThan(0);
    expect(ofType(packets, 135)).toHaveLength(1);
    expect([...ofType(packets, 34), ...ofType(packets, 35)]).toEqual([]);
  });

  it("masks every text that leaves", async () => {
    const { packets } = await sent({ mask: (one) => one.replaceAll(/alice|bob/g, "x") });
    const texts = packets.map(text);
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((one) => /alice|bob/.test(one))).toEqual([]);
    expect(texts[0]).toMatch(/sip:x@/);
  });

  it("lets nothing leave that cannot be masked, and counts it", async () => {
    const { packets, sink } = await sent({
      mask: () => {
        throw new Error("no key");
      },
    });
    expect(packets.map(({ protocolType }) => protocolType)).not.toContain(1);
    expect(sink.counters.unmasked).toBeGreaterThan(6);
  });

  it.each([
    {
      option: { agentId: -1 },
      message: "agentId is -1; it must be a whole number from 0 to 4294967295",
    },
    {
      option: { protocolTypes: { log: 256 } },
      message: "protocolTypes.log is 256; it must be a whole number from 0 to 255",
    },
    { option: { maxQueueBytes: NaN }, message: "maxQueueBytes is NaN" },
    { option: { collector: "homer" }, message: '"homer" names no collector' },
  ])("refuses $option", ({ option, message }) => {
    expect(() => new HepSink({ collector: "udp://127.0.0.1", ...option })).toThrow(message);
  });
});

describe("a call that goes through HEP", () => {
  it("has the same record, but for what only packets tell", async () => {
    const calls: CallReport[] = [];
    const source = new HepSource({
      nowMs: () => 0,
      observer: { onCall: (one) => calls.push(one) },
    });
    const server = await HepServer.listen(source, { port: 0, host: "127.0.0.1" });
    const sink = new HepSink({ collector: `tcp://127.0.0.1:${server.address.port}` });
    const { calls: replayed } = await analyseCapture({ path: CALL }, { observer: sink });
    await sink.close();
    await vi.waitFor(() => {
      expect(source.counters.packets).toBe(sink.counters.sent);
    }, LIMIT);
    await server.close();
    const [call] = calls;
    const [other] = replayed;
    const shared = ({ callId, caller, callee, outcome, timings, course }: CallReport) => {
      const { postDialDelaySeconds, setupSeconds, durationSeconds } = timings;
      const { invitedAt, answeredAt, endedAt } = course;
      const instants = { invitedAt, answeredAt, endedAt };
      const delays = { postDialDelaySeconds, setupSeconds, durationSeconds };
      return { callId, caller, callee, outcome, instants, delays };
    };
    expect(call && shared(call)).toEqual(other && shared(other));
    // Round trips are measured from RTCP alone.
    expect(call?.rtt?.measured?.samples).toBe(other?.rtt?.measured?.samples);
    expect(call?.rtt?.measured?.meanSeconds).toBeCloseTo(
      other?.rtt?.measured?.meanSeconds ?? NaN,
      5,
    );
    // And so is what the ends report.
    const reported = new Map(call?.reportedStreams?.map(({ ssrc, rtcp }) => [ssrc, rtcp]));
    for (const { ssrc, rtcp } of other?.streams ?? []) {
      const { reports, packetsLost, jitterSeconds, fractionLost } = rtcp ?? {};
      expect(reported.get(ssrc)).toMatchObject({
        reports,
        packetsLost,
        jitterSeconds,
        fractionLost,
      });
    }
  });
});
