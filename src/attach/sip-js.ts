/**
 * Attaches to a user agent of sip.js (0.21): its messages at the transport, and what never reaches
 * the wire from the states of transport, user agent and sessions.
 *
 * Delegates are left alone, since each is one slot that the application owns, and so is sip.js's
 * parser, since reading a header through it takes that header away.
 *
 * @module
 */

import { namedEndpoint, transportNamed, urlEndpoint } from "./sip-endpoints.js";
import { StackHooks, type AttachOptions, type SipAttachment } from "./sip-attachment.js";
import type { SipStackObserver, StackSessionState } from "./sip-observer.js";
import type { SipJsDialog, SipJsSession, SipJsUserAgent, StateEmitter } from "./sip-ports.js";
import { replaceProperty } from "./property-hook.js";
import { replaceFunction, tapReceive, tapSend, together, type Tap } from "./wire-tap.js";

/** How to attach to sip.js. */
export interface AttachSipJsOptions extends AttachOptions {
  /**
   * The peer connection of a session description handler.
   *
   * @default its `peerConnection`, else its `pc`
   */
  readonly getPeerConnection?: (handler: object) => unknown;
}

/**
 * Attaches to a sip.js user agent at any time, at best before it starts. Dialogs that are up are
 * adopted.
 *
 * A rejection of the transport's `send()` counts as handled, which sip.js does itself.
 *
 * @throws {TypeError} If the user agent or the observer is no object, or there is no clock.
 * @throws {Error} If the user agent is attached already.
 */
export function attachSipJs(
  userAgent: SipJsUserAgent,
  observer: SipStackObserver,
  options: AttachSipJsOptions,
): SipAttachment {
  const hooks = new StackHooks(userAgent, observer, options);
  hookTransport(hooks, userAgent);
  const sessions = new SessionHooks(hooks, options.getPeerConnection ?? peerConnectionOf);
  hookStop(hooks, userAgent, sessions);
  hooks.install(["existing-dialogs"], () => tellDialogs(hooks, userAgent));
  hookSessions(hooks, userAgent, sessions);
  hookTimers(hooks, userAgent);
  return hooks.attachment(false, {
    takeUp: (callId) => {
      tellDialogs(hooks, userAgent, callId);
      seeSessions(userAgent, callId, sessions);
    },
    lookForMedia: (callId) => {
      // The application may have put another factory in the place of ours.
      if (sessions.has(callId)) sessions.look(callId);
      else seeSessions(userAgent, callId, sessions);
    },
  });
}

function hookTransport(hooks: StackHooks, userAgent: SipJsUserAgent): void {
  const transport = userAgent.transport ?? {};
  const way = (): ReturnType<Tap["way"]> => {
    const { host, port } = userAgent.contact?.uri ?? {};
    const name = transportNamed(transport.protocol);
    return {
      transport: name,
      local: namedEndpoint(host, port, name),
      remote: urlEndpoint(transport.server),
    };
  };
  const textOf = (value: unknown): unknown => value;
  tapSend(hooks, transport, { name: "send", way, textOf });
  tapReceive(hooks, transport, { name: "onMessage", way, textOf });
  hooks.install(["transport-state"], () =>
    together(
      replaceFunction(transport, "onDisconnect", (onDisconnect) => (self, values) => {
        // A connection that was closed on request comes without an error.
        if (values[0] !== undefined) {
          hooks.tell("transportLost", {});
        }
        return onDisconnect(self, values);
      }),
      replaceFunction(transport, "onConnect", (onConnect) => (self, values) => {
        hooks.tell("transportBack", {});
        return onConnect(self, values);
      }),
    ),
  );
}

function hookStop(hooks: StackHooks, userAgent: SipJsUserAgent, sessions: SessionHooks): void {
  hooks.install(["stack-state"], () =>
    listen(userAgent.stateChange, (state) => {
      if (state !== "Stopped") return;
      hooks.tell("stopped", {});
      hooks.guard(() => {
        sessions.release();
      });
    }),
  );
}

