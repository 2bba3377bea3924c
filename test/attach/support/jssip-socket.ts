/** Sockets of JsSIP that are joined in memory, each message in a turn of its own. */
export class JsSipExchange {
  readonly #sockets = new Map<string, JsSipSocket>();
  readonly log: string[] = [];

  join(name: string, socket: JsSipSocket): void {
    this.#sockets.set(name, socket);
  }

  leave(name: string): void {
    this.#sockets.delete(name);
  }

  pass(from: string, to: string, text: string): void {
    this.log.push(`${from}> ${text}`);
    setImmediate(() => {
      this.#sockets.get(to)?.ondata(text);
    });
  }
}

/** What JsSIP calls a socket. */
export class JsSipSocket {
  readonly via_transport = "WS";
  readonly url: string;
  readonly sip_uri: string;
  readonly #exchange: JsSipExchange;
  readonly #name: string;
  readonly #peer: string;
  #isConnected = false;

  constructor(exchange: JsSipExchange, name: string, peer: string) {
    this.#exchange = exchange;
    this.#name = name;
    this.#peer = peer;
    this.url = "ws://198.51.100.7:8080/sip";
    this.sip_uri = `sip:${name}.invalid;transport=ws`;
  }

  connect(): void {
    this.#exchange.join(this.#name, this);
    this.#isConnected = true;
    setImmediate(() => {
      this.onconnect();
    });
  }

  disconnect(): void {
    this.#exchange.leave(this.#name);
    this.#isConnected = false;
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  isConnecting(): boolean {
    return false;
  }

  send(text: string): boolean {
    this.#exchange.pass(this.#name, this.#peer, text);
    return true;
  }

  // JsSIP puts its own functions in their place.
  onconnect: () => void = () => undefined;
  ondisconnect: (isError: boolean) => void = () => undefined;
  ondata: (text: unknown) => void = () => undefined;
}

/** As much of a peer connection as JsSIP asks of one that carries nothing. */
export class SilentPeerConnection extends EventTarget {
  readonly iceGatheringState = "complete";
  readonly iceConnectionState = "connected";
  readonly connectionState = "connected";
  readonly signalingState = "stable";
  localDescription: unknown = null;
  remoteDescription: unknown = null;
  isClosed = false;

  static sdp = "";

  createOffer(): Promise<unknown> {
    return Promise.resolve({ type: "offer", sdp: SilentPeerConnection.sdp });
  }

  createAnswer(): Promise<unknown> {
    return Promise.resolve({ type: "answer", sdp: SilentPeerConnection.sdp });
  }

  setLocalDescription(description: unknown): Promise<void> {
    this.localDescription = description;
    return Promise.resolve();
  }

  setRemoteDescription(description: unknown): Promise<void> {
    this.remoteDescription = description;
    return Promise.resolve();
  }

  getSenders(): unknown[] {
    return [];
  }

  close(): void {
    this.isClosed = true;
  }
}
