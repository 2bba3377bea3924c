/**
 * Turns what an attached SIP stack tells into what a call table takes: read messages with their
 * descriptions and endpoints, and the events without a message.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { SessionDescription } from "../sdp/description.js";
import { parseSdp } from "../sdp/session.js";
import type { SeenMessage } from "../sip/call.js";
import { scanSipMessage, type SipMessage } from "../sip/message.js";
import { sdpBodies } from "../sip/sdp-bodies.js";
import type { AdoptedDialog, LocalAbort, SendFailure } from "../sip/tracker-inputs.js";
import { IceCredentialIndex, type IceCredentials } from "./ice-credentials.js";
import {
  pathKey,
  requestTarget,
  sentBy,
  transportNamed,
  UNKNOWN_ENDPOINT,
  uriEndpoint,
  viaSource,
} from "./sip-endpoints.js";
import type {
  MediaBinding,
  SipStackObserver,
  StackDialog,
  StackMessage,
  StackSendFailure,
  StackSession,
} from "./sip-observer.js";

/** Transactions whose path is remembered, so that a response takes its request's way back. */
export const MAX_PATHS = 4096;

/** Calls that have not reached the wire which are told apart. */
export const MAX_SILENT_CALLS = 4096;

/** Who takes what a {@link SipTap} has read. A SIP tracker's own inputs fit. */
export interface SipSink {
  /** Comes before the stack acts on the message. `sessions` are the descriptions it carries. */
  onMessage(seen: SeenMessage, sessions: readonly SessionDescription[]): void;
  sendFailed(failure: SendFailure): void;
  /** A call of the stack's own ended before its INVITE was sent. */
  localAbort(abort: LocalAbort): void;
  abandonAll(atMs: number): void;
  /** Confirmed dialogs only: an early one shows itself by its next message. */
  adopt(dialog: AdoptedDialog): void;
  transportLost?(atMs: number): void;
  transportBack?(): void;
  bindMedia?(binding: MediaBinding): void;
}

/** What a tap has counted. */
export interface SipTapCounters {
  messages: number;
  /** What the stack's transport carried that is no SIP message; keep-alives do not count. */
  malformedSip: number;
  malformedSdp: number;
  sendFailures: number;
  localAborts: number;
  transportLosses: number;
  /** Exceptions of the stack at its own transport. */
  stackFaults: number;
  /** Timers B and F that the stack itself says ran out. */
  stackTimers: number;
  adoptedDialogs: number;
  earlyDialogs: number;
}

/** Nothing has been counted yet. */
export function nothingTapped(): SipTapCounters {
  return {
    messages: 0,
    malformedSip: 0,
    malformedSdp: 0,
    sendFailures: 0,
    localAborts: 0,
    transportLosses: 0,
    stackFaults: 0,
    stackTimers: 0,
    adoptedDialogs: 0,
    earlyDialogs: 0,
  };
}

interface Path {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** Reads the messages of one user agent, which is one observation point: two need a tap each. */
export class SipTap implements SipStackObserver {
  readonly counters: SipTapCounters = nothingTapped();
  readonly #sink: SipSink;
  readonly #credentials = new IceCredentialIndex();
  readonly #paths = new Map<string, Path>();
  /** Call-ID and tag of sessions that the stack has begun and not sent an INVITE for. */
  readonly #silent = new Map<string, string | undefined>();

  constructor(sink: SipSink) {
    this.#sink = sink;
  }

  message(event: StackMessage): void {
    const { text, atMs, direction } = event;
    const message = scanSipMessage(text);
    if (typeof message === "string") {
      if (message !== "keep-alive" && message !== "empty") this.counters.malformedSip += 1;
      return;
    }
    this.counters.messages += 1;
    if (this.#silent.size > 0) this.#silent.delete(message.callId ?? "");
    const sessions = this.#sessionsOf(message);
    if (direction === "out") this.#noteCredentials(message, sessions);
    const { local, remote } = this.#pathOf(event, message);
    const [source, destination] = direction === "out" ? [local, remote] : [remote, local];
    this.#sink.onMessage(
      {
        message,
        atMs,
        source,
        destination,
        transport: event.transport ?? transportNamed(message.topVia?.transport) ?? "udp",
        direction,
        hasDescription: sessions.length > 0,
      },
      sessions,
    );
  }

