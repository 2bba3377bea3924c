import { describe, expect, it } from "vitest";

import type { ConnectionEvent, ConnectionTraffic } from "../../src/call/connection.js";
import {
  ConnectionMetrics,
  type ConnectionMetricsOptions,
} from "../../src/metrics/connection-metrics.js";
import { exposition } from "../../src/metrics/exposition.js";
import { Recorder, type RecorderOptions } from "../../src/metrics/recorder.js";

type Event = ConnectionEvent extends infer E
  ? E extends unknown
    ? Omit<E, "connectionId">
    : never
  : never;

const NOTHING = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
const SILENCE: Omit<ConnectionTraffic, "connectionId" | "atMs"> = {
  wire: NOTHING,
  payload: NOTHING,
  dataChannels: { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 },
  unroutedPackets: 0,
};

interface Watched {
  readonly recorder: Recorder;
  readonly tell: (event: Event, id?: string) => void;
  readonly states: (...states: [string, number][]) => void;
  readonly flow: (atMs: number, traffic?: Partial<ConnectionTraffic>) => void;
  /** Lines of `webrtc_` families that are not 0. */
  readonly moved: (start?: string) => string[];
}

function watched(options?: ConnectionMetricsOptions, recorderOptions?: RecorderOptions): Watched {
  const recorder = new Recorder(undefined, recorderOptions);
  const metrics = new ConnectionMetrics(recorder, options);
  const tell = (event: Event, connectionId = "pc-1"): void => {
    metrics.onConnection({ ...event, connectionId });
  };
  return {
    recorder,
    tell,
    states: (...states) => {
      for (const [state, atMs] of states) {
        tell({ kind: "connection-state", state: state as "new", atMs });
      }
    },
    flow: (atMs, traffic = {}) => {
      metrics.onTraffic({ connectionId: "pc-1", atMs, ...SILENCE, ...traffic });
    },
    moved: (start = "webrtc_") =>
      exposition(recorder)
        .split("\n")
        .filter((line) => line.startsWith(start) && !/ 0$/.test(line)),
  };
}

const closed = (atMs: number): Event => ({ kind: "closed", atMs, sample: {} as never });

describe("states of a connection", () => {
  it("are counted once each time one is entered", () => {
    const { states, tell, moved } = watched();
    states(["new", 0], ["connecting", 10], ["connecting", 11], ["connected", 260]);
    states(["disconnected", 900], ["connected", 950], ["closed", 1000]);
    tell(closed(1000));
    expect(moved("webrtc_peer_connections_total")).toEqual([
      'webrtc_peer_connections_total{stage="webrtc",state="new"} 1',
      'webrtc_peer_connections_total{stage="webrtc",state="connecting"} 1',
      'webrtc_peer_connections_total{stage="webrtc",state="connected"} 2',
      'webrtc_peer_connections_total{stage="webrtc",state="disconnected"} 1',
      'webrtc_peer_connections_total{stage="webrtc",state="closed"} 1',
    ]);
    expect(moved("webrtc_peer_connections_active")).toEqual([]);
    expect(moved("webrtc_time_to_connected_seconds_sum")).toEqual([
      "webrtc_time_to_connected_seconds_sum 0.25",
    ]);
    expect(moved("webrtc_time_to_connected_seconds_count")[0]).toMatch(/ 1$/);
  });

  it("make a connection active while it is connected, whatever ends that", () => {
    for (const end of ["disconnected", "failed", "closed"]) {
      const { states, moved } = watched();
      states(["connected", 5]);
      expect(moved("webrtc_peer_connections_active")).toEqual([
        'webrtc_peer_connections_active{stage="webrtc"} 1',
      ]);
      states([end, 10], ["closed", 11]);
      expect(moved("webrtc_peer_connections_active")).toEqual([]);
    }
  });

  it("say nothing of how long a connection took that was up when it was first heard of", () => {
    const { states, moved } = watched();
    states(["connected", 5], ["disconnected", 10], ["connected", 15]);
    expect(moved("webrtc_time_to_connected_seconds")).toEqual([]);
  });

  it("are left when nobody watches any more, and taken up again when somebody does", () => {
    const { states, tell, flow, moved } = watched();
    states(["connected", 5]);
    flow(6);
    expect(moved("webrtc_attached_connections")).toEqual(["webrtc_attached_connections 1"]);
    tell({ kind: "detached", atMs: 7 });
    tell({ kind: "detached", atMs: 8 });
    expect(moved("webrtc_attached_connections")).toEqual([]);
    expect(moved("webrtc_peer_connections_active")).toEqual([]);
    expect(moved("webrtc_peer_connections_total").join()).not.toContain("closed");
    states(["connected", 9]);
    expect(moved("webrtc_attached_connections")).toEqual(["webrtc_attached_connections 1"]);
    expect(moved("webrtc_peer_connections_active")).toEqual([
      'webrtc_peer_connections_active{stage="webrtc"} 1',
    ]);
  });

  it("are all there from the start at 0", () => {
    const text = exposition(new Recorder());
    for (const state of ["new", "connecting", "connected", "disconnected", "failed", "closed"]) {
      expect(text).toContain(`webrtc_peer_connections_total{stage="webrtc",state="${state}"} 0\n`);
    }
    expect(text).toContain('webrtc_bytes_sent_total{direction="egress"} 0\n');
    expect(text).toContain('webrtc_bytes_received_total{direction="ingress"} 0\n');
    expect(text).toContain('webrtc_reconnection_attempts_total{stage="webrtc"} 0\n');
    expect(text).toContain(
      'webrtc_connection_failures_total{reason="ice-failed",stage="webrtc"} 0\n',
    );
  });

  it("are over with the connection, though the stack never said so, and nothing comes after", () => {
    const { states, tell, flow, moved } = watched();
    states(["connected", 5]);
    tell(closed(9));
    states(["connected", 10]);
    flow(11, { payload: { ...NOTHING, bytesSent: 7 } });
    expect(moved("webrtc_peer_connections_active")).toEqual([]);
    expect(moved("webrtc_peer_connections_total")).toHaveLength(3);
    // But what flowed at the end is counted.
    expect(moved("webrtc_bytes_sent_total")).toEqual([
      'webrtc_bytes_sent_total{direction="egress"} 7',
    ]);
  });
});

