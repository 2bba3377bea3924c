/**
 * What a probe's place at a peer connection is, whatever stack the connection is of: how what happens
 * to it is told, a failure once, and what can be read of it, after its end too.
 *
 * @module
 */

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
import type { StatedSession } from "../call/live-media.js";
import { present } from "../rtcp/present.js";
import { sumsOf } from "./data-channel-tally.js";
import type { IceCredentials, MediaAttachment, MediaAttachOptions } from "./media-attachment.js";
import { MediaHooks } from "./media-hooks.js";
import { failureOfDtls } from "./media-outcomes.js";
import type { PollTarget } from "./poll-wheel.js";
import { isSuccess } from "./werift-dtls.js";
import type { RestartOutcome } from "./werift-ice.js";
import type { SessionReader } from "./werift-session.js";
import { sumOf } from "./werift-wire.js";

/** What the watch of a transport is given by its connection. */
export interface TransportListener {
  readonly clock: () => number;
  readonly after: (delayMs: number, act: () => void) => () => void;
  readonly dtlsTimeoutMs: number;
  readonly iceTimeoutMs: number;
  readonly onDtls: (report: AttachedHandshake) => void;
  readonly onIce: (report: IceReport) => void;
  readonly onRestart: (outcome: RestartOutcome) => void;
  readonly onClosedByPeer: (isAuthenticated: boolean) => void;
}

const DTLS_TIMEOUT_MS = 10_000;
const ICE_TIMEOUT_MS = 20_000;

type Untimed<Event> = Event extends unknown ? Omit<Event, "atMs"> : never;

/** An attachment. What its stack shows, and how, is for those who extend it. */
export abstract class ConnectionAttachment implements MediaAttachment {
  readonly id: string;
  protected readonly options: MediaAttachOptions;
  protected readonly hooks: MediaHooks;
  protected readonly session: SessionReader;
  #lastState: PeerConnectionState = "new";
  #hasFailed = false;
  #final: MediaSample | undefined;

  /** `onDetach` is called once, when the last hook is out. */
  constructor(
    id: string,
    session: SessionReader,
    options: MediaAttachOptions,
    onDetach: () => void,
  ) {
    this.id = id;
    this.session = session;
    this.options = options;
    this.hooks = new MediaHooks(options.onError);
    this.hooks.onDetach(onDetach);
  }

  get state(): PeerConnectionState {
    return this.#final?.state ?? this.stateNow();
  }

  get capabilities(): MediaAttachment["capabilities"] {
    return this.hooks.capabilities;
  }

  abstract dtls(): AttachedHandshake | undefined;

  handshakes(): readonly AttachedHandshake[] {
    return this.#final?.dtls ?? this.handshakesNow();
  }

  ice(): IceReport | undefined {
    return this.#final === undefined ? this.iceNow() : this.#final.ice;
  }

  inbound(): readonly InboundStream[] {
    return this.#final?.inbound ?? this.inboundNow();
  }

  outbound(): readonly OutboundStream[] {
    return this.#final?.outbound ?? this.outboundNow();
  }

  roundTrip(): CallRoundTripReport {
    return this.#final?.roundTrip ?? this.roundTripNow();
  }

  totals(): MediaTotals {
    return this.#final?.totals ?? this.totalsNow();
  }

  abstract iceCredentials(): IceCredentials | undefined;

  descriptions(): readonly StatedSession[] {
    let stated: readonly StatedSession[] = [];
    try {
      stated = this.session.descriptions();
    } catch (error) {
      this.hooks.fault(error);
    }
    return stated;
  }

