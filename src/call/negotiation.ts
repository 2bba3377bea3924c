/**
 * Offer and answer of one dialog, and what they settled on (RFC 3264, RFC 6337).
 *
 * @module
 */

import { memoized } from "../net/memoized.js";
import type { MediaDescription, SessionDescription } from "../sdp/description.js";
import type { CallParty } from "../sip/call.js";
import type { AgreedFlow, MediaAgreement } from "./agreement.js";

/** Changes of a call's media that are kept. Music on hold toggles for hours in some calls. */
export const MAX_AGREEMENTS = 512;

/** A description and when it came. */
export interface Described {
  readonly by: CallParty;
  readonly isOffer: boolean;
  readonly atMs: number;
  readonly session: SessionDescription;
  /** The dialog it belongs to; absent in the first offer, which is of all of them. */
  readonly toTag?: string | undefined;
}

/** Follows the descriptions of one call. */
export class Negotiation {
  #open: readonly Draft[] = [];
  readonly #closed: MediaAgreement[] = [];
  /** An offer came since the last answer. */
  #isAsked = false;
  /** What each party said last, and whether that is an offer that waits for its answer. */
  readonly #last: Record<CallParty, Described | undefined> = {
    caller: undefined,
    callee: undefined,
  };

  observe(described: Described, isAnswered: boolean): void {
    const { by, isOffer, session, atMs } = described;
    const earlier = this.#last[by];
    // The same description comes again in a reliable provisional and the 200, and on every hop; but
    // who has nothing to change may give the same answer to a new offer (RFC 3264 §8).
    const isAgain = earlier !== undefined && isSame(earlier, described);
    if (isAgain && (isOffer || !this.#isAsked)) return;
    this.#last[by] = described;
    this.#isAsked = isOffer;
    if (isOffer) return;
    const other = this.#last[by === "caller" ? "callee" : "caller"];
    if (other === undefined) return;
    const [caller, callee] = by === "caller" ? [session, other.session] : [other.session, session];
    this.#close(atMs);
    this.#settle(caller, callee, atMs, isAnswered);
  }

  /** What was early until now is what the answered call goes on with. */
  answered(atMs: number): void {
    const early = this.#open.filter(({ isEarly }) => isEarly);
    if (early.length === 0) return;
    this.#close(atMs);
    this.#open = early.map((draft) => ({ ...draft, isEarly: false, fromMs: atMs }));
  }

  /** Everything that was agreed, in order of time. */
  agreements(): MediaAgreement[] {
    return [...this.#closed, ...this.#open];
  }

  #close(atMs: number): void {
    for (const draft of this.#open) {
      // An answer that corrects one of the same instant leaves nothing of it.
      if (atMs > draft.fromMs && this.#closed.length < MAX_AGREEMENTS) {
        this.#closed.push({ ...draft, toMs: atMs });
      }
    }
    this.#open = [];
  }

  #settle(
    caller: SessionDescription,
    callee: SessionDescription,
    atMs: number,
    isAnswered: boolean,
  ): void {
    const sections = Math.min(caller.media.length, callee.media.length);
    for (let mediaIndex = 0; mediaIndex < sections; mediaIndex += 1) {
      const ofCaller = caller.media[mediaIndex];
      const ofCallee = callee.media[mediaIndex];
      if (ofCaller === undefined || ofCallee === undefined) continue;
      if (ofCaller.isRejected || ofCallee.isRejected) continue;
      const draft = {
        mediaType: ofCaller.type,
        mediaIndex,
        fromMs: atMs,
        isEarly: !isAnswered,
        callerToCallee: flow(ofCaller, ofCallee),
        calleeToCaller: flow(ofCallee, ofCaller),
      };
      // Another array for each: the room that one keeps for more would mostly stay empty.
      this.#open = this.#open.concat(draft);
    }
  }
}

type Draft = Omit<MediaAgreement, "toMs">;

function flow(sender: MediaDescription, receiver: MediaDescription): AgreedFlow {
  const sends = sender.direction === "sendrecv" || sender.direction === "sendonly";
  const receives = receiver.direction === "sendrecv" || receiver.direction === "recvonly";
  return {
    maySend: sends && receives && !receiver.isHeldByAddress,
    payloads: receiver.payloads,
  };
}

/** Not by the session version alone: some stacks never raise it. */
function isSame(a: Described, b: Described): boolean {
  return a.isOffer === b.isOffer && a.toTag === b.toTag && signature(a) === signature(b);
}

const signature = memoized(({ session }: Described): string =>
  JSON.stringify([
    session.origin?.sessionId,
    session.origin?.sessionVersion,
    ...session.media.map(({ type, port, direction, connection, payloadTypes, iceUfrag }) => [
      type,
      port,
      direction,
      connection?.address,
      payloadTypes,
      iceUfrag,
    ]),
  ]),
);
