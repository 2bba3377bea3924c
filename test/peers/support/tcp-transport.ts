/**
 * SIP over TCP for sip.js on Node (RFC 3261 §18.3): what it brings is for browsers.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { TransportState } from "sip.js";

import { StateChanges } from "../../../src/demo/state-changes.js";

/** What a {@link TcpTransport} is made with. */
export interface TcpOptions {
  readonly port: number;
}

/** One connection to a proxy on loopback, over which everything goes. */
export class TcpTransport {
  readonly protocol = "TCP";
  readonly stateChange = new StateChanges<TransportState>();
  state = TransportState.Disconnected;
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  readonly #port: number;
  #socket: Socket | undefined;
  #text = "";

  constructor(_logger: unknown, { port }: TcpOptions) {
    this.#port = port;
  }

  async connect(): Promise<void> {
    const socket = connect(this.#port, "127.0.0.1");
    await once(socket, "connect");
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.#take(bytes.toString("latin1"));
    });
    this.state = TransportState.Connected;
    this.stateChange.emit(this.state);
    this.onConnect?.();
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.destroy();
    await once(socket, "close");
    this.state = TransportState.Disconnected;
    this.stateChange.emit(this.state);
    this.onDisconnect?.();
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  isConnected(): boolean {
    return this.#socket !== undefined;
  }

  send(message: string): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return Promise.reject(new Error("not connected"));
    return new Promise((resolve, reject) => {
      socket.write(message, (error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  }

  #take(text: string): void {
    this.#text += text;
    for (;;) {
      this.#text = this.#text.replace(/^(?:\r\n)+/, "");
      const end = this.#text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/^(?:content-length|l)\s*:\s*(\d+)/im.exec(this.#text)?.[1] ?? 0);
      const whole = end + 4 + length;
      if (this.#text.length < whole) return;
      const message = this.#text.slice(0, whole);
      this.#text = this.#text.slice(whole);
      this.onMessage?.(message);
    }
  }
}
