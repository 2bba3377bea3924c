/**
 * One attached peer connection that is as W3C webrtc has it, whoever's: it listens to events, polls
 * `getStats`, and never touches a handler that the host has set. What cannot be seen this way, packets
 * and RTCP above all, is listed as missing.
 *
 * @module
 */

import type { CallRoundTripReport, IceReport } from "../call/call-report.js";
import type {
  AttachedHandshake,
  InboundStream,
  MediaTotals,
  OutboundStream,
  PeerConnectionState,
} from "../call/connection.js";
import { present } from "../rtcp/present.js";
import { ConnectionAttachment } from "./connection-attachment.js";
import { LastReports } from "./last-reports.js";
import type { IceCredentials, MediaAttachOptions, MediaCapability } from "./media-attachment.js";
import { isConnectionState } from "./media-outcomes.js";
import { StandardStatistics } from "./standard-statistics.js";
import { StandardTransport } from "./standard-transport.js";
import { memberOf } from "./werift-ports.js";
import { SessionReader } from "./werift-session.js";

/** What is used of a peer connection. All of it is looked for before use. */
export interface StandardPeerConnection {
  readonly connectionState?: string;
  readonly iceConnectionState?: string;
  readonly signalingState?: string;
  readonly localDescription?: { readonly type?: string; readonly sdp?: string } | null;
  readonly remoteDescription?: { readonly type?: string; readonly sdp?: string } | null;
  getStats?(): Promise<object>;
  addEventListener?(type: string, listener: (event: unknown) => void): void;
  removeEventListener?(type: string, listener: (event: unknown) => void): void;
}

/** Nothing of it is in what W3C specifies. */
const NEVER_SEEN: readonly MediaCapability[] = [
  "inbound-packets",
  "sent-packets",
  "received-rtcp",
  "sent-rtcp",
  "cheap-statistics",
  "extended-reports",
];

let attachments = 0;

/** A probe's place at one peer connection. */
export class StandardAttachment extends ConnectionAttachment {
  readonly #pc: StandardPeerConnection;
  readonly #statistics = new StandardStatistics();
  readonly #transport: StandardTransport;
  /** Of the failure that was told last. */
  #lastReports: LastReports | undefined;