  finalSample(): MediaSample {
    if (this.#final !== undefined) return this.#final;
    this.drawLine?.();
    return this.#sample();
  }

  detach(): void {
    this.hooks.guard(() => {
      this.#noticeClosed();
    });
    if (!this.hooks.isLive) return;
    this.drawLine?.();
    this.stopWatching();
    this.#final ??= this.#sample();
    this.hooks.detach();
  }

  /** Whether no offer waits for its answer. */
  protected abstract get isStable(): boolean;
  protected abstract stateNow(): PeerConnectionState;
  protected abstract handshakesNow(): readonly AttachedHandshake[];
  protected abstract iceNow(): IceReport | undefined;
  protected abstract inboundNow(): readonly InboundStream[];
  protected abstract outboundNow(): readonly OutboundStream[];
  protected abstract roundTripNow(): CallRoundTripReport;
  protected abstract totalsNow(): MediaTotals;
  /** The connection is in its failed state: tells why, then or later. */
  protected abstract explainFailure(): void;
  /** The connection was closed on this side. */
  protected abstract connectionClosed(): void;
  /** Ends the watch of all transports. */
  protected abstract stopWatching(): void;
  /** What was counted till now had a path, or had none; what comes is another matter. */
  protected drawLine?(): void;

  /** What the watch of each transport is given. */
  protected listener(): TransportListener {
    const { clock, wheel, dtlsTimeoutMs, iceTimeoutMs } = this.options;
    return {
      clock,
      after: (delayMs, act) =>
        wheel.after(delayMs, () => {
          this.hooks.guard(act);
        }),
      dtlsTimeoutMs: dtlsTimeoutMs ?? DTLS_TIMEOUT_MS,
      iceTimeoutMs: iceTimeoutMs ?? ICE_TIMEOUT_MS,
      onDtls: (report) => {
        this.#tell({ kind: "dtls-outcome", report });
        if (!isSuccess(report)) this.fail(failureOfDtls(report.result));
      },
      onIce: (report) => {
        this.drawLine?.();
        this.#tell({ kind: "ice-outcome", report });
        if (report.result === "ok") this.#hasFailed = false;
        else this.fail(report.result === "lost" ? "ice-lost" : "ice-failed");
      },
      onRestart: (outcome) => {
        this.drawLine?.();
        this.#tell({ kind: "ice-restart", ...outcome });
      },
      onClosedByPeer: (isAuthenticated) => {
        if (this.state !== "closed") this.#tell({ kind: "closed-by-peer", isAuthenticated });
      },
    };
  }

  /** Called when all is hooked: takes up the state it may be in already, and polls from now on. */
  protected begin(poll: PollTarget["poll"]): void {
    this.#lastState = this.stateNow();
    if (this.#lastState === "closed") {
      this.end();
      return;
    }
    this.hooks.guard(() => {
      this.hooks.onDetach(this.options.wheel.add({ poll }));
    });
  }

  /** Takes up a state, unless it was taken up before. */
  protected stateChanged(state: PeerConnectionState): void {
    const before = this.#lastState;
    if (state === before) return;
    this.#lastState = state;
    this.#tell({ kind: "connection-state", state });
    if (state === "connected") this.#hasFailed = false;
    if (state === "failed") this.explainFailure();
    if (state === "closed") this.end(before);
  }

  /** The signalling state changed. Stacks may set the descriptions right after they tell so. */
  protected signalled(): void {
    queueMicrotask(() => {
      this.hooks.guard(() => {
        this.session.changed();
        if (this.isStable) this.options.onNegotiated?.();
      });
    });
  }

  /** A host that closes it may be told of by no event (W3C webrtc §4.4.1.8). */
  #noticeClosed(): void {
    if (this.stateNow() === "closed") this.stateChanged("closed");
  }

  /** Whether a failure was told since the connection was up or on its way. */
  protected get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Tells of a failure once for each time that the connection was up or on its way. */
  protected fail(reason: ConnectionFailureReason): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#tell({ kind: "connection-failed", reason });
  }

  /** The connection is closed, and was in the state of `before` till then. */
  protected end(before = this.#lastState): void {
    this.connectionClosed();
    if (before === "connecting") this.fail("aborted");
    this.detach();
    const sample = this.finalSample();
    this.#give({ kind: "closed", atMs: sample.atMs, sample });
  }

  #tell(event: Untimed<MediaEvent>): void {
    this.hooks.guard(() => {
      this.#give({ ...event, atMs: this.options.clock() });
    });
  }

  #give(event: MediaEvent): void {
    try {
      const result: unknown = this.options.onEvent?.(event);
      if (result instanceof Promise) {
        result.catch((error: unknown) => {
          this.hooks.fault(error);
        });
      }
    } catch (error) {
      this.hooks.fault(error);
    }
  }

  /** Where something throws, what needs it not is still told. */
  #sample(): MediaSample {
    return {
      atMs: this.#read(this.options.clock, 0),
      state: this.state,
      dtls: this.#read(() => this.handshakesNow(), []),
      ...present(
        "ice",
        this.#read(() => this.iceNow(), undefined),
      ),
      inbound: this.#read(() => this.inboundNow(), []),
      outbound: this.#read(() => this.outboundNow(), []),
      roundTrip: this.#read(() => this.roundTripNow(), {}),
      totals: this.#read(() => this.totalsNow(), noTotals()),
    };
  }

  #read<Part>(read: () => Part, otherwise: Part): Part {
    let part = otherwise;
    this.hooks.guard(() => {
      part = read();
    });
    return part;
  }
}

function noTotals(): MediaTotals {
  return {
    wire: sumOf([]),
    payload: sumOf([]),
    dataChannels: { opened: 0, closed: 0, ...sumsOf([]) },
    unroutedPackets: 0,
    untrackedPackets: 0,
    rtcpSendFailures: 0,
  };
}
