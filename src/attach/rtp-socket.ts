/**
 * One attached RTP or RTCP socket: which remote ends it has to do with, and whose call each is of.
 *
 * @module
 */

import type { CallRoundTripReport } from "../call/call-report.js";
import type { Span } from "../call/issues/spans.js";
import type { InboundStream, OutboundStream, Traffic } from "../call/connection.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import { present } from "../rtcp/present.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { MediaAttachment } from "./media-attachment.js";
import { MediaHooks } from "./media-hooks.js";
import type { Way } from "./rtcp-tap.js";
import { MAX_REMOTES, type RemoteEnd, RtpSeat, weakestOf } from "./rtp-seat.js";
import type {
  RtpBinding,
  RtpSocketAttachment,
  RtpSocketCounters,
  RtpSocketOptions,
} from "./rtp-socket-attachment.js";
import { plainAddress, type RtpSocket, RtpSocketTap } from "./rtp-socket-tap.js";

/** Who looks after the sockets of a probe. */
export interface RtpSocketOwner {
  bound(socket: AttachedSocket): void;
  bind(socket: AttachedSocket, binding: RtpBinding): void;
  detached(socket: AttachedSocket): void;
}

const MIN_RTP_BYTES = 12;
const MIN_RTCP_BYTES = 8;

let attachments = 0;

interface Place {
  readonly seat: RtpSeat;
  readonly end: RemoteEnd;
}

