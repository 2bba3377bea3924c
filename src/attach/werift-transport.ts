/**
 * One DTLS transport of a peer connection, with the ICE transport below it: its hooks, and what is
 * known through them.
 *
 * @module
 */

import { srtpProfileName } from "../dtls/names.js";
import { present } from "../rtcp/present.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { TransportListener } from "./connection-attachment.js";
import type { MediaHooks } from "./media-hooks.js";
import type { PacketSink, TappedRtcp } from "./media-attachment.js";
import { RtcpTap } from "./rtcp-tap.js";
import { DtlsWatch, type HandshakeFacts } from "./werift-dtls.js";
import { IceWatch } from "./werift-ice.js";
import { DatagramTap } from "./werift-datagrams.js";
import { PathWatch } from "./werift-path.js";
import type { WeriftConnection, WeriftDtlsTransport } from "./werift-ports.js";
import { recordsOf } from "./werift-rtcp-records.js";
import type { SessionReader } from "./werift-session.js";
import { WireWatch } from "./werift-wire.js";

/** What a transport is given by its connection. */
export interface TransportContext extends TransportListener {
  readonly hooks: MediaHooks;
  readonly session: SessionReader;
  readonly sink: PacketSink | undefined;
  readonly onRoundTrip: (seconds: number) => void;
  readonly onRtcp: (rtcp: TappedRtcp) => void;
}

/** One transport. */
export class WatchedTransport {
  readonly transport: WeriftDtlsTransport;
  readonly dtls: DtlsWatch;
  readonly ice: IceWatch | undefined;
  readonly inbound: DatagramTap;
  readonly outbound: DatagramTap;
  readonly rtcp: RtcpTap;
  readonly wire: WireWatch;
  readonly #context: TransportContext;
  readonly #path: PathWatch;
  #rtcpSendFailures = 0;

  constructor(transport: WeriftDtlsTransport, context: TransportContext) {
    this.transport = transport;
    this.#context = context;
    const { session, sink, clock, after } = context;
    this.#path = new PathWatch(transport.iceTransport?.connection);
    this.rtcp = new RtcpTap(context.onRoundTrip);
    this.dtls = new DtlsWatch({
      facts: () => factsOf(transport, session),
      clock,
      after,
      timeoutMs: context.dtlsTimeoutMs,
      onOutcome: context.onDtls,
      onClosedByPeer: context.onClosedByPeer,
    });
    this.inbound = new DatagramTap({
      sink,
      payloads: () => session.payloads(transport, "local"),
      onDtls: (datagram, path, atMs) => {
        this.dtls.datagram(datagram, path, atMs);
      },
    });
    this.outbound = new DatagramTap({
      sink,
      payloads: () => session.payloads(transport, "remote"),
    });
    this.ice = this.#watchIce();
    const isTapped = this.#tapInbound();
    this.wire = new WireWatch(transport, isTapped ? this.inbound : undefined);
    this.#tapOutbound();
    this.#tapRtcp();
    this.#watchDtls();
  }

  /** Takes up what it may have come to already. Whoever is told may ask for this transport. */
  start(): void {
    const { hooks } = this.#context;
    const { transport } = this;
    hooks.guard(() => {
      if (transport.iceTransport?.onStateChange !== undefined) this.ice?.attached();
    });
    hooks.guard(() => {
      if (transport.onStateChange !== undefined) this.dtls.attached();
    });
  }

  /** RTCP that the stack failed to send. */
  get rtcpSendFailures(): number {
    return this.#rtcpSendFailures;
  }

