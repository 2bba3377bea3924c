/**
 * One peer connection of a probe: media of the call it is bound to, by the stack that made it, by whoever
 * attached it or by its ICE credentials, or else a call of its own.
 *
 * @module
 */

import { ConnectionMedia, type LiveStreamSurroundings } from "../attach/connection-media.js";
import type { MediaAttachment, MediaAttachOptions } from "../attach/media-attachment.js";
import type { ConnectionCalls, ConnectionEnd, OpenConnection } from "../call/connection-calls.js";
import type {
  ConnectionIdentity,
  ConnectionTraffic,
  MediaEvent,
  MediaSample,
  MediaTotals,
  PeerConnectionState,
  Traffic,
} from "../call/connection.js";
import type { LiveCalls } from "../call/live-calls.js";
import type { CallRtcp } from "../call/observer.js";
import { present } from "../rtcp/present.js";
import type { IceCredentials } from "../attach/ice-credentials.js";
import type { Sinks } from "./sinks.js";

/** After which a connection that failed and was neither mended nor closed is over. */
const FAILED_FOR_GOOD_MS = 30_000;

/** A user agent whose calls may be what a connection is the media of. */
export interface CallSource {
  readonly calls: LiveCalls;
  /** Its calls are told, and none will come any more. */
  readonly isClosed: boolean;
  callIdOf(credentials: IceCredentials): string | undefined;
}

/** What connections are given by their probe. */
export interface ConnectionsContext {
  readonly attach: (pc: object, options: MediaAttachOptions) => MediaAttachment;
  readonly options: Omit<MediaAttachOptions, "onEvent" | "onNegotiated" | "onPolled" | "onRtcp">;
  readonly sources: () => Iterable<CallSource>;
  readonly alone: ConnectionCalls;
  readonly surroundings: LiveStreamSurroundings;
  readonly sinks: Sinks;
  readonly onRtcp: (rtcp: CallRtcp) => void;
}

/** What a host has of an attached connection. */
export interface ConnectionHandle {
  /** In events and traffic. */
  readonly id: string;
  /** Of the call whose media it is; its own id where it is a call of its own. */
  readonly callId: string | undefined;
  readonly capabilities: MediaAttachment["capabilities"];
  /** Everything known now; after the end, as it was then. */
  sample(): MediaSample;
  /** Stops watching. A call that the connection was alone is told as it stands. */
  detach(): void;
}

/** The dialog that a connection is the media of. */
export interface DialogBinding {
  readonly source: CallSource;
  readonly callId: string;
  /** Of the INVITE that made it. */
  readonly fromTag?: string | undefined;
}

/** Who keeps connections. */
export interface ConnectionKeeper {
  /** It was attached for that call, or bound to it. */
  isOf(connection: Connection, callId: string): void;
  /** It will tell nothing any more. */
  isOver(connection: Connection): void;
}

/** One connection. */
export class Connection implements ConnectionHandle {
  readonly #context: ConnectionsContext;
  readonly #attachment: MediaAttachment;
  readonly #media: ConnectionMedia;
  readonly #keeper: ConnectionKeeper;
  readonly #callIds = new Set<string>();
  #namedCallId: string | undefined;
  #boundCallId: string | undefined;
  #source: CallSource | undefined;
  /** The host has attached it, too, and ends that itself. */
  #isHeld: boolean;
  #own: OpenConnection | undefined;
  /** It was watched before any media could flow. */
  readonly #isMediaWhole: boolean;
  #hasFailed = false;
  #isHungUp = false;
  #cancelGivingUp: (() => void) | undefined;
  #isOver = false;
  #counted: Pick<MediaTotals, "wire" | "payload" | "dataChannels" | "unroutedPackets">;

