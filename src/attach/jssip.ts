/**
 * Attaches to a user agent of JsSIP (3.13) at its transport, which outlives its sockets.
 *
 * Nothing listens to the user agent's own events: without a listener for a kind of request JsSIP
 * answers it by itself, so a listener would change who answers.
 *
 * @module
 */

import { StackHooks, type AttachOptions, type SipAttachment } from "./sip-attachment.js";
import { namedEndpoint, transportNamed, urlEndpoint } from "./sip-endpoints.js";
import type { SipStackObserver, StackSessionState } from "./sip-observer.js";
import type { JsSipSession, JsSipTransport, JsSipUserAgent } from "./sip-ports.js";
import { replaceFunction, tapReceive, tapSend, together, type Tap } from "./wire-tap.js";

/** Of a user agent that `stop()` was called on. */
const STATUS_USER_CLOSED = 2;

/** Of a dialog without a final response. */
const STATUS_EARLY = 1;

/**
 * Attaches to a JsSIP user agent at any time, at best before it starts. Dialogs that are up are
 * adopted.
 *
 * @throws {TypeError} If the user agent or the observer is no object, or there is no clock.
 * @throws {Error} If the user agent is attached already.
 */
export function attachJsSip(
  userAgent: JsSipUserAgent,
  observer: SipStackObserver,
  options: AttachOptions,
): SipAttachment {
  const hooks = new StackHooks(userAgent, observer, options);
  hookTransport(hooks, userAgent);
  hooks.install(["existing-dialogs"], () => tellDialogs(hooks, userAgent));
  hookSessions(hooks, userAgent);
  hooks.lack("stack-timers");
  return hooks.attachment(false, {
    takeUp: (callId) => {
      tellDialogs(hooks, userAgent, callId);
      for (const session of sessionsOf(userAgent)) {
        if (callIdOf(session) === callId) bindMedia(hooks, session, session.connection);
      }
    },
  });
}

function hookTransport(hooks: StackHooks, userAgent: JsSipUserAgent): void {
  const transport: JsSipTransport = objectAt(userAgent, "transport") ?? {};
  const way = (): ReturnType<Tap["way"]> => {
    const name = transportNamed(transport.via_transport);
    const host = textAt(objectAt(userAgent, "configuration"), "via_host");
    return {
      transport: name,
      local: namedEndpoint(host, undefined, name),
      remote: urlEndpoint(transport.url),
    };
  };
  tapSend(hooks, transport, { name: "send", way, textOf: outgoingText });
  tapReceive(hooks, transport, {
    name: "ondata",
    way,
    textOf: (data) => textAt(data, "message"),
  });
  hooks.install(["transport-state", "stack-state"], () =>
    together(
      replaceFunction(transport, "ondisconnect", (onDisconnect) => (self, values) => {
        hooks.tell(userAgent.status === STATUS_USER_CLOSED ? "stopped" : "transportLost", {});
        return onDisconnect(self, values);
      }),
      replaceFunction(transport, "onconnect", (onConnect) => (self, values) => {
        hooks.tell("transportBack", {});
        return onConnect(self, values);
      }),
    ),
  );
}

/** JsSIP hands its transport a request that writes itself, or the text of a response. */
function outgoingText(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const write = Reflect.get(value, "toString") as () => string;
  return Reflect.apply(write, value, []);
}

/** Tells of all dialogs, or of those of one call; whether the stack shows them. */
function tellDialogs(hooks: StackHooks, userAgent: JsSipUserAgent, only?: string): boolean {
  const dialogs = objectAt(userAgent, "_dialogs");
  if (dialogs === undefined) return false;
  for (const dialog of Object.values(dialogs)) {
    const direction = textAt(objectAt(dialog, "owner"), "direction");
    const id = objectAt(dialog, "id");
    const callId = textAt(id, "call_id");
    const localTag = textAt(id, "local_tag");
    const remoteTag = textAt(id, "remote_tag");
    if (callId === undefined || localTag === undefined || remoteTag === undefined) continue;
    if (only !== undefined && callId !== only) continue;
    // Dialogs of subscriptions have no direction.
    if (direction !== "outgoing" && direction !== "incoming") continue;
    const isEarly = at(dialog, "_state") === STATUS_EARLY;
    const isCaller = direction === "outgoing";
    hooks.tell("adopt", { callId, localTag, remoteTag, isCaller, isEarly });
  }
  return true;
}

