import { describe, expect, it } from "vitest";

import { CallMetrics } from "../../src/metrics/call-metrics.js";
import { CONTENT_TYPES, exposition } from "../../src/metrics/exposition.js";
import { register } from "../../src/metrics/prometheus.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { someCall, someReport } from "./calls.js";

const seconds = 0.042;
const summary = {
  lastSeconds: seconds,
  minSeconds: seconds,
  meanSeconds: seconds,
  p95Seconds: seconds,
  maxSeconds: seconds,
  samples: 1,
};

/** A recorder that took one call with a round-trip time. */
function recorded(callId: string, exemplars: boolean): Recorder {
  const recorder = new Recorder();
  const report = someReport({
    callId,
    rtt: { measured: summary },
    course: { endedAt: "2026-01-01T00:00:01.500Z" },
  });
  new CallMetrics(recorder, { exemplars }).onCall(report, { call: someCall() });
  return recorder;
}

describe("exemplars", () => {
  it("name the last call of a bucket, in OpenMetrics only, as prom-client writes them", async () => {
    const recorder = recorded('a"b@host', true);
    const text = exposition(recorder, "openmetrics");
    const lines = text.split("\n").filter((line) => line.includes(" # {"));
    expect(lines).toEqual([
      expect.stringMatching(
        /^rtp_call_rtt_seconds_bucket\{.*le="0.05"\} 1 # \{call_id="a\\"b@host"\} 0.042 1767225601.5$/,
      ),
    ]);
    expect(exposition(recorder)).not.toContain('a\\"b@host');
    const registry = register(recorder);
    registry.setContentType(CONTENT_TYPES.openmetrics as never);
    expect(await registry.metrics()).toBe(text);
  });

  it("are left out unless they are asked for, and of ids that are too long", () => {
    expect(exposition(recorded("a@host", false), "openmetrics")).not.toContain("a@host");
    expect(exposition(recorded("a".repeat(121), true), "openmetrics")).not.toContain(" # {");
  });

  // Prometheus gives up a whole scrape in OpenMetrics at a NUL in an exemplar, and whoever calls makes ids.
  it.each(["a\0b@host", "a\rb@host", "a\u007f@host"])("are not of an id like %j", (callId) => {
    expect(exposition(recorded(callId, true), "openmetrics")).not.toContain(" # {");
  });

  it("go with the samples that they are of, when a registry is set back", async () => {
    const registry = register(recorded("a@host", true));
    registry.setContentType(CONTENT_TYPES.openmetrics as never);
    registry.resetMetrics();
    expect(await registry.metrics()).not.toContain("a@host");
  });
});
