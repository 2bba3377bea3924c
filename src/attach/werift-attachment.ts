/**
 * One attached peer connection of werift: what it listens to, what it polls, and what it gives out.
 *
 * @module
 */

import type { CallRoundTripReport, IceReport } from "../call/call-report.js";
import { present } from "../rtcp/present.js";
import { RoundTripAccumulator } from "../rtcp/round-trip.js";
import type { StatedSession } from "../call/live-calls.js";
import { DataChannelTally } from "./data-channel-tally.js";
import { failureOfDtls, isConnectionState, worstHandshake, worstIce } from "./media-outcomes.js";
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
import type { IceCredentials, MediaAttachment, MediaAttachOptions } from "./media-attachment.js";
import { MediaHooks } from "./media-hooks.js";
import type { PollKind } from "./poll-wheel.js";
import { isSuccess } from "./werift-dtls.js";
import { memberOf, type WeriftPeerConnection } from "./werift-ports.js";
import { StatisticsPoller } from "./werift-poller.js";
import { SessionReader } from "./werift-session.js";
import { entriesOf, StackStatistics } from "./werift-stats.js";
import { inboundStreams, outboundStreams, totalsOf } from "./werift-streams.js";
import { type TransportContext, WatchedTransport } from "./werift-transport.js";

const DTLS_TIMEOUT_MS = 10_000;
const ICE_TIMEOUT_MS = 20_000;

let attachments = 0;

type Untimed<Event> = Event extends unknown ? Omit<Event, "atMs"> : never;

/** A probe's place at one peer connection of werift. */
export class WeriftAttachment implements MediaAttachment {
  readonly id: string;
  readonly #pc: WeriftPeerConnection;
  readonly #options: MediaAttachOptions;
  readonly #hooks: MediaHooks;
  readonly #session: SessionReader;
  readonly #statistics = new StackStatistics();
  readonly #poller: StatisticsPoller;
  readonly #channels = new DataChannelTally();
  readonly #roundTrip = new RoundTripAccumulator();
  readonly #transports = new Map<object, WatchedTransport>();
  readonly #context: TransportContext;
  #lastState: unknown;
  #hasFailed = false;
  #final: MediaSample | undefined;

