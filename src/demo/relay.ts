/**
 * A UDP relay between two peers on loopback that makes a bad network of it: loss in bursts, delay and
 * jitter.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** What happens to packets of media; all else passes at once, so that calls come up. */
export interface Impairment {
  /** Of packets lost, from 0 to 1. */
  readonly lossRatio: number;
  /** How many are lost together, on average; 1 or more. */
  readonly meanBurstPackets: number;
  /** One way. */
  readonly delayMs: number;
  /** What is added to it at the most, at random. */
  readonly jitterMs: number;
}

type Side = "a" | "b";

const otherSide = (side: Side): Side => (side === "a" ? "b" : "a");

/** One relay, for one connection. */
export class Relay {
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #peers: Partial<Record<Side, number>> = {};
  readonly #impairment: Impairment;
  readonly #random: () => number;
  /** Whether packets from each side are being lost: two states, as Gilbert's model has them. */
  readonly #isLosing: Record<Side, boolean> = { a: false, b: false };
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosed = false;

  private constructor(a: Socket, b: Socket, impairment: Impairment, random: () => number) {
    this.#sockets = { a, b };
    this.#impairment = impairment;
    this.#random = random;
    for (const side of ["a", "b"] as const) {
      this.#sockets[side].on("message", (bytes, from) => {
        this.#peers[side] = from.port;
        this.#take(side, bytes);
      });
    }
  }

  /** @param random From 0 to 1, as `Math.random` gives it. */
  static async start(impairment: Impairment, random: () => number): Promise<Relay> {
    const [a, b] = [createSocket("udp4"), createSocket("udp4")];
    a.bind(0, "127.0.0.1");
    b.bind(0, "127.0.0.1");
    await Promise.all([once(a, "listening"), once(b, "listening")]);
    return new Relay(a, b, impairment, random);
  }

  /** A description of one side as the other side is to get it: the relay's place for its own. */
  inPlaceOf(side: Side, sdp: string): string {
    const candidates = sdp.match(/a=candidate:[^\r\n]*\r\n/g) ?? [];
    const chosen = candidates.find((line) => / 127\.0\.0\.1 \d+ typ host/.test(line));
    if (chosen === undefined) throw new Error("The description has no candidate on loopback.");
    this.#peers[side] ??= Number(/ 127\.0\.0\.1 (\d+) /.exec(chosen)?.[1]);
    const { port } = this.#sockets[otherSide(side)].address();
    const moved = chosen.replace(/ 127\.0\.0\.1 \d+ /, ` 127.0.0.1 ${port} `);
    let isFirst = true;
    return sdp.replace(/a=candidate:[^\r\n]*\r\n/g, () => {
      const line = isFirst ? moved : "";
      isFirst = false;
      return line;
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#sockets.a.close();
    this.#sockets.b.close();
  }

  #take(side: Side, bytes: Buffer): void {
    const [first = 0] = bytes;
    const isMedia = first >= 128 && first <= 191;
    if (!isMedia) {
      this.#pass(side, bytes);
      return;
    }
    if (this.#isLost(side)) return;
    const { delayMs, jitterMs } = this.#impairment;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#pass(side, bytes);
      },
      delayMs + jitterMs * this.#random(),
    );
    this.#timers.add(timer);
  }

  #isLost(side: Side): boolean {
    const { lossRatio, meanBurstPackets } = this.#impairment;
    const leaves = 1 / meanBurstPackets;
    const enters = (lossRatio * leaves) / (1 - lossRatio);
    const isLosing = this.#isLosing[side];
    this.#isLosing[side] = this.#random() < (isLosing ? 1 - leaves : enters);
    return this.#isLosing[side];
  }

  #pass(side: Side, bytes: Buffer): void {
    const to = otherSide(side);
    const port = this.#peers[to];
    if (port !== undefined && !this.#isClosed) this.#sockets[to].send(bytes, port, "127.0.0.1");
  }
}
