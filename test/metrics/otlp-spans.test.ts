import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { CallSpans } from "../../src/metrics/otlp-spans.js";
import { someReport } from "./calls.js";

/** Spans of these calls. */
async function spansOf(...reports: CallReport[]) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const spans = new CallSpans(provider);
  for (const report of reports) spans.onCall(report);
  await provider.forceFlush();
  return exporter.getFinishedSpans();
}

/** Microseconds of the minute that the calls of this file begin in. */
function micros([seconds, nanoseconds]: readonly [number, number]): number {
  return (seconds - Date.UTC(2026, 0, 2, 3, 4) / 1000) * 1e6 + nanoseconds / 1000;
}

const at = (rest: string): string => `2026-01-02T03:04:${rest}Z`;

const WHOLE = someReport({
  transport: "webrtc",
  course: {
    invitedAt: at("05.000001"),
    ringingAt: at("06.500000"),
    answeredAt: at("08.000000"),
    firstMediaAt: { callerToCallee: at("08.250000"), calleeToCaller: at("07.750000") },
    endedAt: at("59.999999"),
  },
  security: {
    dtls: [{ result: "ok", startedAt: at("08.900000"), durationSeconds: 0.2, retransmissions: 0 }],
  },
  ice: { result: "ok", startedAt: at("08.600000"), selectedAt: at("08.890000") },
  timings: { postDialDelaySeconds: 1.5, durationSeconds: 52 },
  quality: {
    callerToCallee: {
      rFactor: 80,
      mosLq: 4.1,
      mosCq: 4,
      scale: "fullband",
      costs: { codec: 10, randomLoss: 0, lateLoss: 0 },
    },
  },
});

describe("a call", () => {
  it("is one span from its first milestone to its last, which are its events", async () => {
    const [span, ...others] = await spansOf(WHOLE);
    expect(others).toEqual([]);
    expect(span?.name).toBe("call");
    expect(micros(span?.startTime ?? [0, 0])).toBe(5_000_001);
    expect(micros(span?.endTime ?? [0, 0])).toBe(59_999_999);
    expect(span?.events.map(({ name, time }) => [name, micros(time)])).toEqual([
      ["invite", 5_000_001],
      ["ringing", 6_500_000],
      ["first media", 7_750_000],
      ["answer", 8_000_000],
      ["first media", 8_250_000],
      ["ice", 8_890_000],
      ["dtls", 9_100_000],
      ["end", 59_999_999],
    ]);
    expect(span?.events[2]?.attributes).toEqual({ "call.media.direction": "callee-to-caller" });
    expect(span?.events[5]?.attributes).toEqual({ "call.ice.result": "ok" });
    expect(span?.events[6]?.attributes).toEqual({ "call.dtls.result": "ok" });
  });

  it("has its outcome and quality as attributes, and nothing that is not known", async () => {
    const [span] = await spansOf(WHOLE);
    expect(span?.attributes).toEqual({
      "call.id": "a84b4c76e66710",
      "call.transport": "webrtc",
      "call.outcome.status_code": 200,
      "call.outcome.via": "response",
      "call.outcome.cancelled": false,
      "call.outcome.bye_reason_class": "normal",
      "call.ice.result": "ok",
      "call.post_dial_delay_seconds": 1.5,
      "call.duration_seconds": 52,
      "call.quality.caller_to_callee.mos_cq": 4,
      "call.quality.caller_to_callee.mos_lq": 4.1,
      "call.quality.caller_to_callee.r_factor": 80,
      "call.quality.caller_to_callee.scale": "fullband",
    });
    expect(span?.status.code).toBe(0);
  });

  it.each([
    [{ statusCode: 486, via: "response" }, 2],
    [{ via: "timeout" }, 2],
    [{ statusCode: 487, via: "response", cancelled: true }, 0],
    [{ statusCode: 200, via: "response" }, 0],
  ] as const)("that came out as %o has the status %d", async (outcome, code) => {
    const report = someReport({ outcome: { attempts: 1, cancelled: false, ...outcome } });
    const [span] = await spansOf(report);
    expect(span?.status.code).toBe(code);
  });

  it("of which no instant is known is none", async () => {
    expect(await spansOf(someReport({ course: {} }))).toEqual([]);
  });

  it("does not come to harm where the tracer throws", () => {
    const spans = new CallSpans({
      getTracer: () => ({
        startSpan: () => {
          throw new Error("full");
        },
      }),
    });
    spans.onCall(WHOLE);
    expect(spans.failed).toBe(1);
  });
});
