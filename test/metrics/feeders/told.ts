/**
 * Calls and connections with everything that they can come to, told to the metrics as the call table
 * and the attachments tell it: what no recording and no stack on loopback brings about at will.
 *
 * @module
 */

import type {
  CallReport,
  CallTransport,
  DtlsReport,
  StirReport,
} from "../../../src/call/call-report.js";
import type { ConnectionEvent } from "../../../src/call/connection.js";
import { CallMetrics } from "../../../src/metrics/call-metrics.js";
import { ConnectionMetrics } from "../../../src/metrics/connection-metrics.js";
import { LABEL_VALUES, type LabelValue } from "../../../src/metrics/label-values.js";
import { LiveQualityMetrics } from "../../../src/metrics/live-quality-metrics.js";
import { ProbeMetrics } from "../../../src/metrics/probe-metrics.js";
import type { Recorder } from "../../../src/metrics/recorder.js";
import { LEAST_MOS } from "../../../src/quality/user-satisfaction.js";
import type { CallParty, SipEvent } from "../../../src/sip/call.js";
import { context, someCall, someInterval, someQuality, someReport, someStream } from "../calls.js";

const PARTIES = ["caller", "callee"] as const satisfies readonly CallParty[];
const TRANSPORTS = ["sip", "webrtc"] as const satisfies readonly CallTransport[];
const FLOWS = ["caller-to-callee", "callee-to-caller"] as const;
const ROUND_TRIP = {
  lastSeconds: 0.05,
  minSeconds: 0.05,
  meanSeconds: 0.05,
  p95Seconds: 0.05,
  maxSeconds: 0.05,
  samples: 1,
};
const STILL = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
const NO_TRAFFIC = {
  wire: STILL,
  payload: STILL,
  dataChannels: { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 },
  unroutedPackets: 0,
};

/** Registered codes, and one more of each class. */
const FINAL_CODES = LABEL_VALUES["final-code"].map((code) =>
  code.endsWith("xx") ? Number(code[0]) * 100 + 98 : Number(code),
);
const FAILED_REFRESHES = [
  ...[302, 408, 488, 503, 603].map((statusCode) => ({ result: "failed", statusCode }) as const),
  { result: "failed", isMissing: true } as const,
];

/** A union without one of its keys is a union still. */
type Untimed = ConnectionEvent extends infer Event
  ? Event extends ConnectionEvent
    ? Omit<Event, "atMs" | "connectionId">
    : never
  : never;

/** Signalling: every event with every value it can have. */
export function tellEvents(recorder: Recorder): void {
  const metrics = new CallMetrics(recorder);
  for (const local of PARTIES) {
    for (const event of sipEvents()) metrics.onSipEvent(event, context(local));
  }
}

function sipEvents(): SipEvent[] {
  const call = someCall();
  const atMs = 0;
  const by = "caller";
  return [
    ...LABEL_VALUES["status-class"].map((_, index): SipEvent => {
      return { kind: "invite-response", atMs, call, by, statusCode: (index + 1) * 100 };
    }),
    ...LABEL_VALUES["outcome-via"].flatMap((via): SipEvent[] =>
      [...FINAL_CODES, undefined].map((statusCode) => {
        const decided = someCall({ via, ...(statusCode !== undefined && { statusCode }) });
        return { kind: "outcome", atMs, call: decided };
      }),
    ),
    ...LABEL_VALUES["bye-reason-class"].map((reasonClass): SipEvent => {
      return { kind: "bye", atMs, call, by, reasonClass };
    }),
    ...LABEL_VALUES["transaction-timer"].flatMap((timer): SipEvent[] =>
      ["INVITE", "BYE", "UPDATE", "OPTIONS"].map((method) => {
        return { kind: "transaction-timeout", atMs, method, timer };
      }),
    ),
    ...[
      ...LABEL_VALUES["refresh-result"].map((result) => ({ result })),
      ...FAILED_REFRESHES,
    ].flatMap((how): SipEvent[] =>
      LABEL_VALUES["refresh-method"].map((method) => {
        return { kind: "session-refresh", atMs, call, refresh: { atMs, by, method, ...how } };
      }),
    ),
  ];
}

