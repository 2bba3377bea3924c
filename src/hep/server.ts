/**
 * Listens for capture agents, over UDP and TCP, on one port.
 *
 * @module
 */

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

import type { Endpoint } from "../net/endpoint.js";
import { hepLength } from "./codec.js";
import type { HepSource } from "./in.js";

/** Connections at a time; further ones are refused by the system. */
export const MAX_CONNECTIONS = 1024;
/** Datagrams wait in the system while a turn of the event loop takes long. */
export const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
const TICK_MS = 1000;
/** Turns of the event loop without a packet, after which nothing waits in the system. */
const QUIET_TURNS = 3;
const MAX_LAST_TURNS = 1000;

/** Where to listen. */
export interface HepServerOptions {
  /** 0 for any port that is free. */
  readonly port: number;
  /** @default "0.0.0.0", every address of this machine */
  readonly host?: string | undefined;
  /** With a certificate, connections are encrypted; datagrams never are. */
  readonly tls?: TlsOptions | undefined;
}

/** Feeds a source with what agents send. */
export class HepServer {
  readonly #source: HepSource;
  readonly #connections = new Set<Socket>();
  readonly #stream: Server;
  readonly #datagrams: DatagramSocket;
  readonly #tick: NodeJS.Timeout;

  private constructor(source: HepSource, { host, tls }: HepServerOptions) {
    this.#source = source;
    const onConnection = (socket: Socket): void => {
      this.#follow(socket);
    };
    this.#stream =
      tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
    this.#stream.maxConnections = MAX_CONNECTIONS;
    this.#datagrams = createSocket(host?.includes(":") === true ? "udp6" : "udp4");
    this.#datagrams.on("message", (bytes) => {
      source.take(bytes);
    });
    this.#tick = setInterval(() => {
      source.advance();
    }, TICK_MS);
  }

  /**
   * Begins to listen.
   *
   * @throws {Error} Of the system, if the port is taken or not allowed.
   */
  static async listen(source: HepSource, options: HepServerOptions): Promise<HepServer> {
    const server = new HepServer(source, options);
    try {
      await server.#listen(options);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Where it listens. */
  get address(): Endpoint {
    return this.#datagrams.address();
  }

  /** Listens no more, and tells every call as it stands. */
  async close(): Promise<void> {
    clearInterval(this.#tick);
    await this.#takeWhatArrived();
    for (const socket of this.#connections) socket.destroy();
    await Promise.all([
      new Promise((resolve) => this.#stream.close(resolve)),
      new Promise<void>((resolve) => {
        this.#datagrams.close(resolve);
      }),
    ]);
    this.#source.finish();
  }

  /** What the system has received already is read to its end, unless more keeps coming. */
  async #takeWhatArrived(): Promise<void> {
    let quietTurns = 0;
    for (let turn = 0; turn < MAX_LAST_TURNS && quietTurns < QUIET_TURNS; turn += 1) {
      const { packets } = this.#source.counters;
      await nextTurn();
      quietTurns = this.#source.counters.packets === packets ? quietTurns + 1 : 0;
    }
  }

  async #listen({ port, host = "0.0.0.0" }: HepServerOptions): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#stream.once("error", reject);
      this.#stream.listen(port, host, resolve);
    });
    const address = this.#stream.address();
    const taken = typeof address === "object" && address !== null ? address.port : port;
    await new Promise<void>((resolve, reject) => {
      this.#datagrams.once("error", reject);
      this.#datagrams.bind(taken, host, resolve);
    });
    // What goes wrong with one agent's packet must not end the others'.
    this.#stream.on("error", nothingToDo);
    this.#datagrams.on("error", nothingToDo);
    this.#datagrams.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  }

  #follow(socket: Socket): void {
    this.#connections.add(socket);
    socket.on("error", nothingToDo);
    socket.on("close", () => this.#connections.delete(socket));
    let waiting: Buffer = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
      for (;;) {
        const length = hepLength(waiting);
        if (length === "truncated") break;
        if (typeof length === "string") {
          // Where the next packet begins, nobody knows.
          this.#source.refuse(length);
          socket.destroy();
          break;
        }
        if (waiting.length < length) break;
        this.#source.take(waiting.subarray(0, length));
        waiting = waiting.subarray(length);
      }
    });
  }
}

function nothingToDo(): void {
  // The connection closes, or the next datagram comes.
}