describe("failures", () => {
  it("are counted by reason, once until the connection is up again", () => {
    const { tell, states, moved } = watched();
    tell({ kind: "connection-failed", reason: "dtls-timeout", atMs: 1 });
    tell({ kind: "connection-failed", reason: "unknown", atMs: 2 });
    states(["connected", 3]);
    tell({ kind: "connection-failed", reason: "ice-lost", atMs: 4 });
    expect(moved("webrtc_connection_failures_total")).toEqual([
      'webrtc_connection_failures_total{reason="ice-lost",stage="webrtc"} 1',
      'webrtc_connection_failures_total{reason="dtls-timeout",stage="webrtc"} 1',
    ]);
  });

  it("are timeouts where a connection is on its way for a minute", () => {
    const { states, flow, moved } = watched();
    states(["connecting", 1000]);
    flow(60_999);
    expect(moved("webrtc_connection_failures_total")).toEqual([]);
    flow(61_000);
    flow(62_000);
    expect(moved("webrtc_connection_failures_total")).toEqual([
      'webrtc_connection_failures_total{reason="timeout",stage="webrtc"} 1',
    ]);
  });
});

describe("reconnections", () => {
  it("are ICE restarts, and what came of them", () => {
    const { states, tell, moved } = watched();
    states(["connected", 1], ["disconnected", 2]);
    tell({ kind: "ice-restart", attempt: 1, result: "started", atMs: 3 });
    states(["connecting", 4], ["connected", 5]);
    tell({ kind: "ice-restart", attempt: 1, result: "ok", durationSeconds: 0.002, atMs: 5 });
    tell({ kind: "ice-restart", attempt: 2, result: "started", atMs: 6 });
    tell({ kind: "ice-restart", attempt: 2, result: "failed", atMs: 7 });
    expect(moved("webrtc_reconnection")).toEqual([
      'webrtc_reconnection_attempts_total{stage="webrtc"} 2',
      'webrtc_reconnections_total{result="ok"} 1',
      'webrtc_reconnections_total{result="failed"} 1',
    ]);
  });

  it("are connections that come back by themselves", () => {
    const { states, moved } = watched();
    states(["connected", 1], ["disconnected", 2], ["connected", 3], ["disconnected", 4]);
    states(["connecting", 5], ["failed", 6]);
    expect(moved("webrtc_reconnection")).toEqual([
      'webrtc_reconnection_attempts_total{stage="webrtc"} 2',
      'webrtc_reconnections_total{result="ok"} 1',
      'webrtc_reconnections_total{result="failed"} 1',
    ]);
  });
});

describe("outcomes", () => {
  it("of DTLS and ICE are counted when they are known", () => {
    const { tell, moved } = watched();
    const report = { result: "ok", durationSeconds: 0.12, retransmissions: 0 } as const;
    tell({ kind: "dtls-outcome", report: report, atMs: 1 });
    tell({ kind: "ice-outcome", report: { result: "failed" }, atMs: 2 });
    tell({ kind: "closed-by-peer", isAuthenticated: false, atMs: 3 });
    expect(moved("webrtc_dtls_outcomes_total")).toEqual([
      'webrtc_dtls_outcomes_total{result="ok"} 1',
    ]);
    expect(moved("webrtc_dtls_duration_seconds_sum")).toEqual([
      "webrtc_dtls_duration_seconds_sum 0.12",
    ]);
    expect(moved("webrtc_ice_")).toEqual(['webrtc_ice_outcomes_total{result="failed"} 1']);
    expect(moved("webrtc_closed_by_peer_total")).toEqual([
      'webrtc_closed_by_peer_total{authenticated="false"} 1',
    ]);
  });
});