/** One attached socket. */
export class AttachedSocket implements RtpSocketAttachment {
  readonly id: string;
  readonly #options: RtpSocketOptions;
  readonly #owner: RtpSocketOwner;
  readonly #hooks: MediaHooks;
  readonly #tap: RtpSocketTap;
  #attachedAtMs = -Infinity;
  #leftAtMs = Infinity;
  /** Of open calls, the newest last; without any call one of nobody's. */
  readonly #seats: RtpSeat[] = [];
  #nobodys: RtpSeat | undefined;
  readonly #places = new Map<string, Place>();
  /** Remote ends of calls that are over. */
  readonly #resting = new Set<string>();
  /** Where the last datagram of each way belonged. */
  readonly #last: { [way in Way]?: Place & { readonly address: string; readonly port: number } } =
    {};
  readonly #traffic = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
  readonly #counters = {
    ignored: 0,
    rtcp: 0,
    encryptedRtcp: 0,
    malformedRtcp: 0,
    refused: 0,
    evictedRemotes: 0,
    betweenCalls: 0,
    sentByName: 0,
    sendFailures: 0,
    errors: 0,
  };

  constructor(socket: RtpSocket, options: RtpSocketOptions, owner: RtpSocketOwner) {
    this.#options = options;
    this.#owner = owner;
    attachments += 1;
    this.id = `rtp-socket-${attachments}`;
    this.#hooks = new MediaHooks(options.onError);
    this.#hooks.guard(() => {
      this.#attachedAtMs = options.clock();
    });
    this.#hooks.note("packet-sink", options.sink !== undefined);
    for (const capability of ["received-rtcp", "sent-rtcp", "extended-reports"] as const) {
      this.#hooks.note(capability, options.decodeRtcp !== undefined);
    }
    const counters = this.#counters;
    this.#tap = new RtpSocketTap(socket, this.#hooks, options.clock, {
      arrived: (bytes, address, port, atMs) => {
        this.#datagram("inbound", bytes, address, port, atMs);
      },
      left: (bytes, address, port, atMs) => {
        this.#datagram("outbound", bytes, address, port, atMs);
      },
      leftByName: () => (counters.sentByName += 1),
      sendFailed: () => (counters.sendFailures += 1),
      failed: () => (counters.errors += 1),
      bound: () => {
        owner.bound(this);
      },
      closed: () => {
        this.#end();
      },
    });
  }

  get local(): Endpoint | undefined {
    return this.#tap.local;
  }

  get capabilities(): MediaAttachment["capabilities"] {
    return this.#hooks.capabilities;
  }

  get faults(): number {
    return this.#hooks.faults;
  }

  get counters(): RtpSocketCounters {
    return { ...this.#counters };
  }

  get traffic(): Traffic {
    return { ...this.#traffic };
  }

  inbound(): readonly InboundStream[] {
    return this.#streams("inbound", (measured, seat) => ({
      ...this.#known(measured, seat, "inbound"),
      unrouted: false,
    }));
  }

  outbound(): readonly OutboundStream[] {
    return this.#streams("outbound", (measured, seat) => ({
      ...this.#known(measured, seat, "outbound"),
      feedback: seat.rtcp.feedback(measured.ssrc),
    }));
  }

  roundTrip(): CallRoundTripReport {
    const [measured] = this.#all().flatMap((seat) => seat.roundTrip() ?? []);
    return present("measured", measured);
  }

  bind(binding: RtpBinding): void {
    if (this.#hooks.isLive) this.#owner.bind(this, binding);
  }

  /** Till it was detached: when it is closed, nothing can come any more. */
  get watched(): Span {
    return { fromMs: this.#attachedAtMs, toMs: this.#leftAtMs };
  }

  detach(): void {
    if (!this.#hooks.isLive) return;
    this.#hooks.guard(() => {
      this.#leftAtMs = this.#options.clock();
    });
    this.#end();
  }

  #end(): void {
    if (!this.#hooks.isLive) return;
    this.#hooks.guard(() => {
      for (const seat of this.#all()) seat.close();
    });
    this.#hooks.detach();
    this.#places.clear();
    this.#forgetLast();
    this.#owner.detached(this);
  }

  /**
   * A place for a call. What came before any call, it takes over; what is left of earlier calls ends.
   * The caller describes it next.
   */
  takeSeat(callId: string): RtpSeat {
    const seat = this.#nobodys ?? this.#newSeat();
    seat.callId = callId;
    this.#nobodys = undefined;
    this.#seats.push(seat);
    this.#resting.clear();
    this.#forgetLast();
    return seat;
  }

  /**
   * Brings remote ends where their descriptions say that they belong. Where two calls expect the same
   * end, it is the later one's from then on: the earlier is over, but for what is yet to be said of it.
   */
  rearrange(seat: RtpSeat): void {
    for (const { seat: holder, end } of this.#places.values()) {
      if (holder === seat || !seat.expects(end.key)) continue;
      if (holder.expects(end.key)) {
        if (this.#seats.indexOf(holder) > this.#seats.indexOf(seat)) continue;
        holder.closeEnd(end);
        this.#places.delete(end.key);
        continue;
      }
      holder.remotes.delete(end.key);
      seat.adopt(end);
      this.#places.set(end.key, { seat, end });
    }
    this.#forgetLast();
  }

  /** The call is over. */
  release(seat: RtpSeat): void {
    const at = this.#seats.indexOf(seat);
    if (at < 0) return;
    this.#seats.splice(at, 1);
    for (const key of seat.remotes.keys()) {
      this.#places.delete(key);
      if (this.#resting.size < MAX_REMOTES) this.#resting.add(key);
    }
    this.#forgetLast();
    this.#hooks.guard(() => {
      seat.close();
    });
  }

  #all(): RtpSeat[] {
    return this.#nobodys === undefined ? [...this.#seats] : [...this.#seats, this.#nobodys];
  }

  #newSeat(): RtpSeat {
    return new RtpSeat({ sink: this.#options.sink, local: (isIpv6) => this.#localEnd(isIpv6) });
  }

  /** A path has two ends of one family; a socket of both families has two of its own. */
  #localEnd(isIpv6: boolean): Endpoint {
    const { address = "", port = 0 } = this.#tap.local ?? {};
    if (address !== "" && address.includes(":") === isIpv6) return { address, port };
    return { address: isIpv6 ? "::" : "0.0.0.0", port };
  }

  #datagram(way: Way, bytes: Uint8Array, address: string, port: number, atMs: number): void {
    const [first = 0, second = 0] = bytes;
    const isRtcp = second >= 192 && second <= 223;
    if (first >> 6 !== 2 || bytes.length < (isRtcp ? MIN_RTCP_BYTES : MIN_RTP_BYTES)) {
      this.#counters.ignored += 1;
      return;
    }
    this.#count(way, bytes.length);
    const place = this.#placeOf(way, address, port);
    if (place === undefined) return;
    const { seat, end } = place;
    end.packets += 1;
    end.lastAtMs = atMs;
    if (isRtcp) this.#rtcp(seat, end, way, bytes, atMs);
    else seat.packet(end, way, bytes, atMs);
  }

  #count(way: Way, bytes: number): void {
    const traffic = this.#traffic;
    if (way === "inbound") {
      traffic.packetsReceived += 1;
      traffic.bytesReceived += bytes;
    } else {
      traffic.packetsSent += 1;
      traffic.bytesSent += bytes;
    }
  }

  #rtcp(seat: RtpSeat, { remote, isIpv6 }: RemoteEnd, way: Way, bytes: Uint8Array, atMs: number) {
    const { decodeRtcp } = this.#options;
    this.#counters.rtcp += 1;
    this.#options.sink?.rtcpSeen();
    if (decodeRtcp === undefined) return;
    const local = this.#localEnd(isIpv6);
    const path =
      way === "inbound"
        ? { source: remote, destination: local }
        : { source: local, destination: remote };
    const { verdict, records } = decodeRtcp(bytes, { atMs, path });
    if (verdict === "encrypted") this.#counters.encryptedRtcp += 1;
    if (verdict === "malformed" || verdict === "not-rtcp") this.#counters.malformedRtcp += 1;
    seat.reports(way, records);
    if (seat.callId !== undefined) {
      this.#options.onRtcp?.({ callId: seat.callId, atMs, path, records });
    }
  }

  #placeOf(way: Way, address: string, port: number): Place | undefined {
    const last = this.#last[way];
    if (last?.port === port && last.address === address) return last;
    const remote = { address: plainAddress(address), port };
    const key = endpointKey(remote);
    const place = this.#places.get(key) ?? this.#newPlace(key, remote);
    if (place !== undefined) this.#last[way] = { ...place, address, port };
    return place;
  }

  #newPlace(key: string, remote: Endpoint): Place | undefined {
    if (this.#resting.has(key)) {
      this.#counters.betweenCalls += 1;
      return undefined;
    }
    if (this.#places.size >= MAX_REMOTES && !this.#makeRoom()) {
      this.#counters.refused += 1;
      return undefined;
    }
    const holder = this.#seats.findLast((one) => one.expects(key)) ?? this.#seats.at(-1);
    const seat = holder ?? (this.#nobodys ??= this.#newSeat());
    const place = { seat, end: seat.open(key, remote) };
    this.#places.set(key, place);
    return place;
  }

  #makeRoom(): boolean {
    const weakest = weakestOf(Array.from(this.#places.values(), ({ end }) => end));
    const place = weakest && this.#places.get(weakest.key);
    if (place === undefined) return false;
    this.#places.delete(place.end.key);
    place.seat.closeEnd(place.end);
    this.#counters.evictedRemotes += 1;
    this.#forgetLast();
    return true;
  }

  #forgetLast(): void {
    delete this.#last.inbound;
    delete this.#last.outbound;
  }

  #streams<Stream>(
    way: Way,
    make: (measured: StreamMeasurement, seat: RtpSeat) => Stream,
  ): Stream[] {
    return this.#all().flatMap((seat) =>
      seat.measurements(way).map((measured) => make(measured, seat)),
    );
  }

  #known(measured: StreamMeasurement, seat: RtpSeat, way: Way) {
    const [main] = measured.payloadTypes;
    const format = main && this.#options.formatOf(main);
    return {
      ssrc: measured.ssrc,
      ...present("payloadType", main?.payloadType),
      ...present("format", format),
      measured,
      ...present("reported", seat.rtcp.view(way, measured.ssrc, format?.clockRateHz)),
    };
  }
}
