/**
 * SIP over UDP for sip.js, which brings a transport for browsers only.
 *
 * @module
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { TransportState } from "sip.js";
import { StateChanges } from "./state-changes.js";

/** What a {@link UdpTransport} is made with. */
export interface UdpOptions {
  /** Where requests go; responses go where their Via says. */
  remotePort: () => number;
}

/** A transport of sip.js over UDP on loopback (RFC 3261 §18, RFC 3581). */
export class UdpTransport {
  readonly protocol = "UDP";
  readonly stateChange = new StateChanges<TransportState>();
  state = TransportState.Disconnected;
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  readonly #options: UdpOptions;
  #socket: Socket | undefined;

  constructor(_logger: unknown, options: UdpOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#socket?.address().port ?? 0;
  }

  async connect(): Promise<void> {
    const socket = createSocket("udp4");
    socket.on("message", (bytes, from) => this.onMessage?.(stamped(bytes.toString(), from)));
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(0, "127.0.0.1", resolve);
    });
    this.#socket = socket;
    this.state = TransportState.Connected;
    this.stateChange.emit(this.state);
    this.onConnect?.();
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    await new Promise<void>((resolve) => {
      socket.close(resolve);
    });
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
    const port = /^SIP\/2\.0 /.test(message)
      ? Number(/;rport=(\d+)/.exec(message)?.[1])
      : this.#options.remotePort();
    return new Promise((resolve, reject) => {
      socket.send(message, port, "127.0.0.1", (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }
}

/** A request as its receiver's transport hands it on: the topmost Via says where it came from. */
function stamped(text: string, { address, port }: RemoteInfo): string {
  if (text.startsWith("SIP/2.0 ")) return text;
  return text.replace(/;rport(?=[;\r])/, `;rport=${port};received=${address}`);
}