describe("traffic", () => {
  it("is added up by direction, payload and wire apart", () => {
    const { flow, moved } = watched();
    for (const atMs of [1000, 2000]) {
      flow(atMs, {
        wire: { packetsSent: 51, packetsReceived: 50, bytesSent: 9000, bytesReceived: 8800 },
        payload: { packetsSent: 50, packetsReceived: 49, bytesSent: 8000, bytesReceived: 7840 },
        dataChannels: { messagesSent: 1, messagesReceived: 2, bytesSent: 10, bytesReceived: 30 },
        unroutedPackets: 3,
      });
    }
    const lines = moved().filter((line) => !/peer_connections|attached/.test(line));
    expect(lines).toEqual([
      'webrtc_bytes_received_total{direction="ingress"} 15680',
      'webrtc_bytes_sent_total{direction="egress"} 16000',
      'webrtc_data_channel_bytes_total{direction="egress"} 20',
      'webrtc_data_channel_bytes_total{direction="ingress"} 60',
      'webrtc_data_channel_messages_total{direction="egress"} 2',
      'webrtc_data_channel_messages_total{direction="ingress"} 4',
      'webrtc_payload_packets_total{direction="egress"} 100',
      'webrtc_payload_packets_total{direction="ingress"} 98',
      "webrtc_unrouted_packets_total 6",
      'webrtc_wire_bytes_total{direction="egress"} 18000',
      'webrtc_wire_bytes_total{direction="ingress"} 17600',
      'webrtc_wire_packets_total{direction="egress"} 102',
      'webrtc_wire_packets_total{direction="ingress"} 100',
    ]);
  });
});

describe("connections that are left behind", () => {
  it("are silent after half a minute without a packet, until one comes or they close", () => {
    const { states, tell, flow, moved } = watched();
    states(["connected", 0]);
    tell({ kind: "connection-state", state: "connected", atMs: 29_999 }, "pc-2");
    expect(moved("webrtc_silent_connections")).toEqual([]);
    flow(30_000);
    expect(moved("webrtc_silent_connections")).toEqual(["webrtc_silent_connections 1"]);
    expect(moved("webrtc_attached_connections")).toEqual(["webrtc_attached_connections 2"]);
    flow(31_000, { wire: { ...NOTHING, packetsReceived: 1 } });
    expect(moved("webrtc_silent_connections")).toEqual([]);
    flow(61_000);
    expect(moved("webrtc_silent_connections")).toEqual(["webrtc_silent_connections 2"]);
    tell(closed(61_000), "pc-2");
    expect(moved("webrtc_attached_connections")).toEqual(["webrtc_attached_connections 1"]);
  });
});

describe("the label of a session", () => {
  it("is left out, unless it is asked for and a number to keep is given", () => {
    for (const labels of [{}, { session: { recent: 0 } }]) {
      const { states, moved } = watched({ sessionLabel: {} }, { labels });
      states(["connected", 0]);
      expect(moved().join()).not.toContain("session_id");
    }
    const { states, moved } = watched({}, { labels: { session: { recent: 10 } } });
    states(["connected", 0]);
    expect(moved().join()).not.toContain("session_id");
  });

  it("is a hash that goes some minutes after its session", () => {
    const labels = { session: { recent: 10 } };
    const { recorder, states, tell, flow, moved } = watched({ sessionLabel: {} }, { labels });
    states(["connected", 0]);
    flow(1000, { payload: { ...NOTHING, bytesSent: 5 } });
    // printf pc-1 | sha256sum
    const series = 'webrtc_bytes_sent_total{direction="egress",session_id="c192c02414ec0fd0"} 5';
    expect(moved("webrtc_bytes_sent_total")).toEqual([series]);
    tell(closed(2000));
    expect(moved("webrtc_bytes_sent_total")).toEqual([series]);
    tell({ kind: "connection-state", state: "connected", atMs: 302_000 }, "pc-2");
    exposition(recorder);
    expect(moved("webrtc_bytes_sent_total")).toEqual([]);
    expect(moved("webrtc_peer_connections_active")).toHaveLength(1);
  });

  it("never makes more series than are kept, nor a negative gauge", () => {
    const labels = { session: { recent: 5 } };
    const { tell, moved } = watched({ sessionLabel: {} }, { labels });
    for (let i = 0; i < 100; i += 1) {
      tell({ kind: "connection-state", state: "connected", atMs: i }, `pc-${i}`);
    }
    for (let i = 0; i < 100; i += 1) tell(closed(1000 + i), `pc-${i}`);
    expect(moved("webrtc_peer_connections_total").length).toBeLessThanOrEqual(5 * 6);
    expect(moved("webrtc_peer_connections_active")).toEqual([]);
  });
});
