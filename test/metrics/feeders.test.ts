/**
 * Nothing in these catalogues is left that nothing feeds: each family is moved by what it says feeds it.
 *
 * @module
 */

import { afterAll, describe, expect, it } from "vitest";

import type { ConnectionEvent } from "../../src/call/connection.js";
import { PROBE_FAMILIES } from "../../src/metrics/catalogue/probe.js";
import { VOICESERVER_FAMILIES } from "../../src/metrics/catalogue/voiceserver.js";
import { WEBRTC_FAMILIES } from "../../src/metrics/catalogue/webrtc.js";
import { ConnectionMetrics } from "../../src/metrics/connection-metrics.js";
import { exposition } from "../../src/metrics/exposition.js";
import { ProbeMetrics } from "../../src/metrics/probe-metrics.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { VoiceServerMetrics } from "../../src/metrics/voiceserver-metrics.js";

const recorder = new Recorder();

const helpers = new VoiceServerMetrics(recorder);
helpers.voiceAttach("cascaded", true);
helpers.voiceAttachModeFallback("pipeline", "realtime");
helpers.voiceAttachNative(false);
helpers.asrError("sip");
helpers.ttsError("sip");
helpers.bargeIn("sip");
helpers.dialogReconnect("sip", "ok", 1);
helpers.observeE2eFirstByte(1);
helpers.observeTtsFirstByte(1);
helpers.observeLlmFirstByte(1);

const connections = new ConnectionMetrics(recorder);
const connectionId = "pc";
const report = { result: "ok", durationSeconds: 0.1, retransmissions: 0 } as const;
const events: readonly object[] = [
  { kind: "connection-state", state: "connecting", atMs: 1 },
  { kind: "ice-outcome", report, atMs: 2 },
  { kind: "dtls-outcome", report, atMs: 2 },
  { kind: "connection-failed", reason: "unknown", atMs: 3 },
  { kind: "ice-restart", attempt: 1, result: "started", atMs: 4 },
  { kind: "connection-state", state: "connected", atMs: 50 },
  { kind: "closed-by-peer", isAuthenticated: true, atMs: 51 },
];
for (const event of events) connections.onConnection({ ...event, connectionId } as ConnectionEvent);
const traffic = { packetsSent: 1, packetsReceived: 1, bytesSent: 1, bytesReceived: 1 };
connections.onTraffic({
  connectionId,
  atMs: 60,
  wire: traffic,
  payload: traffic,
  dataChannels: { messagesSent: 1, messagesReceived: 1, bytesSent: 1, bytesReceived: 1 },
  unroutedPackets: 1,
});
// Another's sign, half a minute later.
connections.onConnection({
  connectionId: "late",
  kind: "connection-state",
  state: "new",
  atMs: 31_000,
});

const probe = new ProbeMetrics(recorder, {
  clock: () => 1_790_000_000_000,
  version: "1.2.3",
  counters: () => ({
    polls: { cheap: 1, full: 1, timeouts: 1, failures: 1, deferred: 1, skippedSlots: 1 },
    tables: { calls: { entries: 1, limit: 1, evicted: 1 } },
    sinkDrops: { hep: 1 },
    faults: { sink: 1 },
  }),
});
await new Promise((resolve) => setTimeout(resolve, 100));
const until = process.hrtime.bigint() + 100_000_000n;
while (process.hrtime.bigint() < until);
await new Promise((resolve) => setTimeout(resolve, 50));
const moved = exposition(recorder)
  .split("\n")
  .filter((line) => /^[^#]/.test(line) && !line.endsWith(" 0"));

afterAll(() => {
  probe.close();
});

describe("each family", () => {
  it.each(Object.keys({ ...VOICESERVER_FAMILIES, ...WEBRTC_FAMILIES, ...PROBE_FAMILIES }))(
    "%s is moved by its feeder",
    (name) => {
      const own = new RegExp(`^${name}(_count)?[ {]`);
      expect(moved.filter((line) => own.test(line))).not.toEqual([]);
    },
  );
});
