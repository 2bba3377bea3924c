/**
 * The members of sip.js, JsSIP and drachtio-srf that the adapters use, as structural interfaces:
 * none of the stacks is imported. All of them are looked for before use, so that another version of
 * a stack costs what it lacks and nothing else.
 *
 * @module
 */

/** How sip.js tells of state changes. */
export interface StateEmitter {
  addListener(listener: (state: string) => void): void;
  removeListener(listener: (state: string) => void): void;
}

/** `Transport` of sip.js, its own or an application's. */
export interface SipJsTransport {
  /** As in Via: `WS`, `UDP`, … */
  readonly protocol?: string;
  /** URL of the server, where the transport has one. */
  readonly server?: string;
  readonly state?: string;
  readonly stateChange?: StateEmitter;
  send?(message: string): unknown;
  onMessage?: ((message: string) => void) | undefined;
}

/** `Dialog` of sip.js. */
export interface SipJsDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly early: boolean;
}

/** `Session` of sip.js, an `Inviter` or an `Invitation`. */
export interface SipJsSession {
  readonly state?: string;
  readonly stateChange?: StateEmitter;
  readonly request?: { readonly callId?: string; readonly fromTag?: string };
  readonly sessionDescriptionHandler?: object | undefined;
  /** Of an `Invitation` only. */
  accept?(...options: never[]): unknown;
}

/** `UserAgent` of sip.js. */
export interface SipJsUserAgent {
  readonly transport?: SipJsTransport;
  readonly stateChange?: StateEmitter;
  readonly contact?: {
    readonly uri?: { readonly host?: string; readonly port?: number | undefined };
  };
  readonly configuration?: object;
  readonly userAgentCore?: { readonly dialogs?: ReadonlyMap<string, SipJsDialog> };
  getLoggerFactory?(): object;
}

/** What JsSIP and drachtio-srf build on: an event emitter of Node. */
export interface NodeEmitter {
  prependListener(event: string, listener: (...values: never[]) => void): unknown;
  removeListener(event: string, listener: (...values: never[]) => void): unknown;
}

/** `UA` of JsSIP. */
export interface JsSipUserAgent {
  start(): void;
  stop(): void;
  readonly status?: number;
}

/** `Transport` of JsSIP, which owns its sockets and outlives them; no part of its types. */
export interface JsSipTransport {
  /** As in Via: `WS`, `WSS`, … */
  readonly via_transport?: string;
  /** Of the socket in use. */
  readonly url?: string;
}

/** `RTCSession` of JsSIP. */
export interface JsSipSession extends NodeEmitter {
  readonly direction?: string | null;
  readonly connection?: unknown;
}

/** `Srf` of drachtio-srf. */
export interface DrachtioSrf {
  connect(...options: never[]): unknown;
  disconnect(...sockets: never[]): void;
}

/** What speaks the protocol of drachtio-server inside drachtio-srf; no part of its types. */
export interface DrachtioWire extends NodeEmitter {
  /** The application asked for the end of the connection. */
  readonly closing?: boolean;
  /** Set where drachtio-server connects to the application. */
  readonly server?: unknown;
}
