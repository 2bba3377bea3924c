/**
 * What attached peer connections add to the metrics while they go on.
 *
 * @module
 */

import type {
  ConnectionEvent,
  ConnectionIdentity,
  ConnectionTraffic,
  PeerConnectionState,
  Traffic,
} from "../call/connection.js";
import type { CallObserver } from "../call/observer.js";
import { KnownIds } from "./known-ids.js";
import type { LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";
import { SessionLabel, type SessionLabelOptions } from "./session-label.js";

/** What of a connection counts, and for whom. */
export interface ConnectionMetricsOptions {
  /** Gives sessions a label, by their Call-ID or, without one, the connection's id. Left out: no label. */
  readonly sessionLabel?: SessionLabelOptions | undefined;
}

/** A connection on its way for so long, without coming up or failing, has timed out. */
const CONNECT_TIMEOUT_MS = 60_000;
/** A connection over which nothing went for so long is silent. */
const SILENT_AFTER_MS = 30_000;

/** What is known of a connection that is not closed. */
interface Watched {
  readonly session: string;
  state: PeerConnectionState;
  /** Since it is on its way: from its first sign, or later from `connecting`. */
  connectingAtMs: number;
  wasConnected: boolean;
  hasFailed: boolean;
  isReconnecting: boolean;
  lastPacketAtMs: number;
}

const STAGE = "webrtc";

/** Records connections: an observer of what is attached. Nothing here throws. */
export class ConnectionMetrics implements CallObserver {
  readonly #states;
  readonly #active;
  readonly #bytesSent;
  readonly #bytesReceived;
  readonly #failures;
  readonly #attempts;
  readonly #reconnections;
  readonly #timeToConnected;
  readonly #iceOutcomes;
  readonly #iceDuration;
  readonly #dtlsOutcomes;
  readonly #dtlsDuration;
  readonly #closedByPeer;
  readonly #wireBytes;
  readonly #wirePackets;
  readonly #payloadPackets;
  readonly #unrouted;
  readonly #channelMessages;
  readonly #channelBytes;
  readonly #attached;
  readonly #silent;
  readonly #sessions: SessionLabel | undefined;
  readonly #connections = new KnownIds<Watched>((evicted) => {
    this.#close(evicted, this.#lastAtMs);
  });
  #lastAtMs = 0;

  constructor(recorder: Recorder, { sessionLabel }: ConnectionMetricsOptions = {}) {
    this.#states = recorder.counter("webrtc_peer_connections_total");
    this.#active = recorder.gauge("webrtc_peer_connections_active");
    this.#bytesSent = recorder.counter("webrtc_bytes_sent_total");
    this.#bytesReceived = recorder.counter("webrtc_bytes_received_total");
    this.#failures = recorder.counter("webrtc_connection_failures_total");
    this.#attempts = recorder.counter("webrtc_reconnection_attempts_total");
    this.#reconnections = recorder.counter("webrtc_reconnections_total");
    this.#timeToConnected = recorder.histogram("webrtc_time_to_connected_seconds").at();
    this.#iceOutcomes = recorder.counter("webrtc_ice_outcomes_total");
    this.#iceDuration = recorder.histogram("webrtc_ice_duration_seconds").at();
    this.#dtlsOutcomes = recorder.counter("webrtc_dtls_outcomes_total");
    this.#dtlsDuration = recorder.histogram("webrtc_dtls_duration_seconds").at();
    this.#closedByPeer = recorder.counter("webrtc_closed_by_peer_total");
    this.#wireBytes = recorder.counter("webrtc_wire_bytes_total");
    this.#wirePackets = recorder.counter("webrtc_wire_packets_total");
    this.#payloadPackets = recorder.counter("webrtc_payload_packets_total");
    this.#unrouted = recorder.counter("webrtc_unrouted_packets_total").at();
    this.#channelMessages = recorder.counter("webrtc_data_channel_messages_total");
    this.#channelBytes = recorder.counter("webrtc_data_channel_bytes_total");
    this.#attached = recorder.gauge("webrtc_attached_connections").at();
    this.#silent = recorder.gauge("webrtc_silent_connections").at();
    if (sessionLabel !== undefined) this.#sessions = new SessionLabel(recorder, sessionLabel);
    recorder.onCollect(() => {
      this.#collect();
    });
  }

  onConnection(event: ConnectionEvent): void {
    if (event.kind === "detached") {
      this.#letGo(event);
      return;
    }
    // How long it took is not known of one that is up when it is first heard of.
    const isUp = event.kind === "connection-state" && event.state === "connected";
    const watched = this.#watched(event, event.atMs, isUp);
    if (watched === undefined) return;
    switch (event.kind) {
      case "connection-state":
        this.#enter(watched, event.state, event.atMs);
        break;
      case "connection-failed":
        this.#fail(watched, event.reason);
        break;
      case "dtls-outcome":
        this.#dtlsOutcomes.at(event.report.result).inc();
        observe(this.#dtlsDuration, event.report.durationSeconds);
        break;
      case "ice-outcome":
        this.#iceOutcomes.at(event.report.result).inc();
        observe(this.#iceDuration, event.report.durationSeconds);
        break;
      case "ice-restart":
        if (event.result === "started") this.#attempt(watched);
        else this.#attempted(watched, event.result);
        break;
      case "closed-by-peer":
        this.#closedByPeer.at(event.isAuthenticated ? "true" : "false").inc();
        break;
      case "closed":
        this.#connections.end(event.connectionId);
        this.#close(watched, event.atMs);
        break;
    }
  }

  onTraffic(traffic: ConnectionTraffic): void {
    const { atMs, wire, payload, dataChannels } = traffic;
    const watched = this.#watched(traffic, atMs);
    // The last of it may come after the end.
    const session = watched?.session ?? this.#sessionOf(traffic);
    this.#bytesSent.at("egress", session, "").add(payload.bytesSent);
    this.#bytesReceived.at("ingress", session, "").add(payload.bytesReceived);
    this.#payloadPackets.at("egress").add(payload.packetsSent);
    this.#payloadPackets.at("ingress").add(payload.packetsReceived);
    this.#wireBytes.at("egress").add(wire.bytesSent);
    this.#wireBytes.at("ingress").add(wire.bytesReceived);
    this.#wirePackets.at("egress").add(wire.packetsSent);
    this.#wirePackets.at("ingress").add(wire.packetsReceived);
    this.#channelMessages.at("egress").add(dataChannels.messagesSent);
    this.#channelMessages.at("ingress").add(dataChannels.messagesReceived);
    this.#channelBytes.at("egress").add(dataChannels.bytesSent);
    this.#channelBytes.at("ingress").add(dataChannels.bytesReceived);
    this.#unrouted.add(traffic.unroutedPackets);
    if (watched === undefined) return;
    if (hasMoved(wire)) watched.lastPacketAtMs = atMs;
    const isOnItsWay = watched.state === "new" || watched.state === "connecting";
    if (isOnItsWay && atMs - watched.connectingAtMs >= CONNECT_TIMEOUT_MS) {
      this.#fail(watched, "timeout");
    }
  }

  #sessionOf({ connectionId, callId = connectionId }: ConnectionIdentity): string {
    return this.#sessions?.valueOf(callId) ?? "";
  }

  /** Nothing of a connection that is over. */
  #watched(identity: ConnectionIdentity, atMs: number, isUp = false): Watched | undefined {
    if (atMs > this.#lastAtMs) this.#lastAtMs = atMs;
    const { connectionId } = identity;
    const found = this.#connections.get(connectionId);
    if (found !== undefined || this.#connections.has(connectionId)) return found;
    const watched: Watched = {
      session: this.#sessionOf(identity),
      state: "new",
      connectingAtMs: atMs,
      wasConnected: isUp,
      hasFailed: false,
      isReconnecting: false,
      lastPacketAtMs: atMs,
    };
    this.#connections.begin(connectionId, watched);
    this.#sessions?.begin(watched.session);
    this.#states.at("new", watched.session, STAGE).inc();
    return watched;
  }

  #enter(watched: Watched, state: PeerConnectionState, atMs: number): void {
    const before = watched.state;
    if (state === before) return;
    watched.state = state;
    this.#states.at(state, watched.session, STAGE).inc();
    if (before === "connected") this.#active.at(STAGE, watched.session).count(-1);
    const isBack = state === "connecting" || state === "connected";
    if (before === "disconnected" && isBack && !watched.isReconnecting) this.#attempt(watched);
    if (state === "connecting" && !watched.wasConnected) watched.connectingAtMs = atMs;
    if (state === "failed" || state === "closed") this.#attempted(watched, "failed");
    if (state !== "connected") return;
    this.#active.at(STAGE, watched.session).count(1);
    this.#attempted(watched, "ok");
    watched.hasFailed = false;
    if (watched.wasConnected) return;
    watched.wasConnected = true;
    this.#timeToConnected.observe((atMs - watched.connectingAtMs) / 1000);
  }

  #fail(watched: Watched, reason: LabelValue<"connection-failure">): void {
    if (watched.hasFailed) return;
    watched.hasFailed = true;
    this.#failures.at(reason, STAGE).inc();
  }

  #attempt(watched: Watched): void {
    if (watched.isReconnecting) this.#attempted(watched, "failed");
    watched.isReconnecting = true;
    this.#attempts.at(watched.session, STAGE).inc();
  }

  #attempted(watched: Watched, result: LabelValue<"ok-failed">): void {
    if (!watched.isReconnecting) return;
    watched.isReconnecting = false;
    this.#reconnections.at(result).inc();
  }

  /** The stack may not have said that it is closed; it is all the same. */
  #close(watched: Watched, atMs: number): void {
    this.#enter(watched, "closed", atMs);
    if (watched.session !== "") this.#sessions?.end(watched.session, atMs);
  }

  /** What becomes of it is nobody's to say. */
  #letGo({ connectionId, atMs }: ConnectionEvent): void {
    const watched = this.#connections.forget(connectionId);
    if (watched === undefined) return;
    if (watched.state === "connected") this.#active.at(STAGE, watched.session).count(-1);
    if (watched.session !== "") this.#sessions?.end(watched.session, atMs);
  }

  #collect(): void {
    let silent = 0;
    for (const { lastPacketAtMs } of this.#connections.values()) {
      if (this.#lastAtMs - lastPacketAtMs >= SILENT_AFTER_MS) silent += 1;
    }
    this.#silent.set(silent);
    this.#attached.set(this.#connections.size);
    this.#sessions?.letGo(this.#lastAtMs);
  }
}

function hasMoved({ packetsSent, packetsReceived }: Traffic): boolean {
  return packetsSent > 0 || packetsReceived > 0;
}

function observe(series: { observe(value: number): void }, value: number | undefined): void {
  if (value !== undefined) series.observe(value);
}