  /** What was measured of the streams of one way, as far as the sink can tell. */
  measurements(way: "inbound" | "outbound"): readonly StreamMeasurement[] {
    let measurements: readonly StreamMeasurement[] = [];
    this.#context.hooks.guard(() => {
      measurements = this[way].measurements();
    });
    return measurements;
  }

  /** Looks for what no event tells. */
  poll(): void {
    this.ice?.poll();
    this.wire.poll();
  }

  /** The whole connection failed. Which transport failed may not have been told yet. */
  connectionFailed(): void {
    const { state } = this.transport.iceTransport ?? {};
    if (state === "failed") this.ice?.stateChanged(state);
    this.dtls.connectionFailed();
  }

  detach(): void {
    this.dtls.detach();
    this.ice?.detach();
    this.#context.hooks.guard(() => {
      this.inbound.close();
      this.outbound.close();
    });
  }

  #watchIce(): IceWatch | undefined {
    const { hooks, clock, after, iceTimeoutMs, onIce, onRestart } = this.#context;
    const { iceTransport } = this.transport;
    if (iceTransport === undefined) {
      hooks.note("ice-outcome", false);
      return undefined;
    }
    const ice = new IceWatch({
      transport: iceTransport,
      clock,
      after,
      timeoutMs: iceTimeoutMs,
      onOutcome: onIce,
      onRestart,
    });
    const isThere = hooks.subscribe(iceTransport.onStateChange, (state) => {
      if (typeof state === "string") ice.stateChanged(state);
    });
    hooks.note("ice-outcome", isThere);
    return ice;
  }

  #watchDtls(): void {
    const { hooks } = this.#context;
    const isThere = hooks.subscribe(this.transport.onStateChange, (state) => {
      if (typeof state === "string") this.dtls.stateChanged(state);
    });
    hooks.note("dtls-outcome", isThere);
  }

  #tapInbound(): boolean {
    const { hooks, clock } = this.#context;
    const connection = this.transport.iceTransport?.connection;
    const isThere = hooks.subscribe(connection?.onData, (datagram) => {
      const { inbound, headerBytes } = this.#path.current;
      this.inbound.datagram(datagram, inbound, headerBytes, clock());
    });
    hooks.note("inbound-packets", isThere);
    hooks.note("selected-pair", connection !== undefined && "candidatePairs" in connection);
    return isThere;
  }

  /** Of what the stack drops there, for want of a pair or of consent (RFC 7675), nothing has left. */
  #tapOutbound(): void {
    const { hooks, clock } = this.#context;
    const connection = this.transport.iceTransport?.connection;
    const isThere =
      connection !== undefined &&
      hooks.watchCalls(connection, "send", {
        before: ([datagram]) => {
          if (!(datagram instanceof Uint8Array) || !maySend(connection)) return;
          const { outbound, headerBytes } = this.#path.current;
          this.outbound.datagram(datagram, outbound, headerBytes, clock());
        },
      });
    hooks.note("sent-packets", isThere);
  }

  #tapRtcp(): void {
    const { hooks, clock } = this.#context;
    const { transport } = this;
    const hearsRtcp = hooks.subscribe(transport.onRtcp, (packet) => {
      const expectedSeconds = transport.iceTransport?.connection?.nominated?.rtt;
      const origin = { atMs: clock(), path: this.#path.current.inbound };
      const records = recordsOf(packet, origin);
      this.rtcp.received(records, expectedSeconds);
      this.#context.onRtcp({ ...origin, records });
    });
    hooks.note("received-rtcp", hearsRtcp);
    const seesRtcp = hooks.watchCalls(transport, "sendRtcp", {
      before: ([packets]) => {
        if (!Array.isArray(packets)) return;
        const origin = { atMs: clock(), path: this.#path.current.outbound };
        const records = packets.flatMap((packet) => recordsOf(packet, origin));
        this.rtcp.sent(records);
        this.#context.onRtcp({ ...origin, records });
      },
      after: (result) => {
        if (!(result instanceof Promise)) return;
        result.then(undefined, () => {
          this.#rtcpSendFailures += 1;
        });
      },
    });
    hooks.note("sent-rtcp", seesRtcp);
  }
}

function maySend(connection: WeriftConnection): boolean {
  if (connection.nominated === undefined) return false;
  return connection.canSendApplicationData?.() ?? true;
}

function factsOf(transport: WeriftDtlsTransport, session: SessionReader): HandshakeFacts {
  const { state, role, iceTransport, dtls } = transport;
  const { major, minor } = dtls?.dtls?.version ?? {};
  const srtpProfile = dtls?.srtp?.srtpProfile;
  return {
    state,
    iceState: iceTransport?.state,
    role: role === "client" || role === "server" ? role : undefined,
    hasFinished: dtls?.connected === true,
    remoteCertificate: dtls?.remoteCertificate,
    remoteFingerprints: session.remoteFingerprints(),
    ...present("version", versionOf(major, minor)),
    ...present("cipher", dtls?.cipher?.cipher?.name),
    ...(srtpProfile !== undefined && { srtpProfile: srtpProfileName(srtpProfile) }),
  };
}

/** Versions of DTLS are the ones' complement of their numbers (RFC 6347 §4.1). */
function versionOf(major: number | undefined, minor: number | undefined): string | undefined {
  if (major !== 0xfe) return undefined;
  if (minor === 0xfd) return "1.2";
  return minor === 0xff ? "1.0" : undefined;
}
