/**
 * The RTP sockets of a media server, and the calls whose descriptions name them. One socket may serve
 * call after call, and one call have several sockets.
 *
 * @module
 */

import type { CallDescription, LiveMedia, MediaFinder, MediaKey } from "../call/live-media.js";
import type { Endpoint } from "../net/endpoint.js";
import { isUnspecified } from "../sdp/ip-address.js";
import { RtpCall } from "./rtp-call.js";
import { AttachedSocket } from "./rtp-socket.js";
import type { RtpBinding, RtpSocketAttachment, RtpSocketOptions } from "./rtp-socket-attachment.js";
import type { RtpSocket } from "./rtp-socket-tap.js";

/** Bindings to calls that have not been described yet; the oldest goes first. */
export const MAX_EARLY_RTP_BINDINGS = 4096;

interface Known {
  readonly owner: object;
  readonly key: MediaKey;
  readonly call: RtpCall;
  /** Brings the media to the call's record; once. */
  bind: ((media: LiveMedia) => void) | undefined;
  ports: ReadonlySet<number>;
}

interface Early {
  readonly socket: AttachedSocket;
  readonly binding: RtpBinding;
}

/** Attaches to sockets, and finds the calls that are theirs. */
export class RtpSockets implements MediaFinder {
  readonly #options: RtpSocketOptions;
  readonly #attached = new WeakSet<object>();
  readonly #sockets = new Map<AttachedSocket, object>();
  readonly #byPort = new Map<number, Set<AttachedSocket>>();
  /** As many as there are open calls. */
  readonly #calls = new Map<string, Set<Known>>();
  readonly #callsByPort = new Map<number, Set<Known>>();
  readonly #early: Early[] = [];
  #ambiguous = 0;

  constructor(options: RtpSocketOptions) {
    this.#options = options;
  }

  /** Endpoints of descriptions that fit several sockets equally well, and went to none. */
  get ambiguousEndpoints(): number {
    return this.#ambiguous;
  }

  /** Sockets that are attached. */
  get size(): number {
    return this.#sockets.size;
  }

