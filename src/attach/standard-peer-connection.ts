/**
 * One attached peer connection that is as W3C webrtc has it, whoever's: it listens to events, polls
 * `getStats`, and never touches a handler that the host has set. What cannot be seen this way, packets
 * and RTCP above all, is listed as missing.
 *
 * @module
 */

import type { StatedSession } from "../call/live-calls.js";
import type { CallRoundTripReport, IceReport } from "../call/call-report.js";
import type {
  AttachedHandshake,
  ConnectionFailureReason,
  InboundStream,
  MediaEvent,
  MediaSample,
  MediaTotals,
  OutboundStream,
  PeerConnectionState,
} from "../call/connection.js";
import { present } from "../rtcp/present.js";
import type {
  IceCredentials,
  MediaAttachment,
  MediaAttachOptions,
  MediaCapability,
} from "./media-attachment.js";
import { MediaHooks } from "./media-hooks.js";
import { failureOfDtls, isConnectionState } from "./media-outcomes.js";
import { StandardStatistics } from "./standard-statistics.js";
import { StandardTransport } from "./standard-transport.js";
import { isSuccess } from "./werift-dtls.js";
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

/** How long the report that explains a failure may take. */
const LAST_REPORT_MS = 1000;

let attachments = 0;

type Untimed<Event> = Event extends unknown ? Omit<Event, "atMs"> : never;

/** A probe's place at one peer connection. */
export class StandardAttachment implements MediaAttachment {
  readonly id: string;
  readonly #pc: StandardPeerConnection;
  readonly #options: MediaAttachOptions;
  readonly #hooks: MediaHooks;
  readonly #statistics = new StandardStatistics();
  readonly #session: SessionReader;
  readonly #transport: StandardTransport;
  #lastState: PeerConnectionState = "new";
  #hasFailed = false;
  #final: MediaSample | undefined;