/** Records: every field that counts, with every value it can have. */
export function tellReports(recorder: Recorder): void {
  const metrics = new CallMetrics(recorder);
  for (const transport of TRANSPORTS) {
    for (const localParty of PARTIES) {
      for (const changes of [...wholeCalls(), ...endings()]) {
        metrics.onCall(someReport({ ...changes, transport, localParty }), { call: someCall() });
      }
    }
  }
}

function wholeCalls(): Partial<CallReport>[] {
  return [
    {
      issues: LABEL_VALUES["issue-kind"].map((kind) => ({ kind, detail: "" })),
      confidence: LABEL_VALUES["confidence-kind"].map((kind) => ({ kind, detail: "" })),
      timings: {
        postDialDelaySeconds: 1,
        ringSeconds: 1,
        setupSeconds: 1,
        durationSeconds: 1,
        disconnectDelaySeconds: 1,
        firstMediaDelaySeconds: 1,
      },
      security: { dtls: handshakes() },
      rtt: { measured: ROUND_TRIP, reported: ROUND_TRIP, stack: ROUND_TRIP },
    },
    ...LABEL_VALUES["ice-result"].map((result) => {
      return { ice: { result, durationSeconds: 0.1, restarts: 1 } };
    }),
    ...identities().map((stir) => ({ security: { stir } })),
    ...LABEL_VALUES.codec.flatMap(heardAs),
    ...LABEL_VALUES.media.map(sentAs),
  ];
}

function handshakes(): DtlsReport[] {
  return [
    ...LABEL_VALUES["dtls-result"].map((result) => ({ result, retransmissions: 1 })),
    ...LABEL_VALUES["srtp-profile"].map((srtpProfile): DtlsReport => ({
      result: "ok",
      srtpProfile,
    })),
    ...LABEL_VALUES["dtls-role"].flatMap((by) =>
      LABEL_VALUES["dtls-alert"].map((name, code): DtlsReport => {
        return { result: "fail", alert: { level: "fatal", code, name, by } };
      }),
    ),
    ...["1.0", "1.2", "1.3", "0xfefc"].map((version): DtlsReport => {
      return { result: "ok", version, durationSeconds: 0.1 };
    }),
  ];
}

function identities(): StirReport[] {
  return [
    ...LABEL_VALUES["stir-result"].map((result): StirReport => {
      return { result, peer: { result, reason: "x", claimedBy: "verstat" } };
    }),
    ...(["A", "B", "C"] as const).map((attestation): StirReport => {
      return { result: "verified", attestation };
    }),
    ...LABEL_VALUES["stir-open-reason"].map((reason): StirReport => {
      return { result: "unverified", reason };
    }),
    ...LABEL_VALUES["stir-failure"].map((reason): StirReport => ({ result: "failed", reason })),
  ];
}

/** Both directions of a call in one codec, heard on every scale. */
function heardAs(codec: LabelValue<"codec">): Partial<CallReport>[] {
  return LABEL_VALUES.scale.map((scale) => {
    const quality = someQuality(3, 3, scale);
    const figures = {
      jitterSeconds: { last: 0.01, mean: 0.01, max: 0.01 },
      delayVariationSeconds: { p50: 0.01, p95: 0.01, p99: 0.01, max: 0.01 },
      quality,
      burst: { count: 2, packets: 20, density: 0.5, durationSeconds: 0.2 },
      gap: { packets: 480, density: 0.01, durationSeconds: 3 },
      worst: { from: "", to: "", mosLq: 3 },
    };
    const rtcp = {
      reports: 1,
      jitterSeconds: { last: 0.01, mean: 0.01, max: 0.01 },
      fractionLost: { last: 0, mean: 0, max: 0 },
    };
    const streams = FLOWS.map((direction) => {
      const intervals = [someInterval(0, figures)];
      const stream = someStream({ direction, ...figures, rtcp, intervals, codec });
      if (codec === "unknown") Reflect.deleteProperty(stream, "codec");
      return stream;
    });
    return { streams, quality: { callerToCallee: quality, calleeToCaller: quality } };
  });
}

/** Both directions of some media, with everything that packets can suffer. */
function sentAs(media: LabelValue<"media">): Partial<CallReport> {
  const counts = {
    packetsMissing: 1,
    packetsDuplicated: 1,
    packetsReordered: 1,
    payloadTypes: [{ payloadType: 0, packets: 1 }],
  };
  const ofMedia = {
    // Of streams that are speech alone it is known what came too late.
    audio: { ...counts, packetsDiscarded: 1 },
    video: { ...counts, mediaType: "video" },
    other: counts,
  }[media];
  const streams = FLOWS.map((direction) => {
    const stream = someStream({ direction });
    Reflect.deleteProperty(stream, "packetsDiscarded");
    return { ...stream, ...ofMedia };
  });
  return { streams };
}