/**
 * Tells of all dialogs, or of those of one call; whether the stack shows them. Those of subscriptions
 * are not calls: the transaction that made one tells.
 */
function tellDialogs(hooks: StackHooks, userAgent: SipJsUserAgent, only?: string): boolean {
  const dialogs = userAgent.userAgentCore?.dialogs;
  if (dialogs === undefined) return false;
  for (const dialog of dialogs.values()) {
    const kind = transactionKind(dialog);
    if (kind !== "ict" && kind !== "ist") continue;
    const { callId, localTag, remoteTag, early } = dialog;
    if (only !== undefined && callId !== only) continue;
    const isCaller = kind === "ict";
    hooks.tell("adopt", { callId, localTag, remoteTag, isCaller, isEarly: early });
  }
  return true;
}

function hookSessions(hooks: StackHooks, userAgent: SipJsUserAgent, sessions: SessionHooks): void {
  const name = "sessionDescriptionHandlerFactory";
  hooks.install(["media-binding", "session-state"], () => {
    const undo = replaceFunction(
      userAgent.configuration ?? {},
      name,
      (factory) => (self, values) => {
        const handler = factory(self, values);
        hooks.guard(() => {
          sessions.bind(values[0], handler);
        });
        return handler;
      },
    );
    return (
      undo &&
      (() => {
        sessions.release();
        undo();
      })
    );
  });
  hooks.guard(() => {
    for (const session of sessionsOf(userAgent)) sessions.see(session);
  });
}

function seeSessions(userAgent: SipJsUserAgent, callId: string, sessions: SessionHooks): void {
  for (const session of sessionsOf(userAgent)) {
    if (session.request?.callId === callId) sessions.see(session);
  }
}

function sessionsOf(userAgent: SipJsUserAgent): SipJsSession[] {
  const existing = Reflect.get(userAgent, "_sessions") as object | undefined;
  return Object.values(existing ?? {}) as SipJsSession[];
}

const TIMER_EXPIRED = /^Timer ([BF]) expired for .* transaction (\S+?)\.$/;

/** sip.js tells of its timers in its log only, which takes every level whatever is printed. */
function hookTimers(hooks: StackHooks, userAgent: SipJsUserAgent): void {
  hooks.install(["stack-timers"], () => {
    const loggers = userAgent.getLoggerFactory?.();
    if (loggers === undefined || !("connector" in loggers)) return undefined;
    return replaceProperty(loggers, "connector", (connector) => {
      const chained = typeof connector === "function" ? connector : undefined;
      return function (this: unknown, ...values: unknown[]): unknown {
        const line = values[3];
        if (typeof line === "string" && line.startsWith("Timer ")) {
          const [, timer, branch] = TIMER_EXPIRED.exec(line) ?? [];
          if ((timer === "B" || timer === "F") && branch !== undefined) {
            hooks.tell("stackTimer", { timer, branch });
          }
        }
        return chained === undefined ? undefined : Reflect.apply(chained, this, values);
      };
    });
  });
}

/** A session, with each handler of its media and the peer connection that was told of it last. */
interface WatchedSession {
  readonly stop: () => void;
  readonly told: Map<object, unknown>;
}

/** The sessions that are watched until they end, the user agent stops, or the probe detaches. */
class SessionHooks {
  readonly #hooks: StackHooks;
  readonly #getPeerConnection: (handler: object) => unknown;
  /** By Call-ID: a user agent that calls itself has two sessions of one. */
  readonly #watched = new Map<string, Map<SipJsSession, WatchedSession>>();

  constructor(hooks: StackHooks, getPeerConnection: (handler: object) => unknown) {
    this.#hooks = hooks;
    this.#getPeerConnection = getPeerConnection;
  }