  /** `onDetach` is called once, when the last hook is out. */
  constructor(pc: StandardPeerConnection, options: MediaAttachOptions, onDetach: () => void) {
    this.#pc = pc;
    this.#options = options;
    attachments += 1;
    this.id = `standard-peer-connection-${attachments}`;
    this.#hooks = new MediaHooks(options.onError);
    this.#hooks.onDetach(onDetach);
    this.#session = new SessionReader({
      get localDescription() {
        return pc.localDescription ?? null;
      },
      get remoteDescription() {
        return pc.remoteDescription ?? null;
      },
    });
    this.#transport = this.#newTransport();
    this.#noteCapabilities();
    this.#lastState = this.state;
    this.#listen();
    this.#hooks.guard(() => {
      this.#transport.attached();
    });
    if (this.#lastState === "closed") this.#end();
    else this.#startPolling();
  }

  get state(): PeerConnectionState {
    if (this.#final !== undefined) return this.#final.state;
    const { connectionState, iceConnectionState, signalingState } = this.#pc;
    if (signalingState === "closed") return "closed";
    if (isConnectionState(connectionState)) return connectionState;
    // Of stacks from before connectionState.
    if (iceConnectionState === "completed") return "connected";
    if (iceConnectionState === "checking") return "connecting";
    return isConnectionState(iceConnectionState) ? iceConnectionState : "new";
  }

  get capabilities(): MediaAttachment["capabilities"] {
    return this.#hooks.capabilities;
  }

  get faults(): number {
    return this.#hooks.faults;
  }

  dtls(): AttachedHandshake | undefined {
    return this.handshakes()[0];
  }

  handshakes(): readonly AttachedHandshake[] {
    return this.#final?.dtls ?? [this.#transport.dtls ?? []].flat();
  }

  ice(): IceReport | undefined {
    return this.#final === undefined ? this.#transport.ice : this.#final.ice;
  }

  inbound(): readonly InboundStream[] {
    if (this.#final !== undefined) return this.#final.inbound;
    const statistics = this.#statistics;
    return [...statistics.inboundSsrcs].flatMap((ssrc) => {
      const stack = statistics.inbound(ssrc);
      // Stacks list what was announced, whether or not anything came.
      if (stack === undefined || stack.packetsReceived === 0) return [];
      return [{ ssrc, ...statistics.codec(ssrc), unrouted: false, stack }];
    });
  }

  outbound(): readonly OutboundStream[] {
    if (this.#final !== undefined) return this.#final.outbound;
    const statistics = this.#statistics;
    return [...statistics.outboundSsrcs].flatMap((ssrc) => {
      const stack = statistics.outbound(ssrc);
      if (stack === undefined || stack.packetsSent === 0) return [];
      const feedback = { nacks: 0, pictureLossIndications: 0, fullIntraRequests: 0 };
      return [{ ssrc, ...present("format", statistics.codec(ssrc).format), feedback, stack }];
    });
  }

  roundTrip(): CallRoundTripReport {
    if (this.#final !== undefined) return this.#final.roundTrip;
    return present("stack", this.#statistics.roundTrip());
  }

  totals(): MediaTotals {
    if (this.#final !== undefined) return this.#final.totals;
    const payload = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
    for (const { stack } of this.outbound()) {
      payload.packetsSent += stack?.packetsSent ?? 0;
      payload.bytesSent += stack?.bytesSent ?? 0;
    }
    for (const { stack } of this.inbound()) {
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

  iceCredentials(): IceCredentials | undefined {
    let credentials: IceCredentials | undefined;
    this.#hooks.guard(() => {
      credentials = this.#transport.credentials();
    });
    return credentials;
  }

  descriptions(): readonly StatedSession[] {
    let stated: readonly StatedSession[] = [];
    try {
      stated = this.#session.descriptions();
    } catch (error) {
      this.#hooks.fault(error);
    }
    return stated;
  }

  finalSample(): MediaSample {
    return this.#final ?? this.#sample();
  }

  detach(): void {
    if (!this.#hooks.isLive) return;
    let final: MediaSample | undefined;
    this.#hooks.guard(() => {
      final = this.#sample();
    });
    this.#transport.detach();
    this.#final = final ?? { ...this.#sampleAt(0) };
    this.#hooks.detach();
  }

  #sample(): MediaSample {
    return this.#sampleAt(this.#options.clock());
  }

  #sampleAt(atMs: number): MediaSample {
    return {
      atMs,
      state: this.state,
      dtls: this.handshakes(),
      ...present("ice", this.ice()),
      inbound: this.inbound(),
      outbound: this.outbound(),
      roundTrip: this.roundTrip(),
      totals: this.totals(),
    };
  }

  #noteCapabilities(): void {
    const hooks = this.#hooks;
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
    this.#hooks.note("connection-state", hasEvents);
    if (!hasEvents) return;
    for (const type of [
      "connectionstatechange",
      "iceconnectionstatechange",
      "signalingstatechange",
    ]) {
      const listener = (): void => {
        this.#hooks.guard(() => {
          this.#look();
        });
      };
      this.#hooks.guard(() => {
        pc.addEventListener?.(type, listener);
        this.#hooks.onDetach(() => {
          pc.removeEventListener?.(type, listener);
        });
      });
    }
  }

  #newTransport(): StandardTransport {
    const { clock, wheel, dtlsTimeoutMs, iceTimeoutMs } = this.#options;
    return new StandardTransport({
      pc: this.#pc,
      session: this.#session,
      statistics: this.#statistics,
      clock,
      after: (delayMs, act) =>
        wheel.after(delayMs, () => {
          this.#hooks.guard(act);
        }),
      ...present("dtlsTimeoutMs", dtlsTimeoutMs),
      ...present("iceTimeoutMs", iceTimeoutMs),
      onDtls: (report) => {
        this.#tell({ kind: "dtls-outcome", report });
        if (!isSuccess(report)) this.#fail(failureOfDtls(report.result));
      },
      onIce: (report) => {
        this.#tell({ kind: "ice-outcome", report });
        if (report.result === "ok") this.#hasFailed = false;
        else this.#fail(report.result === "lost" ? "ice-lost" : "ice-failed");
      },
      onRestart: (outcome) => {
        this.#tell({ kind: "ice-restart", ...outcome });
      },
      onClosedByPeer: () => {
        // That DTLS is closed is the stack's word, which it took from an authenticated record.
        if (this.state !== "closed") {
          this.#tell({ kind: "closed-by-peer", isAuthenticated: true });
        }
      },
    });
  }

  /** Looks at all states: what is new is told. */
  #look(): void {
    const { state } = this;
    this.#transport.look();
    if (state === this.#lastState) return;
    const before = this.#lastState;
    this.#lastState = state;
    this.#tell({ kind: "connection-state", state });
    if (state === "connected") this.#hasFailed = false;
    if (state === "failed") this.#explainFailure();
    if (state === "closed") this.#end(before);
  }

  /** Why it failed is in a report only, which may be late. */
  #explainFailure(): void {
    let isExplained = false;
    const explain = (): void => {
      if (isExplained) return;
      isExplained = true;
      this.#hooks.guard(() => {
        this.#transport.look();
        this.#transport.connectionFailed();
        this.#fail("unknown");
      });
    };
    const cancel = this.#options.wheel.after(LAST_REPORT_MS, explain);
    this.#hooks.onDetach(cancel);
    this.#poll().then((take) => {
      take();
      explain();
    }, explain);
  }

  #end(before = this.#lastState): void {
    this.#transport.connectionClosed();
    if (before === "connecting") this.#fail("aborted");
    this.detach();
    const sample = this.finalSample();
    try {
      this.#options.onEvent?.({ kind: "closed", atMs: sample.atMs, sample });
    } catch (error) {
      this.#hooks.fault(error);
    }
  }

  /** Once for each time that it was up or on its way. */
  #fail(reason: ConnectionFailureReason): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#tell({ kind: "connection-failed", reason });
  }

  #tell(event: Untimed<MediaEvent>): void {
    this.#hooks.guard(() => {
      const { onEvent, clock } = this.#options;
      const result: unknown = onEvent?.({ ...event, atMs: clock() });
      if (result instanceof Promise) {
        result.catch((error: unknown) => {
          this.#hooks.fault(error);
        });
      }
    });
  }

  #startPolling(): void {
    this.#hooks.guard(() => {
      this.#hooks.onDetach(this.#options.wheel.add({ poll: () => this.#poll() }));
    });
  }

  async #poll(): Promise<() => void> {
    this.#hooks.guard(() => {
      this.#look();
    });
    const report = await this.#pc.getStats?.();
    return () => {
      this.#hooks.guard(() => {
        this.#statistics.take(report);
        this.#look();
        this.#options.onPolled?.();
      });
    };
  }
}

/** Whether it has what W3C webrtc specifies, and is none of the stacks that show more. */
export function isStandard(pc: object): pc is StandardPeerConnection {
  if (typeof memberOf(memberOf(pc, "connectionStateChange"), "subscribe") === "function") {
    return false;
  }
  if (typeof Reflect.get(pc, "getStats") !== "function") return false;
  return "iceConnectionState" in pc || "connectionState" in pc;
}