/** Calls that were connected, by everything that can have ended them. */
function endings(): Partial<CallReport>[] {
  const outcome = { statusCode: 200, statusClass: "2xx", attempts: 1, cancelled: false } as const;
  const course = { answeredAt: "2026-01-02T03:04:08.000000Z" };
  return [
    ...LABEL_VALUES["bye-reason-class"].map((byeReasonClass): Partial<CallReport> => {
      return { outcome: { ...outcome, byeReasonClass } };
    }),
    { outcome, course, ice: { result: "lost" } },
    { outcome, course, security: { dtls: [{ result: "fail", retransmissions: 0 }] } },
    { outcome: { ...outcome, via: "abandoned" }, course },
    { outcome, course, confidence: [{ kind: "capture-ended", detail: "" }] },
  ];
}

/** Peer connections: every event with every value it can have. */
export function tellConnections(recorder: Recorder): void {
  const metrics = new ConnectionMetrics(recorder);
  const tell = (connectionId: string, atMs: number, event: Untimed): void => {
    metrics.onConnection({ ...event, connectionId, atMs });
  };
  for (const state of LABEL_VALUES["connection-state"]) {
    tell("states", 0, { kind: "connection-state", state });
  }
  for (const reason of LABEL_VALUES["connection-failure"]) {
    // That one is concluded from nothing having happened.
    if (reason !== "timeout") tell(reason, 0, { kind: "connection-failed", reason });
  }
  metrics.onTraffic({ ...NO_TRAFFIC, connectionId: "slow", atMs: 0 });
  metrics.onTraffic({ ...NO_TRAFFIC, connectionId: "slow", atMs: 60_000 });
  for (const result of LABEL_VALUES["ice-result"]) {
    tell("a", 0, { kind: "ice-outcome", report: { result, durationSeconds: 0.1 } });
  }
  for (const result of LABEL_VALUES["dtls-result"]) {
    tell("a", 0, { kind: "dtls-outcome", report: { result, durationSeconds: 0.1 } });
  }
  for (const result of LABEL_VALUES["ok-failed"]) {
    tell("a", 0, { kind: "ice-restart", attempt: 1, result: "started" });
    tell("a", 0, { kind: "ice-restart", attempt: 1, result });
  }
  for (const isAuthenticated of [true, false]) {
    tell("a", 0, { kind: "closed-by-peer", isAuthenticated });
  }
}

/** Calls in progress: every way, view and scale, with every verdict on them. */
export function tellLive(recorder: Recorder): void {
  const metrics = new LiveQualityMetrics(recorder);
  const range = { last: 0.01, mean: 0.01, max: 0.01 };
  for (const transport of TRANSPORTS) {
    for (const scale of LABEL_VALUES.scale) {
      for (const mos of [...Object.values(LEAST_MOS), undefined]) {
        const rated = mos === undefined ? {} : { quality: someQuality(mos, mos, scale) };
        const interval = { jitterSeconds: range, packetsMissing: 1, ...rated };
        const rtcp = { reports: 1, jitterSeconds: range, fractionLost: range };
        const streams = FLOWS.map((direction) => {
          return someStream({
            direction,
            ...rated,
            rtcp,
            intervals: [someInterval(0, interval)],
          });
        });
        const rtt = { measured: ROUND_TRIP };
        const report = someReport({ transport, streams, rtt });
        Reflect.deleteProperty(report.course, "endedAt");
        const atMs = Date.parse(streams[0]?.lastPacketAt ?? "");
        metrics.onInterval(report, { call: someCall(), atMs });
      }
    }
  }
}

/** The probe about itself: what no stack brings about at will. */
export function tellProbe(recorder: Recorder): void {
  const polls = { cheap: 1, full: 1, timeouts: 1, failures: 1, deferred: 1, skippedSlots: 1 };
  const probe = new ProbeMetrics(recorder, {
    clock: () => 1_790_000_000_000,
    version: "1.2.3",
    counters: () => ({ polls }),
  });
  recorder.collect();
  probe.close();
}
