/**
 * A UDP relay on loopback between two peers that loses, doubles and delays what it is told to, and
 * knows what it did.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export type DatagramKind = "stun" | "dtls" | "rtp" | "rtcp" | "other";

/** `ab`: from the peer that knows the relay by {@link UdpRelay.portForA}. */
export type RelayDirection = "ab" | "ba";

export interface Relayed {
  readonly direction: RelayDirection;
  readonly kind: DatagramKind;
  readonly bytes: Buffer;
  /** Of this kind in this direction, from 0. */
  readonly index: number;
}

/** How often to pass a datagram on: 0 loses it, 2 doubles it. */
export type Fate = (datagram: Relayed) => number;

export function kindOf(bytes: Buffer): DatagramKind {
  const [first = 0, second = 0] = bytes;
  if (first < 4) return "stun";
  if (first >= 20 && first <= 63) return "dtls";
  if (first < 128 || first > 191) return "other";
  return second >= 192 && second <= 223 ? "rtcp" : "rtp";
}

interface Tally {
  packets: number;
  bytes: number;
}

export class UdpRelay {
  fate: Fate = () => 1;
  delayMs = { ab: 0, ba: 0 };
  /** Told of all that comes, before its fate. */
  tap: ((datagram: Relayed) => void) | undefined;
  readonly passed = new Map<string, Tally>();
  readonly #came = new Map<string, number>();
  readonly #sockets: Readonly<Record<"a" | "b", Socket>>;
  readonly #peers: { a?: AddressInfo; b?: AddressInfo } = {};
  #isClosed = false;

  private constructor(a: Socket, b: Socket) {
    this.#sockets = { a, b };
    a.on("message", (bytes, from) => {
      this.#peers.a = from;
      this.#take("ab", bytes);
    });
    b.on("message", (bytes, from) => {
      this.#peers.b = from;
      this.#take("ba", bytes);
    });
  }

  static async start(): Promise<UdpRelay> {
    const [a, b] = [createSocket("udp4"), createSocket("udp4")];
    a.bind(0, "127.0.0.1");
    b.bind(0, "127.0.0.1");
    await Promise.all([once(a, "listening"), once(b, "listening")]);
    return new UdpRelay(a, b);
  }

  /** Where A sends to. */
  get portForA(): number {
    return this.#sockets.a.address().port;
  }

  get portForB(): number {
    return this.#sockets.b.address().port;
  }

  /** Where a peer can be reached before it has sent anything. */
  expect(peer: "a" | "b", port: number): void {
    this.#peers[peer] ??= { address: "127.0.0.1", port, family: "IPv4" };
  }

  count(direction: RelayDirection, kind: DatagramKind): Tally {
    return this.passed.get(`${direction} ${kind}`) ?? { packets: 0, bytes: 0 };
  }

  /** Sends something of our own in place of the peer behind it. */
  inject(direction: RelayDirection, bytes: Uint8Array): void {
    const to = direction === "ab" ? this.#peers.b : this.#peers.a;
    if (to === undefined || this.#isClosed) return;
    this.#sockets[direction === "ab" ? "b" : "a"].send(bytes, to.port, to.address);
  }

  close(): void {
    this.#isClosed = true;
    this.#sockets.a.close();
    this.#sockets.b.close();
  }

  #take(direction: RelayDirection, bytes: Buffer): void {
    const kind = kindOf(bytes);
    const key = `${direction} ${kind}`;
    const index = this.#came.get(key) ?? 0;
    this.#came.set(key, index + 1);
    const datagram = { direction, kind, bytes, index };
    this.tap?.(datagram);
    const times = this.fate(datagram);
    for (let copy = 0; copy < times; copy += 1) this.#pass(datagram, key);
  }

  #pass({ direction, bytes }: Relayed, key: string): void {
    const tally = this.passed.get(key) ?? { packets: 0, bytes: 0 };
    tally.packets += 1;
    tally.bytes += bytes.length;
    this.passed.set(key, tally);
    const delayMs = this.delayMs[direction];
    if (delayMs === 0) this.inject(direction, bytes);
    else {
      setTimeout(() => {
        this.inject(direction, bytes);
      }, delayMs);
    }
  }
}

/** Puts the relay in the place of all candidates of a description. */
export function throughRelay(sdp: string, port: number): { sdp: string; realPort: number } {
  const lines = sdp.match(/a=candidate:[^\r\n]*\r\n/g) ?? [];
  const chosen = lines.find((line) => / 127\.0\.0\.1 \d+ typ host/.test(line));
  if (chosen === undefined) throw new Error("no candidate on loopback");
  const realPort = Number(/ 127\.0\.0\.1 (\d+) /.exec(chosen)?.[1]);
  const relayed = chosen.replace(/ 127\.0\.0\.1 \d+ /, ` 127.0.0.1 ${port} `);
  let isFirst = true;
  const rewritten = sdp.replace(/a=candidate:[^\r\n]*\r\n/g, () => {
    const line = isFirst ? relayed : "";
    isFirst = false;
    return line;
  });
  return { sdp: rewritten, realPort };
}