  /** `onDetach` is called once, when the last hook is out. */
  constructor(pc: StandardPeerConnection, options: MediaAttachOptions, onDetach: () => void) {
    attachments += 1;
    super(`standard-peer-connection-${attachments}`, readerOf(pc), options, onDetach);
    this.#pc = pc;
    this.#transport = new StandardTransport({
      ...this.listener(),
      pc,
      session: this.session,
      statistics: this.#statistics,
    });
    this.#noteCapabilities();
    this.#listen();
    this.hooks.guard(() => {
      this.#transport.attached();
    });
    this.begin(() => this.#poll());
  }

  dtls(): AttachedHandshake | undefined {
    return this.handshakes()[0];
  }

  iceCredentials(): IceCredentials | undefined {
    let credentials: IceCredentials | undefined;
    this.hooks.guard(() => {
      credentials = this.#transport.credentials();
    });
    return credentials;
  }

  protected get isStable(): boolean {
    return this.#pc.signalingState === "stable";
  }

  protected stateNow(): PeerConnectionState {
    const { connectionState, iceConnectionState, signalingState } = this.#pc;
    if (signalingState === "closed") return "closed";
    if (isConnectionState(connectionState)) return connectionState;
    // Of stacks from before connectionState.
    if (iceConnectionState === "completed") return "connected";
    if (iceConnectionState === "checking") return "connecting";
    return isConnectionState(iceConnectionState) ? iceConnectionState : "new";
  }

  protected handshakesNow(): readonly AttachedHandshake[] {
    return [this.#transport.dtls ?? []].flat();
  }

  protected iceNow(): IceReport | undefined {
    return this.#transport.ice;
  }

  protected inboundNow(): readonly InboundStream[] {
    const statistics = this.#statistics;
    return [...statistics.inboundSsrcs].flatMap((ssrc) => {
      const stack = statistics.inbound(ssrc);
      // Stacks list what was announced, whether or not anything came.
      if (stack === undefined || stack.packetsReceived === 0) return [];
      return [{ ssrc, ...statistics.codec(ssrc), unrouted: false, stack }];
    });
  }

  protected outboundNow(): readonly OutboundStream[] {
    const statistics = this.#statistics;
    return [...statistics.outboundSsrcs].flatMap((ssrc) => {
      const stack = statistics.outbound(ssrc);
      if (stack === undefined || stack.packetsSent === 0) return [];
      const feedback = { nacks: 0, pictureLossIndications: 0, fullIntraRequests: 0 };
      return [{ ssrc, ...present("format", statistics.codec(ssrc).format), feedback, stack }];
    });
  }

  protected roundTripNow(): CallRoundTripReport {
    return present("stack", this.#statistics.roundTrip());
  }

  protected totalsNow(): MediaTotals {
    const payload = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
    for (const { stack } of this.outboundNow()) {
      payload.packetsSent += stack?.packetsSent ?? 0;
      payload.bytesSent += stack?.bytesSent ?? 0;
    }
    for (const { stack } of this.inboundNow()) {
      payload.packetsReceived += stack?.packetsReceived ?? 0;
      payload.bytesReceived += stack?.bytesReceived ?? 0;
    }
    return {
      wire: this.#statistics.wire(),
      payload,
      dataChannels: this.#statistics.dataChannels(),
      unroutedPackets: 0,
      untrackedPackets: 0,
      rtcpSendFailures: 0,
    };
  }

  protected explainFailure(): void {
    this.#lastReports?.conclude();
    this.#lastReports = new LastReports({
      ask: () => this.#poll(),
      isExplained: () => this.hasFailed,
      after: (delayMs, act) => this.options.wheel.after(delayMs, act),
      onConcluded: () => {
        this.hooks.guard(() => {
          this.#transport.connectionFailed();
          this.fail("unknown");
        });
      },
    });
  }

  protected connectionClosed(): void {
    // A host may close it as soon as it has failed.
    this.#lastReports?.conclude();
    this.#transport.connectionClosed();
  }

  protected stopWatching(): void {
    this.#lastReports?.cancel();
    this.#transport.detach();
  }

  #noteCapabilities(): void {
    const { hooks } = this;
    const pc = this.#pc;
    const hasReports = typeof pc.getStats === "function";
    hooks.note("statistics", hasReports);
    hooks.note("selected-pair", hasReports);
    hooks.note("data-channels", hasReports);
    hooks.note("dtls-outcome", hasReports);
    hooks.note("ice-outcome", "iceConnectionState" in pc || "connectionState" in pc);
    hooks.note("session-descriptions", "localDescription" in pc && "remoteDescription" in pc);
    for (const capability of NEVER_SEEN) hooks.note(capability, false);
    // Packets are not seen, whether or not there is an engine to measure them.
    hooks.note("packet-sink", false);
  }

  /** Where there are no events, states are looked at with every poll. */
  #listen(): void {
    const pc = this.#pc;
    const hasEvents =
      typeof pc.addEventListener === "function" && typeof pc.removeEventListener === "function";
    this.hooks.note("connection-state", hasEvents);
    if (!hasEvents) return;
    for (const type of [
      "connectionstatechange",
      "iceconnectionstatechange",
      "signalingstatechange",
    ]) {
      const listener = (): void => {
        this.hooks.guard(() => {
          this.#look();
          if (type === "signalingstatechange") this.signalled();
        });
      };
      this.hooks.guard(() => {
        pc.addEventListener?.(type, listener);
        this.hooks.onDetach(() => {
          pc.removeEventListener?.(type, listener);
        });
      });
    }
  }

  /** Looks at all states: what is new is told. */
  #look(): void {
    const state = this.stateNow();
    this.#transport.look();
    this.stateChanged(state);
  }

  async #poll(): Promise<() => void> {
    this.hooks.guard(() => {
      this.#look();
    });
    const report = await this.#pc.getStats?.();
    return () => {
      this.hooks.guard(() => {
        this.#statistics.take(report);
        this.#look();
        this.options.onPolled?.();
      });
    };
  }
}

function readerOf(pc: StandardPeerConnection): SessionReader {
  return new SessionReader({
    get localDescription() {
      return pc.localDescription ?? null;
    },
    get remoteDescription() {
      return pc.remoteDescription ?? null;
    },
  });
}

/** Whether it has what W3C webrtc specifies, and is none of the stacks that show more. */
export function isStandard(pc: object): pc is StandardPeerConnection {
  if (typeof memberOf(memberOf(pc, "connectionStateChange"), "subscribe") === "function") {
    return false;
  }
  if (typeof Reflect.get(pc, "getStats") !== "function") return false;
  return "iceConnectionState" in pc || "connectionState" in pc;
}
