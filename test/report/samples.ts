/** Reports made by hand, for what is said of them. */

import type { CallReport } from "../../src/call/call-report.js";
import type {
  CaptureCounters,
  CaptureReport,
  IntervalReport,
  StreamReport,
} from "../../src/call/report.js";

const START_MS = Date.UTC(2024, 4, 3, 12, 0, 0);

/** An instant so many seconds after the samples begin. */
export function at(seconds: number): string {
  return new Date(START_MS + seconds * 1000).toISOString().replace("Z", "000Z");
}

/** Ten seconds of G.711 that nothing happened to. */
export function stream(overrides: Partial<StreamReport> = {}): StreamReport {
  return {
    ssrc: 0x1a2b3c4d,
    payloadType: 0,
    codec: "PCMU",
    clockRateHz: 8000,
    payloadTypes: [
      { payloadType: 0, packets: 500, codec: "PCMU", clockRateHz: 8000, kind: "audio" },
    ],
    source: { address: "10.0.1.1", port: 40000 },
    destination: { address: "10.0.2.2", port: 50002 },
    firstPacketAt: at(0),
    lastPacketAt: at(9.98),
    packetsReceived: 500,
    packetsExpected: 500,
    packetsLost: 0,
    packetsMissing: 0,
    packetsDuplicated: 0,
    packetsReordered: 0,
    packetsDiscarded: 0,
    lossRatio: 0,
    jitterSeconds: { last: 0.0011, mean: 0.0012, max: 0.0043 },
    delayVariationSeconds: { p50: 0.001, p95: 0.0061, p99: 0.0072, max: 0.0081 },
    lossRuns: {},
    packetizationSeconds: 0.02,
    payloadBytes: 80_000,
    wireBytes: 100_000,
    quality: {
      rFactor: 93.2062077,
      mosLq: 4.40942979,
      scale: "narrowband",
      costs: { codec: 0, randomLoss: 0, burstLoss: 0, lateLoss: 0 },
    },
    intervals: [],
    ...overrides,
  };
}

/** The same with 35 packets lost and 9 late. */
export function hurtStream(overrides: Partial<StreamReport> = {}): StreamReport {
  return stream({
    ssrc: 0x00beef01,
    source: { address: "10.0.2.2", port: 50002 },
    destination: { address: "10.0.1.1", port: 40000 },
    packetsReceived: 465,
    packetsLost: 35,
    packetsDiscarded: 9,
    lossRatio: 0.07,
    lossRuns: { "1": 10, "2": 5, "3": 1, "12": 1 },
    burst: { count: 4, packets: 60, density: 0.55, durationSeconds: 0.3 },
    adaptiveBuffer: { packetsDiscarded: 2, meanDelaySeconds: 0.085 },
    quality: {
      rFactor: 66.4,
      mosCq: 3.43,
      mosLq: 3.44,
      scale: "narrowband",
      costs: { delay: 0.4, codec: 0, randomLoss: 18.3, burstLoss: 6.1, lateLoss: 2 },
    },
    rtt: { measured: roundTrip(0.0412) },
    ...overrides,
  });
}

/** The same without these fields: unknown is absent. */
export function without<T extends object>(report: T, ...names: readonly (keyof T)[]): T {
  const known = Object.entries(report).filter(([name]) => !names.includes(name as keyof T));
  return Object.fromEntries(known) as T;
}

/** A summary of equal round-trip times. */
export function roundTrip(
  seconds: number,
): NonNullable<NonNullable<StreamReport["rtt"]>["measured"]> {
  return {
    lastSeconds: seconds,
    minSeconds: seconds,
    meanSeconds: seconds,
    p95Seconds: seconds,
    maxSeconds: seconds,
    samples: 3,
  };
}

/** Five seconds of 250 packets, the `index`th of a stream. */
export function interval(index: number, overrides: Partial<IntervalReport> = {}): IntervalReport {
  return {
    from: at(index * 5),
    to: at(index * 5 + 5),
    packetsReceived: 250,
    packetsExpected: 250,
    packetsMissing: 0,
    packetsDuplicated: 0,
    packetsReordered: 0,
    packetsDiscarded: 0,
    payloadBytes: 40_000,
    ...overrides,
  };
}

/** Intervals with these scores; `undefined` for one that cannot be rated. */
export function rated(scores: readonly (number | undefined)[]): IntervalReport[] {
  return scores.map((mosLq, index) =>
    interval(index, mosLq === undefined ? {} : { quality: { rFactor: 0, mosLq } }),
  );
}

