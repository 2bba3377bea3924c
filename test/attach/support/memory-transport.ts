import { TransportState } from "sip.js";
import { StateChanges } from "../../../src/demo/state-changes.js";

/** Carries messages between two user agents of one process, each in a turn of its own, in order. */
export class Wire {
  readonly #ends = new Map<string, MemoryTransport>();
  /** What was delivered or lost, in order, as `name> text`. */
  readonly log: string[] = [];
  /** Says that a message is to be lost. */
  drop: (text: string) => boolean = () => false;
  /** Says that a message cannot be sent. */
  refuse: (text: string) => boolean = () => false;
  /** Is asked before a message is delivered; may rewrite it. */
  rewrite: (text: string) => string = (text) => text;
  /** What a user agent threw while it took a message. */
  readonly thrown: string[] = [];

  join(name: string, end: MemoryTransport): void {
    this.#ends.set(name, end);
  }

  leave(name: string): void {
    this.#ends.delete(name);
  }

  send(from: string, to: string, text: string): Promise<void> {
    if (this.refuse(text)) return Promise.reject(new Error("refused"));
    this.log.push(`${from}> ${text}`);
    if (this.drop(text)) return Promise.resolve();
    setImmediate(() => {
      this.deliver(to, this.rewrite(text));
    });
    return Promise.resolve();
  }

  /** Hands a message in at once, from wherever it comes. */
  deliver(to: string, text: string): void {
    try {
      this.#ends.get(to)?.onMessage?.(text);
    } catch (error) {
      this.thrown.push(String(error));
    }
  }
}

/** What a {@link MemoryTransport} is made with. */
export interface MemoryOptions {
  readonly wire: Wire;
  readonly name: string;
  readonly peer: string;
}

/** A transport of sip.js that looks like a WebSocket and is none. */
export class MemoryTransport {
  readonly protocol = "WS";
  readonly stateChange = new StateChanges<TransportState>();
  state = TransportState.Disconnected;
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  readonly #options: MemoryOptions;

  constructor(_logger: unknown, options: MemoryOptions) {
    this.#options = options;
  }

  connect(): Promise<void> {
    this.#options.wire.join(this.#options.name, this);
    this.#enter(TransportState.Connected);
    this.onConnect?.();
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.#close();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  isConnected(): boolean {
    return this.state === TransportState.Connected;
  }

  send(message: string): Promise<void> {
    if (!this.isConnected()) return Promise.reject(new Error("not connected"));
    const { wire, name, peer } = this.#options;
    return wire.send(name, peer, message);
  }

  /** The connection breaks. */
  break(): void {
    this.#close(new Error("broken"));
  }

  #close(error?: Error): void {
    this.#options.wire.leave(this.#options.name);
    if (!this.isConnected()) return;
    this.#enter(TransportState.Disconnected);
    this.onDisconnect?.(error);
  }

  #enter(state: TransportState): void {
    this.state = state;
    this.stateChange.emit(state);
  }
}