  /** A session that was there before anybody looked. */
  see(session: SipJsSession): void {
    const { sessionDescriptionHandler: handler } = session;
    if (handler !== undefined) this.bind(session, handler);
  }

  /** A session has a handler for its media now; forked early media make several. */
  bind(session: unknown, handler: unknown): void {
    if (typeof session !== "object" || session === null) return;
    const watched = this.#watch(session);
    if (typeof handler !== "object" || handler === null) return;
    watched?.told.set(handler, undefined);
    this.#tellMedia(session, handler, watched);
  }

  /** Whether a session with that Call-ID is watched. */
  has(callId: string): boolean {
    return this.#watched.has(callId);
  }

  /** The handlers of a call may have made their peer connections only now, or made others. */
  look(callId: string): void {
    for (const [session, watched] of this.#watched.get(callId) ?? []) {
      for (const handler of watched.told.keys()) this.#tellMedia(session, handler, watched);
    }
  }

  release(): void {
    for (const sessions of this.#watched.values()) {
      for (const { stop } of sessions.values()) stop();
    }
    this.#watched.clear();
  }

  #tellMedia(session: SipJsSession, handler: object, watched: WatchedSession | undefined): void {
    const { callId, fromTag } = session.request ?? {};
    if (callId === undefined) return;
    const peerConnection = this.#getPeerConnection(handler);
    if (peerConnection === undefined || peerConnection === null) return;
    if (watched?.told.get(handler) === peerConnection) return;
    watched?.told.set(handler, peerConnection);
    this.#hooks.tell("bindMedia", { callId, fromTag, peerConnection });
  }

  #watch(session: SipJsSession): WatchedSession | undefined {
    const callId = session.request?.callId ?? "";
    const sessions = this.#watched.get(callId) ?? new Map<SipJsSession, WatchedSession>();
    const known = sessions.get(session);
    if (known !== undefined) return known;
    const stop = listen(session.stateChange, (state) => {
      this.#hooks.guard(() => {
        this.#tellState(session, state);
        if (state === "Terminated") this.#unwatch(callId, session);
      });
    });
    const watched = stop && { stop, told: new Map<object, unknown>() };
    if (watched !== undefined) this.#watched.set(callId, sessions.set(session, watched));
    this.#tellState(session, session.state);
    return watched;
  }

  #unwatch(callId: string, session: SipJsSession): void {
    const sessions = this.#watched.get(callId);
    sessions?.get(session)?.stop();
    sessions?.delete(session);
    if (sessions?.size === 0) this.#watched.delete(callId);
  }

  #tellState(session: SipJsSession, stateName: string | undefined): void {
    const { callId, fromTag } = session.request ?? {};
    const state = SESSION_STATES.get(stateName ?? "");
    if (callId === undefined || state === undefined) return;
    const isCaller = session.accept === undefined;
    this.#hooks.tell("sessionState", { callId, fromTag, isCaller, state });
  }
}

const SESSION_STATES: ReadonlyMap<string, StackSessionState> = new Map([
  ["Initial", "initial"],
  ["Establishing", "establishing"],
  ["Established", "established"],
  ["Terminating", "terminating"],
  ["Terminated", "terminated"],
]);

/** Returns what takes the listener away, or nothing where there is nothing to listen to. */
function listen(
  emitter: StateEmitter | undefined,
  listener: (state: string) => void,
): (() => void) | undefined {
  if (emitter === undefined) return undefined;
  emitter.addListener(listener);
  return () => {
    emitter.removeListener(listener);
  };
}

function transactionKind(dialog: SipJsDialog): unknown {
  const transaction: unknown = Reflect.get(dialog, "initialTransaction");
  return typeof transaction === "object" && transaction !== null
    ? Reflect.get(transaction, "kind")
    : undefined;
}

function peerConnectionOf(handler: object): unknown {
  return Reflect.get(handler, "peerConnection") ?? Reflect.get(handler, "pc");
}