  /**
   * Watches a `node:dgram` socket until it is closed or the attachment detached. Its calls are found
   * by the endpoints in their descriptions, unless `binding` names one.
   *
   * @throws {TypeError} If it is no such socket.
   * @throws {Error} If it is attached already.
   */
  attach(socket: RtpSocket, binding?: RtpBinding): RtpSocketAttachment {
    requireSocket(socket);
    if (this.#attached.has(socket)) {
      throw new Error(
        "This socket is attached already. Call bind() on what the first attach returned to bring it " +
          "to a further call, or detach() first.",
      );
    }
    this.#attached.add(socket);
    const attached = new AttachedSocket(socket, this.#options, {
      bound: (one) => {
        this.#bound(one);
      },
      bind: (one, to) => {
        this.#bind(one, to);
      },
      detached: (one) => {
        this.#detached(one);
      },
    });
    this.#sockets.set(attached, socket);
    if (binding !== undefined) this.#bind(attached, binding);
    if (attached.local !== undefined) this.#bound(attached);
    return attached;
  }

  described(description: CallDescription, bind: (media: LiveMedia) => void): void {
    const { owner, key, by, session } = description;
    const known = this.#known(owner, key) ?? this.#newCall(owner, key, bind);
    known.call.describe(by, session);
    if (by !== "local") return;
    this.#index(known);
    for (const endpoint of known.call.localEndpoints) this.#meet(known, endpoint);
    for (const early of this.#early.filter(({ binding }) => isOf(key, binding))) {
      this.#early.splice(this.#early.indexOf(early), 1);
      this.#join(known, early.socket, early.binding);
    }
  }

  ended(owner: object, key: MediaKey): void {
    const known = this.#known(owner, key);
    if (known === undefined) return;
    known.call.release();
    const calls = this.#calls.get(key.callId);
    calls?.delete(known);
    if (calls?.size === 0) this.#calls.delete(key.callId);
    this.#unindex(known);
  }

  /** Detaches from all sockets. */
  close(): void {
    for (const attached of [...this.#sockets.keys()]) attached.detach();
  }

  #known(owner: object, { callId, fromTag }: MediaKey): Known | undefined {
    for (const known of this.#calls.get(callId) ?? []) {
      if (known.owner === owner && known.key.fromTag === fromTag) return known;
    }
    return undefined;
  }

  #newCall(owner: object, key: MediaKey, bind: (media: LiveMedia) => void): Known {
    const call = new RtpCall(key.callId, this.#options);
    const known: Known = { owner, key, bind, call, ports: new Set() };
    const calls = this.#calls.get(key.callId) ?? new Set();
    this.#calls.set(key.callId, calls.add(known));
    return known;
  }

  #index(known: Known): void {
    this.#unindex(known);
    known.ports = new Set(known.call.localEndpoints.map(({ port }) => port));
    for (const port of known.ports) {
      this.#callsByPort.set(port, (this.#callsByPort.get(port) ?? new Set()).add(known));
    }
  }

  #unindex(known: Known): void {
    for (const port of known.ports) {
      const calls = this.#callsByPort.get(port);
      calls?.delete(known);
      if (calls?.size === 0) this.#callsByPort.delete(port);
    }
  }

  /** The socket has its port; a description may have named it before it was attached. */
  #bound(attached: AttachedSocket): void {
    const { port } = attached.local ?? { port: 0 };
    this.#byPort.set(port, (this.#byPort.get(port) ?? new Set()).add(attached));
    for (const known of this.#callsByPort.get(port) ?? []) {
      for (const endpoint of known.call.localEndpoints) {
        if (endpoint.port === port) this.#meet(known, endpoint);
      }
    }
  }

  #meet(known: Known, endpoint: Endpoint): void {
    const fitting = [...(this.#byPort.get(endpoint.port) ?? [])];
    const of = (fit: ReturnType<typeof fitOf>): AttachedSocket[] =>
      fitting.filter(({ local }) => local && fitOf(local, endpoint) === fit);
    // A server behind a NAT describes an address that none of its sockets has.
    const best = [of("exact"), of("any"), of("port")].find(({ length }) => length > 0) ?? [];
    const [socket] = best;
    if (socket === undefined) return;
    if (best.length > 1) this.#ambiguous += 1;
    else this.#join(known, socket, undefined);
  }

  #bind(attached: AttachedSocket, binding: RtpBinding): void {
    const found = [...(this.#calls.get(binding.callId) ?? [])].findLast(({ key }) =>
      isOf(key, binding),
    );
    if (found !== undefined) {
      this.#join(found, attached, binding);
      return;
    }
    this.#early.push({ socket: attached, binding });
    if (this.#early.length > MAX_EARLY_RTP_BINDINGS) this.#early.shift();
  }

  #join(known: Known, socket: AttachedSocket, binding: RtpBinding | undefined): void {
    known.call.join(socket, binding);
    const { bind } = known;
    known.bind = undefined;
    bind?.(known.call);
  }

  #detached(attached: AttachedSocket): void {
    const socket = this.#sockets.get(attached);
    if (socket !== undefined) this.#attached.delete(socket);
    this.#sockets.delete(attached);
    const { port } = attached.local ?? { port: 0 };
    const sockets = this.#byPort.get(port);
    sockets?.delete(attached);
    if (sockets?.size === 0) this.#byPort.delete(port);
    const early = this.#early.filter((one) => one.socket !== attached);
    this.#early.splice(0, Infinity, ...early);
  }
}

function isOf(key: MediaKey, { callId, fromTag }: RtpBinding): boolean {
  return key.callId === callId && (fromTag === undefined || key.fromTag === fromTag);
}

function requireSocket(socket: unknown): void {
  if (typeof socket !== "object" || socket === null) {
    const found = socket === null ? "null" : typeof socket;
    throw new TypeError(`the socket is ${found}; it must be a node:dgram socket`);
  }
  for (const name of ["send", "emit", "address"]) {
    if (typeof Reflect.get(socket, name) === "function") continue;
    throw new TypeError(`the socket has no function ${name}(); it must be a node:dgram socket`);
  }
}

/** Whether the socket has the endpoint: exactly, on any address, or by the port alone. */
function fitOf(local: Endpoint, endpoint: Endpoint): "exact" | "any" | "port" | undefined {
  if (local.port !== endpoint.port) return undefined;
  if (local.address === endpoint.address) return "exact";
  return isUnspecified(local.address) ? "any" : "port";
}