  constructor(
    pc: object,
    {
      callId,
      binding,
    }: { readonly callId?: string | undefined; readonly binding?: DialogBinding | undefined },
    context: ConnectionsContext,
    keeper: ConnectionKeeper,
  ) {
    this.#context = context;
    this.#keeper = keeper;
    this.#namedCallId = callId;
    this.#isHeld = binding === undefined;
    this.#counted = NOTHING;
    const early: MediaEvent[] = [];
    let isReady = false;
    this.#attachment = context.attach(pc, {
      ...context.options,
      onEvent: (event) => {
        // What is known at once is told while the attachment is still being made.
        if (isReady) this.#onEvent(event);
        else early.push(event);
      },
      onNegotiated: () => {
        // A dialog's own messages say what was agreed, and when.
        this.#own?.described(this.#attachment.descriptions(), context.options.clock());
      },
      onPolled: () => {
        if (isReady) this.#tellTraffic();
      },
      onRtcp: (rtcp) => {
        const { callId: ofCall } = this;
        if (ofCall !== undefined) context.onRtcp({ callId: ofCall, ...rtcp });
      },
    });
    const { state } = this.#attachment;
    this.#isMediaWhole = state === "new" || state === "connecting";
    const watchedFromMs = this.#isMediaWhole ? undefined : context.options.clock();
    this.#media = new ConnectionMedia(this.#attachment, context.surroundings, watchedFromMs);
    isReady = true;
    if (callId !== undefined) this.#note(callId);
    // Before it is asked whether it is up: one that is, and is nobody's, is a call of its own.
    if (binding !== undefined) this.bind(binding.source, binding);
    if (callId !== undefined) this.#bindByName(callId);
    // What it carried before anybody looked is nothing that flowed since.
    this.#counted = this.#attachment.totals();
    // It came up before anybody listened: that goes before what it came to on its way.
    const isTold = early.some(({ kind }) => kind === "connection-state");
    if (this.#attachment.state === "connected" && !isTold) {
      this.#onEvent({
        kind: "connection-state",
        state: "connected",
        atMs: context.options.clock(),
      });
    }
    for (const event of early) this.#onEvent(event);
  }

  get id(): string {
    return this.#attachment.id;
  }

  get callId(): string | undefined {
    return this.#boundCallId ?? this.#namedCallId ?? this.#own?.call.callId;
  }

  get capabilities(): MediaAttachment["capabilities"] {
    return this.#attachment.capabilities;
  }

  get state(): PeerConnectionState {
    return this.#attachment.state;
  }

  /** The Call-ID it was attached for, while no call with it is known. */
  get namedCallId(): string | undefined {
    return this.#isBound ? undefined : this.#namedCallId;
  }

  /** Of the calls that it was attached for or bound to. */
  get callIds(): Iterable<string> {
    return this.#callIds;
  }

  /** Whether it is attached for a call of that user agent, and for nobody else. */
  isOnlyOf(source: CallSource, callId = this.#boundCallId): boolean {
    return !this.#isHeld && this.#source === source && this.#boundCallId === callId;
  }

  /** Whether the call that it was bound to has been hung up. */
  get isHungUp(): boolean {
    return this.#isHungUp;
  }

  /** To a call that may still be told. */
  get #isBound(): boolean {
    return this.#boundCallId !== undefined && this.#source?.isClosed === false;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  sample(): MediaSample {
    return this.#attachment.finalSample();
  }

  /** Its call was hung up: whoever has the connection next has it for another. */
  hungUp(): void {
    this.#isHungUp = true;
  }

  /** Its call was told. What never began is nobody's business any more, whether or not it is closed. */
  callTold(): void {
    this.#isHungUp = true;
    if (!this.#hasHistory()) this.detach();
  }

  /** The host attaches it, too. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Says which call it is the media of, where that is not known yet. */
  name(callId: string): void {
    if (this.#isBound) return;
    this.#namedCallId = callId;
    this.#note(callId);
    this.#bindByName(callId);
  }

  /** Makes it the media of a call. The first word counts: it may be a call of its own already. */
  bind(
    source: CallSource,
    key: { readonly callId: string; readonly fromTag?: string | undefined },
  ): void {
    if (this.#isBound || this.#own !== undefined) return;
    this.#boundCallId = key.callId;
    this.#note(key.callId);
    this.#source = source;
    source.calls.bind({ callId: key.callId, fromTag: key.fromTag }, this.#media);
  }

  detach(): void {
    if (this.#isOver) return;
    const atMs = this.#context.options.clock();
    this.#attachment.detach();
    // What is detached may turn out to be closed.
    if (this.isOver) return;
    this.#media.leave(atMs);
    this.#over(atMs, "abandoned");
    this.#context.sinks.onConnection({ kind: "detached", atMs, ...this.#identity });
  }

  get #identity(): ConnectionIdentity {
    return { connectionId: this.id, ...present("callId", this.callId) };
  }

  #note(callId: string): void {
    this.#callIds.add(callId);
    this.#keeper.isOf(this, callId);
  }

  #bindByName(callId: string): void {
    for (const source of this.#context.sources()) {
      if (source.calls.has(callId)) this.bind(source, { callId });
    }
  }

  /** By what the stack sent as this connection's own description. */
  #bindByCredentials(): void {
    const credentials = this.#attachment.iceCredentials();
    if (credentials === undefined || this.#boundCallId !== undefined) return;
    const { ufrag: usernameFragment, pwd: password } = credentials;
    for (const source of this.#context.sources()) {
      const callId = source.callIdOf({ usernameFragment, password });
      if (callId !== undefined) this.bind(source, { callId });
    }
  }

  #onEvent(event: MediaEvent): void {
    const identity = this.#identity;
    switch (event.kind) {
      case "connection-state":
        if (event.state === "connecting") this.#bindByCredentials();
        if (event.state === "connected") this.#connected(event.atMs);
        break;
      case "dtls-outcome":
        // Of stacks without states.
        if (event.report.result === "ok") this.#connected(event.atMs);
        break;
      case "connection-failed":
        this.#failed();
        break;
      case "closed":
        this.#context.sinks.onConnection({ ...event, ...identity });
        this.#over(event.atMs, this.#hasFailed ? "failed" : "closed-here");
        return;
      case "closed-by-peer":
        this.#own?.end(event.atMs, "closed-by-peer");
        break;
      case "ice-outcome":
      case "ice-restart":
        break;
    }
    this.#context.sinks.onConnection({ ...event, ...identity });
  }

  #connected(atMs: number): void {
    this.#hasFailed = false;
    this.#cancelGivingUp?.();
    this.#bindByCredentials();
    if (this.#boundCallId !== undefined) return;
    this.#startOwn(atMs).connected(atMs);
  }

  #failed(): void {
    this.#hasFailed = true;
    this.#cancelGivingUp?.();
    if (this.#boundCallId !== undefined) return;
    this.#cancelGivingUp = this.#context.options.wheel.after(FAILED_FOR_GOOD_MS, () => {
      if (!this.#hasFailed || this.#isOver || this.#boundCallId !== undefined) return;
      const atMs = this.#context.options.clock();
      this.#startOwn(atMs).end(atMs, "failed");
    });
  }

  #startOwn(atMs: number): OpenConnection {
    if (this.#own !== undefined) return this.#own;
    const callId = this.#namedCallId ?? this.id;
    const stated = this.#attachment.descriptions();
    this.#own = this.#context.alone.start(callId, this.#media, stated, atMs, this.#isMediaWhole);
    return this.#own;
  }

  #over(atMs: number, how: ConnectionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelGivingUp?.();
    this.#tellTraffic();
    if (this.#boundCallId === undefined && this.#hasHistory()) {
      this.#startOwn(atMs).end(atMs, how);
    }
    this.#keeper.isOver(this);
  }

  /** Connections that were made and never used are no calls. */
  #hasHistory(): boolean {
    if (this.#own !== undefined || this.#hasFailed) return true;
    return this.#attachment.handshakes().length > 0 || this.#media.ice() !== undefined;
  }

  #tellTraffic(): void {
    if (!this.#context.sinks.takes("onTraffic")) return;
    const now = this.#attachment.totals();
    const last = this.#counted;
    this.#counted = now;
    const traffic: ConnectionTraffic = {
      ...this.#identity,
      atMs: this.#context.options.clock(),
      wire: since(last.wire, now.wire),
      payload: since(last.payload, now.payload),
      dataChannels: since(channelCounts(last), channelCounts(now)),
      unroutedPackets: Math.max(0, now.unroutedPackets - last.unroutedPackets),
    };
    this.#context.sinks.onTraffic(traffic);
  }
}

const NO_TRAFFIC: Traffic = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
const NOTHING = {
  wire: NO_TRAFFIC,
  payload: NO_TRAFFIC,
  dataChannels: {
    opened: 0,
    closed: 0,
    messagesSent: 0,
    messagesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
  },
  unroutedPackets: 0,
};

function channelCounts({
  dataChannels,
}: Pick<MediaTotals, "dataChannels">): ConnectionTraffic["dataChannels"] {
  const { messagesSent, messagesReceived, bytesSent, bytesReceived } = dataChannels;
  return { messagesSent, messagesReceived, bytesSent, bytesReceived };
}

/** A counter that went back began anew: what it shows now has flowed since. */
function since<Counts extends object>(last: Counts, now: Counts): Counts {
  const result: Record<string, number> = {};
  for (const [name, value] of Object.entries(now) as [string, number][]) {
    const before = (last as Record<string, number>)[name] ?? 0;
    result[name] = value >= before ? value - before : value;
  }
  return result as Counts;
}