export function counters(overrides: Partial<CaptureCounters> = {}): CaptureCounters {
  return {
    packets: 0,
    bytes: 0,
    packetsCut: 0,
    rtp: 0,
    rtcp: 0,
    rtcpEncrypted: 0,
    sip: 0,
    sipOverTls: 0,
    dtls: 0,
    stun: 0,
    turnChannelData: 0,
    fragments: 0,
    ignored: 0,
    unconfirmedRtp: 0,
    tcpBytesSkipped: 0,
    malformed: {},
    evicted: {},
    ...overrides,
  };
}

/** A capture of these streams. */
export function capture(
  streams: readonly StreamReport[],
  overrides: Partial<CaptureReport> = {},
): CaptureReport {
  const packets = streams.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0);
  return {
    schema: "mediaprobe.report/1",
    file: "call.pcap",
    firstPacketAt: at(0),
    lastPacketAt: at(12.4),
    inputs: [{ format: "pcap", interfaces: 1, linkType: 1, timestampResolutionSeconds: 0.000_001 }],
    calls: [],
    handshakes: [],
    streams,
    counters: counters({
      packets: packets + 20,
      bytes: packets * 214,
      rtp: packets,
      sip: 12,
      rtcp: 8,
    }),
    ...overrides,
  };
}

/** Alice calls Bob, who hangs up after ten seconds in which Alice heard him badly. */
export function call(overrides: Partial<CallReport> = {}): CallReport {
  const toCallee = stream({ direction: "caller-to-callee" });
  const toCaller = hurtStream({ direction: "callee-to-caller" });
  return {
    schema: "mediaprobe.call/1",
    callId: "a84b4c76e66710@pc33.atlanta.example.com",
    observationPoint: "call.pcap",
    transport: "sip",
    caller: {
      uri: "sip:alice@atlanta.example.com",
      endpoint: { address: "10.0.1.1", port: 5060 },
      userAgent: "baresip v3.14",
    },
    callee: { uri: "sip:bob@biloxi.example.com", endpoint: { address: "10.0.2.2", port: 5060 } },
    course: { invitedAt: at(-3.4), ringingAt: at(-2.2), answeredAt: at(0), endedAt: at(10) },
    outcome: {
      statusCode: 200,
      statusClass: "2xx",
      via: "response",
      attempts: 1,
      cancelled: false,
      endedBy: "callee",
      byeReasonClass: "normal",
    },
    timings: {
      postDialDelaySeconds: 1.2,
      ringSeconds: 2.2,
      setupSeconds: 3.4,
      durationSeconds: 10,
    },
    security: {},
    rtt: { measured: roundTrip(0.0412) },
    streams: [toCallee, toCaller],
    quality: {
      ...(toCallee.quality && { callerToCallee: toCallee.quality }),
      ...(toCaller.quality && { calleeToCaller: toCaller.quality }),
    },
    issues: [],
    confidence: [],
    ...overrides,
  };
}

/** The same over WebRTC, secured, vouched for and clean. */
export function cleanCall(overrides: Partial<CallReport> = {}): CallReport {
  const streams = [stream({ direction: "caller-to-callee" })];
  const { quality } = stream();
  return call({
    callId: "clean@atlanta.example.com",
    transport: "webrtc",
    security: {
      dtls: [{ result: "ok", durationSeconds: 0.045, version: "1.2", retransmissions: 0 }],
      stir: { result: "unverified", attestation: "A" },
    },
    streams,
    quality: { ...(quality && { callerToCallee: quality, calleeToCaller: quality }) },
    ...overrides,
  });
}

/** Nobody answered: refused, unless it is said otherwise. */
export function failedCall(
  outcome: Partial<CallReport["outcome"]> = {},
  overrides: Partial<CallReport> = {},
): CallReport {
  return without(
    call({
      callId: "busy@atlanta.example.com",
      course: { invitedAt: at(20), endedAt: at(21) },
      outcome: {
        statusCode: 486,
        statusClass: "4xx",
        via: "response",
        attempts: 1,
        cancelled: false,
        ...outcome,
      },
      timings: { postDialDelaySeconds: 0.043 },
      streams: [],
      ...overrides,
    }),
    "quality",
    "rtt",
  );
}