  /** `onDetach` is called once, when the last hook is out. */
  constructor(pc: WeriftPeerConnection, options: MediaAttachOptions, onDetach: () => void) {
    this.#pc = pc;
    this.#options = options;
    attachments += 1;
    this.id = typeof pc.id === "string" ? pc.id : `peer-connection-${attachments}`;
    this.#hooks = new MediaHooks(options.onError);
    this.#session = new SessionReader(pc);
    this.#poller = new StatisticsPoller(pc, {
      session: this.#session,
      statistics: this.#statistics,
      clock: options.clock,
      isSending: (transport) => this.#transports.get(transport)?.wire.isSending ?? true,
    });
    this.#context = this.#newContext();
    this.#lastState = pc.connectionState;
    this.#hooks.onDetach(onDetach);
    this.#noteCapabilities();
    this.#listen();
    this.#hooks.guard(() => {
      this.#scan();
    });
    if (this.#isClosed()) this.#end();
    else this.#startPolling();
  }

  get state(): PeerConnectionState {
    if (this.#final !== undefined) return this.#final.state;
    if (this.#isClosed()) return "closed";
    const { connectionState } = this.#pc;
    return isConnectionState(connectionState) ? connectionState : "new";
  }

  get capabilities(): MediaAttachment["capabilities"] {
    return this.#hooks.capabilities;
  }

  get faults(): number {
    return this.#hooks.faults;
  }

  dtls(): AttachedHandshake | undefined {
    return worstHandshake(this.handshakes());
  }

  handshakes(): readonly AttachedHandshake[] {
    return this.#final?.dtls ?? this.#all().flatMap(({ dtls }) => dtls.report ?? []);
  }

  ice(): IceReport | undefined {
    if (this.#final !== undefined) return this.#final.ice;
    return worstIce(this.#all().flatMap(({ ice }) => ice?.report ?? []));
  }

  inbound(): readonly InboundStream[] {
    if (this.#final !== undefined) return this.#final.inbound;
    return inboundStreams(this.#all(), this.#session, this.#statistics);
  }

  outbound(): readonly OutboundStream[] {
    if (this.#final !== undefined) return this.#final.outbound;
    return outboundStreams(this.#all(), this.#session, this.#statistics);
  }

  roundTrip(): CallRoundTripReport {
    if (this.#final !== undefined) return this.#final.roundTrip;
    // The stack's RTCP gives the better figure where it gives one; checks of the path always do.
    const [byChecks] = this.#all().flatMap(({ wire }) => wire.roundTrip() ?? []);
    return {
      ...present("measured", this.#roundTrip.summary()),
      ...present("stack", this.#statistics.roundTrip() ?? byChecks),
    };
  }

  totals(): MediaTotals {
    if (this.#final !== undefined) return this.#final.totals;
    return totalsOf(this.#all(), this.#session, this.#statistics, this.#channels);
  }

  iceCredentials(): IceCredentials | undefined {
    const [first] = this.#all();
    const { localUsername, localPassword } = first?.transport.iceTransport?.connection ?? {};
    if (localUsername === undefined || localPassword === undefined) return undefined;
    return { ufrag: localUsername, pwd: localPassword };
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
    if (this.#final !== undefined) return this.#final;
    this.#drawLine();
    return this.#sample();
  }

  detach(): void {
    if (!this.#hooks.isLive) return;
    let final: MediaSample | undefined;
    this.#drawLine();
    for (const transport of this.#all()) transport.detach();
    this.#hooks.guard(() => {
      final = this.#sample();
    });
    this.#final = final ?? this.#emptySample();
    this.#hooks.detach();
    this.#transports.clear();
  }

  #all(): WatchedTransport[] {
    return [...this.#transports.values()];
  }

  #sample(): MediaSample {
    return {
      atMs: this.#options.clock(),
      state: this.state,
      dtls: this.handshakes(),
      ...present("ice", this.ice()),
      inbound: this.inbound(),
      outbound: this.outbound(),
      roundTrip: this.roundTrip(),
      totals: this.totals(),
    };
  }

  /** Where a callback throws all the time, what needs none is still told. */
  #emptySample(): MediaSample {
    const { dtls, state } = { dtls: this.handshakes(), state: this.state };
    const totals = totalsOf([], this.#session, this.#statistics, this.#channels);
    const ice = present("ice", this.ice());
    return { atMs: 0, state, dtls, ...ice, inbound: [], outbound: [], roundTrip: {}, totals };
  }

  #noteCapabilities(): void {
    const hooks = this.#hooks;
    const pc = this.#pc;
    hooks.guard(() => {
      hooks.note("statistics", typeof pc.getStats === "function");
      hooks.note("cheap-statistics", this.#poller.canCollect());
      hooks.note("session-descriptions", "localDescription" in pc && "remoteDescription" in pc);
      hooks.note("packet-sink", this.#options.sink !== undefined);
      hooks.note("extended-reports", false);
    });
  }

  #listen(): void {
    const hooks = this.#hooks;
    const pc = this.#pc;
    const rescan = (): void => {
      this.#scan();
    };
    const hearsState = hooks.subscribe(pc.connectionStateChange, (state) => {
      this.#connectionStateChanged(state);
    });
    hooks.note("connection-state", hearsState);
    hooks.subscribe(pc.onTransceiverAdded, rescan);
    hooks.subscribe(pc.onRemoteTransceiverAdded, rescan);
    hooks.subscribe(pc.iceConnectionStateChange, rescan);
    hooks.subscribe(pc.signalingStateChange, (state) => {
      if (state === "closed" && !hearsState) this.#end();
      else this.#negotiated();
    });
    const hearsChannels = hooks.subscribe(pc.onDataChannel, (channel) => {
      if (typeof channel === "object" && channel !== null) this.#channels.add(channel);
    });
    hooks.note("data-channels", hearsChannels);
  }

  #newContext(): TransportContext {
    const { sink, clock, wheel, dtlsTimeoutMs, iceTimeoutMs } = this.#options;
    return {
      hooks: this.#hooks,
      session: this.#session,
      sink,
      clock,
      after: (delayMs, act) =>
        wheel.after(delayMs, () => {
          this.#hooks.guard(act);
        }),
      dtlsTimeoutMs: dtlsTimeoutMs ?? DTLS_TIMEOUT_MS,
      iceTimeoutMs: iceTimeoutMs ?? ICE_TIMEOUT_MS,
      onDtls: (report) => {
        this.#tell({ kind: "dtls-outcome", report });
        if (!isSuccess(report)) this.#fail(failureOfDtls(report.result));
      },
      onIce: (report) => {
        this.#drawLine();
        this.#tell({ kind: "ice-outcome", report });
        if (report.result === "ok") this.#hasFailed = false;
        else this.#fail(report.result === "lost" ? "ice-lost" : "ice-failed");
      },
      onIceRestart: (outcome) => {
        this.#drawLine();
        this.#tell({ kind: "ice-restart", ...outcome });
      },
      onClosedByPeer: (isAuthenticated) => {
        if (!this.#isClosed()) this.#tell({ kind: "closed-by-peer", isAuthenticated });
      },
      onRoundTrip: (seconds) => {
        this.#roundTrip.add(seconds);
      },
      onRtcp: (rtcp) => {
        this.#options.onRtcp?.(rtcp);
      },
    };
  }

  #isClosed(): boolean {
    return this.#pc.connectionState === "closed" || this.#pc.signalingState === "closed";
  }

  /** Transports come with transceivers and go where they are bundled. */
  #scan(): void {
    const { dtlsTransports, sctpTransport } = this.#pc;
    const found: readonly unknown[] = dtlsTransports ?? [
      ...this.#session.transceivers().map(({ dtlsTransport }) => dtlsTransport),
      memberOf(sctpTransport, "dtlsTransport"),
    ];
    for (const transport of found) {
      if (typeof transport !== "object" || transport === null) continue;
      if (this.#transports.has(transport)) continue;
      const watched = new WatchedTransport(transport, this.#context);
      this.#transports.set(transport, watched);
      watched.start();
    }
    for (const channel of entriesOf(sctpTransport?.dataChannels)) {
      if (typeof channel === "object" && channel !== null) this.#channels.add(channel);
    }
  }

  #negotiated(): void {
    this.#session.changed();
    this.#scan();
    for (const { inbound, outbound } of this.#all()) {
      inbound.payloadsChanged();
      outbound.payloadsChanged();
    }
  }

  #connectionStateChanged(state: unknown): void {
    if (!isConnectionState(state)) return;
    this.#tell({ kind: "connection-state", state });
    if (state === "closed") this.#end();
    this.#lastState = state;
    if (state === "connected") this.#hasFailed = false;
    if (state !== "failed") return;
    for (const transport of this.#all()) transport.connectionFailed();
    this.#fail("unknown");
  }

  /** Once for each time that it was up or on its way. */
  #fail(reason: ConnectionFailureReason): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#tell({ kind: "connection-failed", reason });
  }

  #end(): void {
    for (const { dtls } of this.#all()) dtls.connectionClosed();
    if (this.#lastState === "connecting") this.#fail("aborted");
    this.detach();
    const { onEvent } = this.#options;
    const sample = this.finalSample();
    try {
      onEvent?.({ kind: "closed", atMs: sample.atMs, sample });
    } catch (error) {
      this.#hooks.fault(error);
    }
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
      const remove = this.#options.wheel.add({ poll: (kind) => this.#poll(kind) });
      this.#hooks.onDetach(remove);
    });
  }

  #poll(kind: PollKind): (() => void) | Promise<() => void> {
    this.#hooks.guard(() => {
      this.#scan();
      for (const transport of this.#all()) transport.poll();
    });
    const polled = this.#poller.poll(kind);
    return typeof polled === "function" ? this.#taking(polled) : polled.then(this.#taking);
  }

  readonly #taking =
    (take: () => void): (() => void) =>
    () => {
      take();
      this.#hooks.guard(() => {
        this.#options.onPolled?.();
      });
    };

  /** What was counted till now had a path, or had none; what comes is another matter. */
  #drawLine(): void {
    this.#hooks.guard(() => {
      this.#pollCheaply();
    });
  }

  #pollCheaply(): void {
    this.#scan();
    for (const transport of this.#all()) transport.poll();
    this.#poller.collect();
  }
}
