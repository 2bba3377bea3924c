/**
 * The hooks on one `node:dgram` socket: what arrives, what is sent, and what becomes of the socket.
 * Both functions are replaced on the socket itself, so that no listener shows and none is lost when
 * the host removes its own.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import { canonicalAddress } from "../sdp/ip-address.js";
import { type Departure, departureOf } from "./datagram-send.js";
import type { MediaHooks } from "./media-hooks.js";
import { replaceFunction } from "./wire-tap.js";

/** What is used of a `node:dgram` socket. */
export interface RtpSocket {
  address(): { readonly address: string; readonly port: number };
  remoteAddress(): { readonly address: string; readonly port: number };
  send(...values: never[]): unknown;
  emit(...values: never[]): unknown;
}

/** Who is told what the socket does. */
export interface SocketListener {
  arrived(bytes: Uint8Array, address: string, port: number, atMs: number): void;
  /** It was handed to the system, which may still refuse it. */
  left(bytes: Uint8Array, address: string, port: number, atMs: number): void;
  /** It was sent to a host by its name. */
  leftByName(bytes: Uint8Array): void;
  sendFailed(): void;
  failed(): void;
  /** It has its own address now. */
  bound(): void;
  closed(): void;
}

const LOOPBACK = { ipv4: "127.0.0.1", ipv6: "::1" };

/** The hooks of one socket. */
export class RtpSocketTap {
  readonly #socket: RtpSocket;
  readonly #hooks: MediaHooks;
  readonly #clock: () => number;
  readonly #listener: SocketListener;
  #local: Endpoint | undefined;
  /** Where a connected socket sends to; looked up when it is needed. */
  #peer: { readonly address: string; readonly port: number } | undefined;

  constructor(socket: RtpSocket, hooks: MediaHooks, clock: () => number, listener: SocketListener) {
    this.#socket = socket;
    this.#hooks = hooks;
    this.#clock = clock;
    this.#listener = listener;
    this.#local = this.#address(() => socket.address());
    const seesArrivals = hooks.watchCalls(socket, "emit", {
      before: (values) => {
        this.#emitted(values);
      },
    });
    hooks.note("inbound-packets", seesArrivals);
    hooks.note("sent-packets", this.#tapSend());
  }

  /** The socket's own end; `undefined` before it is bound. */
  get local(): Endpoint | undefined {
    return this.#local;
  }

  #emitted([event, ...values]: readonly unknown[]): void {
    switch (event) {
      case "message":
        this.#arrived(values[0], values[1]);
        break;
      case "listening":
        this.#local = this.#address(() => this.#socket.address());
        if (this.#local !== undefined) this.#listener.bound();
        break;
      case "connect":
        this.#peer = undefined;
        break;
      case "error":
        this.#listener.failed();
        break;
      case "close":
        this.#listener.closed();
        break;
    }
  }

  #arrived(bytes: unknown, from: unknown): void {
    if (!(bytes instanceof Uint8Array) || typeof from !== "object" || from === null) return;
    const { address, port } = from as { address?: unknown; port?: unknown };
    if (typeof address !== "string" || typeof port !== "number") return;
    this.#listener.arrived(bytes, address, port, this.#clock());
  }

  #tapSend(): boolean {
    let undo: (() => void) | undefined;
    this.#hooks.guard(() => {
      undo = replaceFunction(this.#socket, "send", (send) => (self, values) => {
        const sent = this.#beforeSend(values);
        const passedOn = sent === undefined ? values : this.#withWatchedCallback(values, sent);
        let result: unknown;
        try {
          result = send(self, passedOn);
        } catch (error) {
          this.#hooks.guard(() => {
            this.#listener.sendFailed();
          });
          throw error;
        }
        if (sent !== undefined) this.#afterSend(sent);
        return result;
      });
    });
    if (undo === undefined) return false;
    this.#hooks.onDetach(undo);
    return true;
  }

  /** What an unbound socket is to send it keeps, and calls `send` again once it is bound. */
  #beforeSend(values: readonly unknown[]): Sent | undefined {
    let sent: Sent | undefined;
    this.#hooks.guard(() => {
      if (this.#local === undefined) return;
      const departure = departureOf(values);
      if (departure !== undefined) sent = { ...departure, atMs: this.#clock() };
    });
    return sent;
  }

  #afterSend({ bytes, port, address, atMs }: Sent): void {
    this.#hooks.guard(() => {
      if (port !== undefined) {
        const to = address ?? (this.#local?.address.includes(":") ? LOOPBACK.ipv6 : LOOPBACK.ipv4);
        if (canonicalAddress(to) === undefined) this.#listener.leftByName(bytes);
        else this.#listener.left(bytes, to, port, atMs);
        return;
      }
      this.#peer ??= this.#address(() => this.#socket.remoteAddress());
      if (this.#peer !== undefined) {
        this.#listener.left(bytes, this.#peer.address, this.#peer.port, atMs);
      }
    });
  }

  #withWatchedCallback(values: readonly unknown[], { callbackAt }: Departure): unknown[] {
    if (callbackAt === undefined) return [...values];
    const callback = values[callbackAt] as (...results: unknown[]) => unknown;
    const told = (error: unknown): void => {
      this.#hooks.guard(() => {
        if (error instanceof Error) this.#listener.sendFailed();
      });
    };
    const watched = function (this: unknown, ...results: unknown[]): unknown {
      told(results[0]);
      return Reflect.apply(callback, this, results);
    };
    return values.map((value, at) => (at === callbackAt ? watched : value));
  }

  /** A socket without an address throws when it is asked for one. */
  #address(ask: () => { readonly address: string; readonly port: number }): Endpoint | undefined {
    try {
      const { address, port } = ask();
      return { address: plainAddress(address), port };
    } catch {
      return undefined;
    }
  }
}

interface Sent extends Departure {
  readonly atMs: number;
}

/** An address as the wire has it: without zone, IPv4 as such. */
export function plainAddress(address: string): string {
  const canonical = canonicalAddress(address) ?? address;
  return canonical.startsWith("::ffff:") && canonical.includes(".")
    ? canonical.slice("::ffff:".length)
    : canonical;
}
