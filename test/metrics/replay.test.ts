import { describe, expect, it } from "vitest";

import { analyseCapture } from "../../src/capture/analyse.js";
import type { CallReport } from "../../src/call/call-report.js";
import { CallMetrics } from "../../src/metrics/call-metrics.js";
import { exposition } from "../../src/metrics/exposition.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { fixtureCapture } from "../support/fixtures.js";
import { counted } from "./calls.js";

interface Replayed {
  readonly calls: readonly CallReport[];
  readonly recorder: Recorder;
}

async function replayed(name: string): Promise<Replayed> {
  const recorder = new Recorder();
  const observer = new CallMetrics(recorder);
  const { calls } = await analyseCapture({ path: fixtureCapture(name) }, { observer });
  return { calls, recorder };
}

/** All that families of this name have counted. */
function total(recorder: Recorder, family: string): number {
  return Object.values(counted(recorder, `${family}{`)).reduce((sum, value) => sum + value, 0);
}

function sumOf(calls: readonly CallReport[], of: (call: CallReport) => number): number {
  return calls.reduce((sum, call) => sum + of(call), 0);
}

describe.each([
  "impaired-call",
  "baresip-dtls-srtp",
  "sipp-rejects",
  "sip-dialogs",
  "session-timers",
])("a replay of %s", (name) => {
  it("is in the exposition exactly once", async () => {
    const { calls, recorder } = await replayed(name);
    const answered = calls.filter(({ course }) => course.answeredAt !== undefined);
    expect(calls.length).toBeGreaterThan(0);
    expect(total(recorder, "voiceserver_calls_total")).toBe(answered.length);
    expect(total(recorder, "voiceserver_calls_started_total")).toBe(
      total(recorder, "voiceserver_calls_total"),
    );
    expect(total(recorder, "voiceserver_active_calls")).toBe(0);
    const decided = calls.filter(({ outcome }) => outcome.via !== undefined);
    expect(total(recorder, "sip_call_result_total")).toBe(decided.length);
    expect(total(recorder, "sip_setup_seconds_count")).toBe(
      calls.filter(({ timings }) => timings.setupSeconds !== undefined).length,
    );
    expect(total(recorder, "call_issues_total")).toBe(sumOf(calls, (call) => call.issues.length));
    expect(total(recorder, "dtls_handshake_results_total")).toBe(
      sumOf(calls, ({ security }) => security.dtls?.length ?? 0),
    );
    expect(total(recorder, "rtp_packets_received_total")).toBe(
      sumOf(calls, ({ streams }) =>
        streams.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0),
      ),
    );
    expect(counted(recorder, "metrics_unknown")).toEqual({});
    expect(counted(recorder, "metrics_ignored")).toEqual({});
  });

  it("gives the same bytes every time", async () => {
    const [first, second] = [await replayed(name), await replayed(name)];
    expect(exposition(first.recorder)).toBe(exposition(second.recorder));
  });
});