function hookSessions(hooks: StackHooks, userAgent: JsSipUserAgent): void {
  const watched = new Map<JsSipSession, () => void>();
  hooks.install(["media-binding", "session-state"], () => {
    const undo = replaceFunction(userAgent, "newRTCSession", (announce) => (self, values) => {
      hooks.guard(() => {
        const [session] = values;
        if (isSession(session)) watch(hooks, watched, session, true);
      });
      return announce(self, values);
    });
    if (undo === undefined) return undefined;
    return () => {
      for (const stop of watched.values()) stop();
      watched.clear();
      undo();
    };
  });
  hooks.guard(() => {
    for (const session of sessionsOf(userAgent)) watch(hooks, watched, session, false);
  });
}

function sessionsOf(userAgent: JsSipUserAgent): JsSipSession[] {
  return Object.values(objectAt(userAgent, "_sessions") ?? {}).filter(isSession);
}

function callIdOf(session: JsSipSession): string | undefined {
  return textAt(objectAt(session, "_request"), "call_id");
}

function bindMedia(hooks: StackHooks, session: JsSipSession, peerConnection: unknown): void {
  const callId = callIdOf(session);
  if (callId === undefined || typeof peerConnection !== "object" || peerConnection === null) return;
  const fromTag = textAt(session, "_from_tag");
  hooks.tell("bindMedia", { callId, fromTag, peerConnection });
}

/** @param isNew It has not sent anything yet. */
function watch(
  hooks: StackHooks,
  watched: Map<JsSipSession, () => void>,
  session: JsSipSession,
  isNew: boolean,
): void {
  const callId = callIdOf(session);
  if (callId === undefined || watched.has(session)) return;
  const fromTag = textAt(session, "_from_tag");
  const isCaller = session.direction === "outgoing";
  const tellState = (state: StackSessionState): void => {
    hooks.tell("sessionState", { callId, fromTag, isCaller, state });
  };
  const end = (): void => {
    tellState("terminated");
    watched.get(session)?.();
    watched.delete(session);
  };
  const stop = listen(hooks, session, {
    peerconnection: (event) => {
      bindMedia(hooks, session, at(event, "peerconnection"));
    },
    accepted: () => {
      tellState("established");
    },
    failed: end,
    ended: end,
  });
  watched.set(session, stop);
  if (isNew) tellState("initial");
  bindMedia(hooks, session, session.connection);
}

/** First in the line: a listener of the application that throws keeps later ones from being called. */
function listen(
  hooks: StackHooks,
  session: JsSipSession,
  acts: Readonly<Record<string, (event: unknown) => void>>,
): () => void {
  const stops = Object.entries(acts).map(([name, act]) => {
    const listener = (event: unknown): void => {
      hooks.guard(() => {
        act(event);
      });
    };
    session.prependListener(name, listener);
    return (): void => {
      session.removeListener(name, listener);
    };
  });
  return () => {
    for (const stop of stops) stop();
  };
}

function isSession(value: unknown): value is JsSipSession {
  return typeof at(value, "prependListener") === "function";
}

function at(holder: unknown, name: string): unknown {
  return typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;
}

function objectAt(holder: unknown, name: string): object | undefined {
  const value = at(holder, name);
  return typeof value === "object" && value !== null ? value : undefined;
}

function textAt(holder: unknown, name: string): string | undefined {
  const value = at(holder, name);
  return typeof value === "string" ? value : undefined;
}
