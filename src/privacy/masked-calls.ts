/**
 * What is told of calls, masked before anybody is told: reports, messages, RTCP and handshakes alike.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { ConnectionIdentity } from "../call/connection.js";
import type { CallObserver, CallRtcp } from "../call/observer.js";
import { RecentMap } from "../net/recent-map.js";
import type { SeenMessage } from "../sip/call.js";
import { scanSipMessage } from "../sip/message.js";
import type { Privacy } from "./privacy.js";

/** Call-IDs that are remembered; a call whose Call-ID is forgotten has it masked anew. */
const MAX_CALL_IDS = 65_536;

/**
 * Stands before observers, so that none of them sees whom calls name. A call has one masked Call-ID
 * in all that is told of it. The `call` of events and details is the tracker's own, unmasked: it tells
 * calls apart, and nothing in it is to leave.
 */
export class MaskedCalls {
  readonly #privacy: Privacy;
  readonly #callIds = new RecentMap<string, string>();
  /** Of the message told last: it comes by itself, and then as its call's. */
  #lastSeen: readonly [seen: SeenMessage, masked: SeenMessage | undefined] | undefined;

  constructor(privacy: Privacy) {
    this.#privacy = privacy;
  }

  /** A call as it may be told of. */
  report(call: CallReport): CallReport {
    const masked = this.#privacy.call(call);
    return { ...masked, callId: this.#callId(call.callId, masked.callId) };
  }

  /** What tells of a connection, whose Call-ID may be the host's own, and its sources' names too. */
  connection<T extends Partial<ConnectionIdentity>>(told: T): T {
    const masked = this.#privacy.fields(told);
    const { callId } = told;
    if (callId === undefined || masked.callId === undefined) return masked;
    return { ...masked, callId: this.#callId(callId, masked.callId) };
  }

  /** RTCP of a call: names of sources may be addresses of people. */
  rtcp(rtcp: CallRtcp): CallRtcp {
    const masked = this.#privacy.fields(rtcp);
    return { ...masked, callId: this.#callId(rtcp.callId, masked.callId) };
  }

  /** Tells the other observer what is masked. What it does not ask for is not masked either. */
  before(observer: CallObserver): CallObserver {
    return {
      ...(observer.onSipEvent !== undefined && {
        onSipEvent: (event, context) => {
          const told = event.kind === "message" ? this.#message(event.seen) : undefined;
          if (event.kind !== "message") observer.onSipEvent?.(event, context);
          else if (told !== undefined) observer.onSipEvent?.({ ...event, seen: told }, context);
        },
      }),
      ...(observer.onMessage !== undefined && {
        onMessage: (seen) => {
          const told = this.#message(seen);
          if (told !== undefined) observer.onMessage?.(told);
        },
      }),
      ...(observer.onRtcp !== undefined && {
        onRtcp: (rtcp) => observer.onRtcp?.(this.rtcp(rtcp)),
      }),
      ...(observer.onCall !== undefined && {
        onCall: (report, details) => observer.onCall?.(this.report(report), details),
      }),
      ...(observer.onInterval !== undefined && {
        onInterval: (report, moment) => observer.onInterval?.(this.report(report), moment),
      }),
      ...(observer.onHandshake !== undefined && {
        onHandshake: (report) => observer.onHandshake?.(this.#privacy.fields(report)),
      }),
    };
  }

  /** Nothing where what is masked is no message any more: then it is not told at all. */
  #message(seen: SeenMessage): SeenMessage | undefined {
    if (this.#lastSeen?.[0] === seen) return this.#lastSeen[1];
    const masked = this.#masked(seen);
    this.#lastSeen = [seen, masked];
    return masked;
  }

  #masked(seen: SeenMessage): SeenMessage | undefined {
    const message = scanSipMessage(this.#privacy.sipText(seen.message.bytes));
    if (typeof message === "string") return undefined;
    if (seen.message.callId !== undefined && message.callId !== undefined) {
      this.#callId(seen.message.callId, message.callId);
    }
    return { ...seen, message };
  }

  /** As it was masked first: the first message of a call names more people than later ones. */
  #callId(callId: string, masked: string): string {
    const known = this.#callIds.touch(callId);
    if (known !== undefined) return known;
    this.#callIds.add(callId, masked);
    if (this.#callIds.size > MAX_CALL_IDS) this.#callIds.forgetOldest();
    return masked;
  }
}
