/**
 * The probe: attaches to what a media server has, follows its calls, and tells metrics, records and
 * listeners of them. It owns the clock and the timers.
 *
 * @module
 */

import type { MediaAttachOptions } from "./attach/media-attachment.js";
import { PollWheel } from "./attach/poll-wheel.js";
import { attachPeerConnection } from "./attach/peer-connection.js";
import type { RtpBinding, RtpSocketAttachment } from "./attach/rtp-socket-attachment.js";
import type { RtpSocket } from "./attach/rtp-socket-tap.js";
import { RtpSockets } from "./attach/rtp-sockets.js";
import { ConnectionCalls } from "./call/connection-calls.js";
import { Conversations } from "./call/conversations.js";
import { CallMetrics } from "./metrics/call-metrics.js";
import { ConnectionMetrics } from "./metrics/connection-metrics.js";
import { LiveQualityMetrics } from "./metrics/live-quality-metrics.js";
import type { ProbeMetrics } from "./metrics/probe-metrics.js";
import { type MetricsRegistry, register, unregister } from "./metrics/prometheus.js";
import { Recorder } from "./metrics/recorder.js";
import type { LiveEngine } from "./native/live-engine.js";
import { decodeRtcp } from "./native/rtcp-decoder.js";
import { MaskedCalls } from "./privacy/masked-calls.js";
import { Privacy } from "./privacy/privacy.js";
import type { Agents } from "./probe/agents.js";
import { agentsOf } from "./probe/agent-wiring.js";
import { monotonicEpochMs } from "./probe/clock.js";
import type { ConnectionHandle } from "./probe/connection.js";
import { Connections } from "./probe/connections.js";
import { Guard } from "./probe/guarded.js";
import type { AgentHandle, AttachConnectionOptions, AttachDialogOptions } from "./probe/handles.js";
import { Identities } from "./probe/identities.js";
import { Listeners, type ProbeEventName, type ProbeEvents } from "./probe/listeners.js";
import { newEngine, surroundingsOf } from "./probe/live-media.js";
import { OpenCalls } from "./probe/open-calls.js";
import { type ProbeOptions, requireSound } from "./probe/options.js";
import { ProbeLog } from "./probe/probe-log.js";
import { selfMetrics } from "./probe/self-metrics.js";
import { closeOnSignals } from "./probe/signals.js";
import type { SipAgentOptions } from "./probe/sip-agents.js";
import { callIdOf, userAgentOf } from "./probe/sip-sessions.js";
import { type ProbeSink, Sinks } from "./probe/sinks.js";
import { connectionStates, type ProbeCounters, type ProbeSnapshot } from "./probe/snapshot.js";

/** How often timers of calls are looked at. */
const TICK_MS = 1000;
const DEFAULT_INTERVAL_MS = 5000;
const DEFAULT_FULL_POLL_EVERY = 60;

/**
 * Makes a probe. It does nothing until something is attached, and keeps no process alive.
 *
 * @example
 * ```ts
 * const probe = createProbe({ registry });
 * probe.attachUserAgent(userAgent);
 * probe.on("end", (call) => console.log(call.callId, call.quality?.worst?.mosCq));
 * ```
 * @throws {RangeError} If an option is outside its range, or the registry has a metric of a name.
 * @throws {TypeError} If an option is of the wrong type, or there is none of that name.
 */
export function createProbe(options: ProbeOptions = {}): Probe {
  return new Probe(options);
}

