/**
 * One attached peer connection of werift: what it listens to, what it polls, and what it gives out.
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
import { RoundTripAccumulator } from "../rtcp/round-trip.js";
import { ConnectionAttachment } from "./connection-attachment.js";
import { DataChannelTally } from "./data-channel-tally.js";
import type { IceCredentials, MediaAttachOptions } from "./media-attachment.js";
import { isConnectionState, worstHandshake, worstIce } from "./media-outcomes.js";
import type { PollKind } from "./poll-wheel.js";
import { memberOf, type WeriftPeerConnection } from "./werift-ports.js";
import { StatisticsPoller } from "./werift-poller.js";
import { SessionReader } from "./werift-session.js";
import { entriesOf, StackStatistics } from "./werift-stats.js";
import { inboundStreams, outboundStreams, totalsOf } from "./werift-streams.js";
import { type TransportContext, WatchedTransport } from "./werift-transport.js";

let attachments = 0;

/** A probe's place at one peer connection of werift. */
export class WeriftAttachment extends ConnectionAttachment {
  readonly #pc: WeriftPeerConnection;
  readonly #statistics = new StackStatistics();
  readonly #poller: StatisticsPoller;
  readonly #channels = new DataChannelTally();
  readonly #roundTrip = new RoundTripAccumulator();
  readonly #transports = new Map<object, WatchedTransport>();
  readonly #context: TransportContext;

  /** `onDetach` is called once, when the last hook is out. */
  constructor(pc: WeriftPeerConnection, options: MediaAttachOptions, onDetach: () => void) {
    attachments += 1;
    const id = typeof pc.id === "string" ? pc.id : `peer-connection-${attachments}`;
    super(id, new SessionReader(pc), options, onDetach);
    this.#pc = pc;
    this.#poller = new StatisticsPoller(pc, {
      session: this.session,
      statistics: this.#statistics,
      clock: options.clock,
      isSending: (transport) => this.#transports.get(transport)?.wire.isSending ?? true,
    });
    this.#context = {
      ...this.listener(),
      hooks: this.hooks,
      session: this.session,
      sink: options.sink,
      onRoundTrip: (seconds) => {
        this.#roundTrip.add(seconds);
      },
      onRtcp: (rtcp) => {
        options.onRtcp?.(rtcp);
      },
    };
    this.hooks.onDetach(() => {
      this.#transports.clear();
    });
    this.#noteCapabilities();
    this.#listen();
    this.hooks.guard(() => {
      this.#scan();
    });
    this.begin((kind) => this.#poll(kind));
  }

  dtls(): AttachedHandshake | undefined {
    return worstHandshake(this.handshakes());
  }

  iceCredentials(): IceCredentials | undefined {
    const [first] = this.#all();
    const { localUsername, localPassword } = first?.transport.iceTransport?.connection ?? {};
    if (localUsername === undefined || localPassword === undefined) return undefined;
    return { ufrag: localUsername, pwd: localPassword };
  }

  protected get isStable(): boolean {
    return this.#pc.signalingState === "stable";
  }

  protected stateNow(): PeerConnectionState {
    const { connectionState, signalingState } = this.#pc;
    if (signalingState === "closed") return "closed";
    return isConnectionState(connectionState) ? connectionState : "new";
  }

  protected handshakesNow(): readonly AttachedHandshake[] {
    return this.#all().flatMap(({ dtls }) => dtls.report ?? []);
  }

  protected iceNow(): IceReport | undefined {
    return worstIce(this.#all().flatMap(({ ice }) => ice?.report ?? []));
  }

  protected inboundNow(): readonly InboundStream[] {
    return inboundStreams(this.#all(), this.session, this.#statistics);
  }

  protected outboundNow(): readonly OutboundStream[] {
    return outboundStreams(this.#all(), this.session, this.#statistics);
  }

  protected roundTripNow(): CallRoundTripReport {
    // The stack's RTCP gives the better figure where it gives one; checks of the path always do.
    const [byChecks] = this.#all().flatMap(({ wire }) => wire.roundTrip() ?? []);
    return {
      ...present("measured", this.#roundTrip.summary()),
      ...present("stack", this.#statistics.roundTrip() ?? byChecks),
    };
  }

  protected totalsNow(): MediaTotals {
    return totalsOf(this.#all(), this.session, this.#statistics, this.#channels);
  }

  protected explainFailure(): void {
    for (const transport of this.#all()) transport.connectionFailed();
    this.fail("unknown");
  }

  protected connectionClosed(): void {
    for (const { dtls } of this.#all()) dtls.connectionClosed();
  }

  protected stopWatching(): void {
    for (const transport of this.#all()) transport.detach();
  }

  protected override drawLine(): void {
    this.hooks.guard(() => {
      this.#pollTransports();
      this.#poller.collect();
    });
  }

  #all(): WatchedTransport[] {
    return [...this.#transports.values()];
  }

  #noteCapabilities(): void {
    const { hooks, options } = this;
    const pc = this.#pc;
    hooks.guard(() => {
      hooks.note("statistics", typeof pc.getStats === "function");
      hooks.note("cheap-statistics", this.#poller.canCollect());
      hooks.note("session-descriptions", "localDescription" in pc && "remoteDescription" in pc);
      hooks.note("packet-sink", options.sink !== undefined);
      hooks.note("extended-reports", false);
    });
  }

  #listen(): void {
    const { hooks } = this;
    const pc = this.#pc;
    const rescan = (): void => {
      this.#scan();
    };
    const hearsState = hooks.subscribe(pc.connectionStateChange, (state) => {
      if (isConnectionState(state)) this.stateChanged(state);
    });
    hooks.note("connection-state", hearsState);
    hooks.subscribe(pc.onTransceiverAdded, rescan);
    hooks.subscribe(pc.onRemoteTransceiverAdded, rescan);
    hooks.subscribe(pc.iceConnectionStateChange, rescan);
    hooks.subscribe(pc.signalingStateChange, (state) => {
      if (state === "closed" && !hearsState) this.end();
      else this.#negotiated();
      this.signalled();
    });
    const hearsChannels = hooks.subscribe(pc.onDataChannel, (channel) => {
      if (typeof channel === "object" && channel !== null) this.#channels.add(channel);
    });
    hooks.note("data-channels", hearsChannels);
  }

  /** Transports come with transceivers and go where they are bundled. */
  #scan(): void {
    const { dtlsTransports, sctpTransport } = this.#pc;
    const found: readonly unknown[] = dtlsTransports ?? [
      ...this.session.transceivers().map(({ dtlsTransport }) => dtlsTransport),
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
    this.session.changed();
    this.#scan();
    for (const { inbound, outbound } of this.#all()) {
      inbound.payloadsChanged();
      outbound.payloadsChanged();
    }
  }

  #pollTransports(): void {
    this.#scan();
    for (const transport of this.#all()) transport.poll();
  }

  #poll(kind: PollKind): (() => void) | Promise<() => void> {
    this.hooks.guard(() => {
      this.#pollTransports();
      // A listener of the host that throws keeps those after it from being called.
      this.stateChanged(this.stateNow());
    });
    const polled = this.#poller.poll(kind);
    return typeof polled === "function" ? this.#taking(polled) : polled.then(this.#taking);
  }

  readonly #taking =
    (take: () => void): (() => void) =>
    () => {
      take();
      this.hooks.guard(() => {
        this.options.onPolled?.();
      });
    };
}