  /** The call whose own description, once sent, had these ICE parameters. */
  callIdOf(credentials: IceCredentials): string | undefined {
    return this.#credentials.callIdOf(credentials);
  }

  sendFailed({ text, atMs }: StackSendFailure): void {
    const message = scanSipMessage(text);
    if (typeof message === "string") return;
    this.counters.sendFailures += 1;
    this.#sink.sendFailed({ message, atMs });
  }

  sessionState({ callId, fromTag, isCaller, state, atMs }: StackSession): void {
    if (state === "initial") {
      if (isCaller && this.#silent.size < MAX_SILENT_CALLS) this.#silent.set(callId, fromTag);
      return;
    }
    if (state === "terminated" && this.#silent.has(callId)) this.#abort(callId, atMs);
  }

  transportLost({ atMs }: { readonly atMs: number }): void {
    this.counters.transportLosses += 1;
    this.#sink.transportLost?.(atMs);
  }

  transportBack(): void {
    this.#sink.transportBack?.();
  }

  stopped({ atMs }: { readonly atMs: number }): void {
    for (const callId of [...this.#silent.keys()]) this.#abort(callId, atMs);
    this.#sink.abandonAll(atMs);
  }

  adopt({ callId, localTag, remoteTag, isCaller, isEarly, atMs }: StackDialog): void {
    if (isEarly) {
      this.counters.earlyDialogs += 1;
      return;
    }
    this.counters.adoptedDialogs += 1;
    const localParty = isCaller ? "caller" : "callee";
    this.#sink.adopt({ callId, localTag, remoteTag, localParty, atMs });
  }

  /** An application whose stack does not tell calls this itself. */
  bindMedia(binding: MediaBinding): void {
    this.#sink.bindMedia?.(binding);
  }

  stackFault(): void {
    this.counters.stackFaults += 1;
  }

  stackTimer(): void {
    this.counters.stackTimers += 1;
  }

  #abort(callId: string, atMs: number): void {
    const localTag = this.#silent.get(callId);
    this.#silent.delete(callId);
    this.counters.localAborts += 1;
    this.#sink.localAbort({ callId, ...(localTag === undefined ? {} : { localTag }), atMs });
  }

  #noteCredentials({ callId }: SipMessage, sessions: readonly SessionDescription[]): void {
    if (callId === undefined) return;
    for (const session of sessions) this.#credentials.note(callId, session);
  }

  #sessionsOf(message: SipMessage): SessionDescription[] {
    const sessions: SessionDescription[] = [];
    for (const body of sdpBodies(message)) {
      const session = parseSdp(body);
      if (typeof session === "string") this.counters.malformedSdp += 1;
      else sessions.push(session);
    }
    return sessions;
  }

  /** A response takes the path of its request, whose Via it carries. */
  #pathOf(event: StackMessage, message: SipMessage): Path {
    const key = pathKey(message);
    const known = key === undefined ? undefined : this.#paths.get(key);
    const told = pathTold(event, message);
    const path = {
      local: event.local ?? known?.local ?? told.local ?? UNKNOWN_ENDPOINT,
      remote: event.remote ?? known?.remote ?? told.remote ?? UNKNOWN_ENDPOINT,
    };
    if (message.kind === "request" && key !== undefined && known === undefined) {
      if (this.#paths.size >= MAX_PATHS) {
        for (const oldest of this.#paths.keys()) {
          this.#paths.delete(oldest);
          break;
        }
      }
      this.#paths.set(key, path);
    }
    return path;
  }
}

/** What a message says of its own way. */
function pathTold({ direction }: StackMessage, message: SipMessage): Partial<Path> {
  const { topVia } = message;
  // The Via is that of the request: ours where we sent that.
  const isOurs = (direction === "out") === (message.kind === "request");
  if (isOurs) {
    return {
      ...(topVia === undefined ? {} : { local: sentBy(topVia) }),
      ...(message.kind === "request" ? { remote: requestTarget(message) } : {}),
    };
  }
  return {
    ...(topVia === undefined ? {} : { remote: viaSource(topVia) }),
    ...(message.kind === "request" ? { local: uriEndpoint(message.requestUri) } : {}),
  };
}