/** A probe. Nothing it does throws into what it is attached to. */
export class Probe {
  /** Where the families of the probe are. */
  readonly registry: MetricsRegistry;
  readonly recorder: Recorder;
  readonly #options: ProbeOptions;
  readonly #nowMs: () => number;
  readonly #log: ProbeLog | undefined;
  readonly #guard: Guard;
  readonly #masked: MaskedCalls | undefined;
  readonly #sinks: Sinks;
  readonly #listeners: Listeners;
  readonly #open: OpenCalls;
  readonly #engine: LiveEngine | undefined;
  readonly #identities: Identities;
  readonly #polls: PollWheel;
  readonly #conversations = new Conversations();
  readonly #alone: ConnectionCalls;
  readonly #connections: Connections;
  readonly #rtpSockets: RtpSockets;
  readonly #agents: Agents;
  readonly #self: ProbeMetrics | undefined;
  #tick: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  readonly #onExit = (): void => {
    this.#endAll();
  };

  /** Use {@link createProbe}. */
  constructor(options: ProbeOptions) {
    requireSound(options);
    this.#options = options;
    this.#nowMs = options.clock ?? monotonicEpochMs;
    const privacy = options.privacy && new Privacy(options.privacy);
    this.#log = options.log && new ProbeLog(options.log, this.#nowMs, privacy);
    this.#guard = new Guard(this.#log?.onError(options.onError) ?? options.onError);
    this.#masked = privacy && new MaskedCalls(privacy);
    this.#sinks = new Sinks(this.#guard, this.#masked);
    this.#listeners = new Listeners(this.#guard);
    const { pollIntervalMs = TICK_MS, intervalMs = DEFAULT_INTERVAL_MS } = options;
    const clock = this.#nowMs;
    const fullEvery = options.fullPollEvery ?? DEFAULT_FULL_POLL_EVERY;
    this.#polls = new PollWheel({ clock, periodMs: pollIntervalMs, fullEvery });
    this.#open = new OpenCalls({
      sinks: this.#sinks,
      listeners: this.#listeners,
      wheel: new PollWheel({ clock, periodMs: intervalMs }),
      nowMs: clock,
      masked: this.#masked,
    });
    this.#engine = newEngine(options);
    if (this.#engine === undefined) this.#log?.withoutAddon();
    this.#identities = new Identities(options.stir ?? {}, clock);
    this.#alone = new ConnectionCalls({
      observationPoint: this.#observationPoint,
      conversations: this.#conversations,
      observer: this.#open.observer((call) => this.#alone.reportOf(call, clock())),
    });
    this.#connections = this.#newConnections();
    this.#rtpSockets = new RtpSockets({
      ...surroundingsOf(this.#engine, options),
      sink: this.#engine,
      decodeRtcp: this.#engine && decodeRtcp,
      clock,
      onRtcp: (rtcp) => {
        this.#open.onRtcp(rtcp);
      },
      onError: this.#guard.fault,
    });
    this.#agents = this.#newAgents();
    this.recorder =
      options.recorder ??
      new Recorder(undefined, { ...(this.#log && { onWarning: this.#log.onWarning }) });
    this.registry = this.#register();
    if (options.metrics !== false) {
      this.#sinks.add(new CallMetrics(this.recorder, options.metrics));
      this.#sinks.add(new ConnectionMetrics(this.recorder, options.metrics));
      if (options.metrics?.liveQuality === true) {
        this.#sinks.add(new LiveQualityMetrics(this.recorder));
      }
      this.#self = selfMetrics(this.recorder, clock, () => this.counters());
    }
    for (const sink of options.sinks ?? []) this.#sinks.add(sink);
    this.#log?.follow(this);
  }

  /**
   * Follows every call of a user agent, now and later: of sip.js, JsSIP or drachtio-srf. Media that the
   * stack makes for its sessions is attached by itself.
   *
   * @throws {TypeError} If it is no user agent of a known stack.
   * @throws {Error} If it is attached already, or the probe is closed.
   */
  attachUserAgent(userAgent: object, options: SipAgentOptions = {}): AgentHandle {
    this.#requireOpen();
    return this.#agents.attach(userAgent, options);
  }

  /**
   * Follows one dialog alone: a session of sip.js or JsSIP that has its Call-ID.
   *
   * @throws {TypeError} If the session names no user agent or no Call-ID.
   * @throws {Error} If the probe is closed.
   */
  attachDialog(session: object, options: AttachDialogOptions = {}): AgentHandle {
    this.#requireOpen();
    const userAgent = options.userAgent ?? userAgentOf(session);
    const callId = callIdOf(session);
    const handle = this.#agents.attachDialog(userAgent, callId, options);
    if (options.peerConnection !== undefined) {
      this.attachPeerConnection(options.peerConnection, { callId });
    }
    return handle;
  }

  /**
   * Follows a peer connection: of werift, or of any stack that is as W3C webrtc has it. What it lacks is
   * listed in its capabilities, and costs only that. Attaching again what is attached gives the same handle.
   *
   * @throws {TypeError} If it is no object.
   * @throws {Error} If another probe is attached to it, or this one is closed.
   */
  attachPeerConnection(pc: object, options: AttachConnectionOptions = {}): ConnectionHandle {
    this.#requireOpen();
    this.#start();
    return this.#connections.attach(pc, options.callId);
  }

  /**
   * Follows plain RTP and RTCP on a `node:dgram` socket of the host's. Its calls are found by the
   * endpoints in their session descriptions, one after another, unless `binding` names one.
   *
   * @throws {TypeError} If it is no such socket.
   * @throws {Error} If it is attached already, or the probe is closed.
   */
  attachRtpSocket(socket: RtpSocket, binding?: RtpBinding): RtpSocketAttachment {
    this.#requireOpen();
    return this.#rtpSockets.attach(socket, binding);
  }

  /**
   * Listens; what is returned ends that.
   *
   * @throws {TypeError} If there is no such event, or the listener is no function.
   * @throws {Error} If the probe is closed.
   */
  on<Name extends ProbeEventName>(
    name: Name,
    listener: (...values: ProbeEvents[Name]) => unknown,
  ): () => void {
    this.#requireOpen();
    return this.#listeners.add(name, listener);
  }

  /**
   * Tells a sink of everything from now on; what is returned ends that.
   *
   * @throws {Error} If the probe is closed: nobody would close the sink.
   */
  addSink(sink: ProbeSink): () => void {
    this.#requireOpen();
    return this.#sinks.add(sink);
  }

  /**
   * Says that two calls are the legs of one conversation, by their Call-IDs.
   *
   * @throws {Error} If the probe is closed: the records of its calls are told.
   */
  link(callId: string, otherCallId: string): void {
    this.#requireOpen();
    this.#conversations.link(callId, otherCallId);
  }

  /**
   * How everything stands. Each open call's record is made anew: not for every second. Of a probe that
   * is closed it can still be asked: nothing is open, and the counters are those at its end.
   */
  snapshot(): ProbeSnapshot {
    const calls = [...this.#agents.snapshot(), ...this.#alone.snapshot(this.#nowMs())];
    const connections = connectionStates(this.#connections);
    const masked = this.#masked;
    return {
      calls: masked === undefined ? calls : calls.map((call) => masked.report(call)),
      agents: this.#agents.states(),
      connections:
        masked === undefined ? connections : connections.map((one) => masked.connection(one)),
      rtpSockets: this.#rtpSockets.size,
      counters: this.counters(),
    };
  }

  /** What the probe has counted of itself, also after its end. */
  counters(): ProbeCounters {
    const engine = this.#engine?.counters();
    return {
      openCalls: this.#open.size,
      ...this.#agents.counters(),
      ambiguousEndpoints: this.#rtpSockets.ambiguousEndpoints,
      sinkDrops: this.#sinks.dropped(),
      polls: this.#polls.counters,
      ...(engine !== undefined && { engine }),
      identities: this.#identities.counters,
      // What is attached tells the guard of each of its own.
      faults: this.#guard.faults,
    };
  }

  /**
   * Closes the probe when the process is signalled, and then lets the signal do what it does without a
   * listener.
   *
   * @returns What takes that back.
   */
  closeOnSignal(...signals: readonly NodeJS.Signals[]): () => void {
    return closeOnSignals(signals, () => this.close());
  }

  /** Waits until every sink has done with what it was told. */
  flush(): Promise<void> {
    return this.#sinks.flush();
  }

  /**
   * Detaches from everything, tells open calls as abandoned, takes the families out of the registry and
   * closes the sinks. Further calls wait for the same.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      let settle: (closed: Promise<void>) => void = () => undefined;
      // Before anything is told: who hears that a call is over may close the probe in turn.
      this.#closing = new Promise((resolve) => {
        settle = resolve;
      });
      settle(this.#close());
    }
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#endAll();
    clearInterval(this.#tick);
    this.#tick = undefined;
    process.removeListener("exit", this.#onExit);
    const { registry } = this.#options;
    if (registry !== undefined) unregister(this.recorder, registry);
    this.#self?.close();
    await this.#sinks.close();
    this.#log?.dropped(this.#sinks.dropped());
  }

  #endAll(): void {
    this.#agents.detachAll();
    this.#connections.close();
    this.#rtpSockets.close();
  }

  get #observationPoint(): string {
    return this.#options.observationPoint ?? "live";
  }

  #register(): MetricsRegistry {
    const { registry } = this.#options;
    return registry === undefined ? register(this.recorder) : register(this.recorder, registry);
  }

  #newConnections(): Connections {
    const engine = this.#engine;
    const { clock, wheel } = { clock: this.#nowMs, wheel: this.#polls };
    return new Connections({
      attach: (pc: object, options: MediaAttachOptions) => attachPeerConnection(pc, options),
      options: { sink: engine, wheel, clock, onError: this.#guard.fault },
      sources: () => this.#agents.all,
      alone: this.#alone,
      surroundings: surroundingsOf(engine, this.#options),
      sinks: this.#sinks,
      onRtcp: (rtcp) => {
        this.#open.onRtcp(rtcp);
      },
    });
  }

  #newAgents(): Agents {
    return agentsOf({
      calls: {
        observationPoint: this.#observationPoint,
        identities: this.#identities.queue,
        maxCalls: this.#options.maxCalls,
        t1Ms: this.#options.t1Ms,
        finder: this.#rtpSockets,
        conversations: this.#conversations,
      },
      nowMs: this.#nowMs,
      onError: this.#guard.fault,
      open: this.#open,
      connections: this.#connections,
      log: this.#log,
      onActive: () => {
        this.#start();
      },
    });
  }

  #start(): void {
    if (this.#tick !== undefined || this.#closing !== undefined) return;
    this.#tick = setInterval(() => {
      this.#guard.run(() => {
        this.#agents.advance(this.#nowMs());
        this.#log?.dropped(this.#sinks.dropped());
      });
    }, TICK_MS).unref();
    process.once("exit", this.#onExit);
  }

  #requireOpen(): void {
    if (this.#closing === undefined) return;
    throw new Error("This probe is closed. Make a new one with createProbe().");
  }
}
