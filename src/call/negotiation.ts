/**
 * Offer and answer of one call, and what they settled on (RFC 3264, RFC 6337). Of forks, what was
 * settled with the one that answered (RFC 3261 §13.2.2.4).
 *
 * @module
 */

import { memoized } from "../net/memoized.js";
import type { MediaDescription, SessionDescription } from "../sdp/description.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { CallParty } from "../sip/call.js";
import type { AgreedFlow, MediaAgreement } from "./agreement.js";

/** Changes of a call's media that are kept. Music on hold toggles for hours in some calls. */
export const MAX_AGREEMENTS = 512;

/** Forks of one call whose answers are remembered. */
const MAX_FORKS = 64;

/** Hops of one call whose descriptions are told apart. */
const MAX_ELSEWHERE = 8;

/** A description and when it came. */
export interface Described {
  readonly by: CallParty;
  readonly isOffer: boolean;
  readonly atMs: number;
  readonly session: SessionDescription;
  /** The dialog it belongs to; absent in the first offer, which is of all of them. */
  readonly toTag?: string | undefined;
  /** Of the request that it came in, or in whose response. Absent where that is not known. */
  readonly cseq?: number | undefined;
}

/** What a party said, and how it reads on other hops, whose media a proxy may have moved or recoded. */
interface Stated {
  readonly session: SessionDescription;
  readonly elsewhere: readonly SessionDescription[];
}

/** What a party said last. */
interface Latest extends Described, Stated {}

/** What both parties said last, in one dialog. */
interface Settled {
  readonly caller: Stated;
  readonly callee: Stated;
  /** Absent where the dialog is not known. */
  readonly toTag: string | undefined;
}

/** Follows the descriptions of one call. */
export class Negotiation {
  #open: readonly Draft[] = [];
  readonly #closed: MediaAgreement[] = [];
  /** An offer came since the last answer. */
  #isAsked = false;
  /** What is open. */
  #settled: Settled | undefined;
  /** By tag, of other dialogs. Absent until there is one, as in most calls. */
  #forks: Map<string, Settled> | undefined;
  /** What each party said last, and whether that is an offer that waits for its answer. */
  readonly #last: Record<CallParty, Latest | undefined> = {
    caller: undefined,
    callee: undefined,
  };

  /** @param answeredTag Of the dialog that is the call's, once it is answered. */
  observe(described: Described, isAnswered: boolean, answeredTag?: string): void {
    const { by, isOffer, atMs, toTag } = described;
    const earlier = this.#last[by];
    // The same description comes again in a reliable provisional and the 200, and on every hop; but
    // who has nothing to change may give the same answer to a new offer (RFC 3264 §8).
    const isAgain = earlier !== undefined && isSame(earlier, described);
    if (isAgain && (isOffer || !this.#isAsked)) {
      // An offer that is made again goes on to the next hop with its new number.
      this.#last[by] = { ...earlier, cseq: described.cseq };
      return;
    }
    const stated = { ...described, elsewhere: elsewhere(earlier, described) };
    this.#last[by] = stated;
    this.#isAsked = isOffer;
    if (isOffer) return;
    const other = this.#last[by === "caller" ? "callee" : "caller"];
    if (other === undefined) return;
    const [caller, callee] = by === "caller" ? [stated, other] : [other, stated];
    const settled = { caller, callee, toTag };
    if (isAnswered && isOther(toTag, answeredTag)) this.#keepFork(settled);
    else this.#settle(settled, atMs, isAnswered);
  }

  /** What was early until now is what the answered call goes on with, in the dialog of that tag. */
  answered(atMs: number, answeredTag?: string): void {
    if (this.confirmed(atMs, answeredTag)) return;
    const early = this.#open.filter(({ isEarly }) => isEarly);
    if (early.length === 0) return;
    this.#close(atMs);
    this.#open = early.map((draft) => ({ ...draft, isEarly: false, fromMs: atMs }));
  }

  /**
   * From now on the call is in the dialog of that tag. Returns whether what was settled there takes the
   * place of what was settled in another.
   */
  confirmed(atMs: number, answeredTag: string | undefined): boolean {
    if (answeredTag === undefined || !isOther(this.#settled?.toTag, answeredTag)) return false;
    const settled = this.#forks?.get(answeredTag);
    if (settled === undefined) return false;
    this.#settle(settled, atMs, true);
    return true;
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

  #keepFork(settled: Settled): void {
    const { toTag } = settled;
    const forks = (this.#forks ??= new Map());
    if (toTag === undefined || (forks.size >= MAX_FORKS && !forks.has(toTag))) return;
    forks.set(toTag, settled);
  }

  #settle(settled: Settled, atMs: number, isAnswered: boolean): void {
    const { caller, callee, toTag } = settled;
    if (this.#settled !== undefined && isOther(this.#settled.toTag, toTag)) {
      this.#keepFork(this.#settled);
    }
    this.#settled = settled;
    this.#close(atMs);
    const sections = Math.min(caller.session.media.length, callee.session.media.length);
    for (let mediaIndex = 0; mediaIndex < sections; mediaIndex += 1) {
      const ofCaller = caller.session.media[mediaIndex];
      const ofCallee = callee.session.media[mediaIndex];
      if (ofCaller === undefined || ofCallee === undefined) continue;
      if (ofCaller.isRejected || ofCallee.isRejected) continue;
      const draft = {
        mediaType: ofCaller.type,
        mediaIndex,
        fromMs: atMs,
        isEarly: !isAnswered,
        callerToCallee: flow(ofCaller, ofCallee, payloadsOf(callee, mediaIndex)),
        calleeToCaller: flow(ofCallee, ofCaller, payloadsOf(caller, mediaIndex)),
      };
      // Another array for each: the room that one keeps for more would mostly stay empty.
      this.#open = this.#open.concat(draft);
    }
  }
}

type Draft = Omit<MediaAgreement, "toMs">;

function flow(
  sender: MediaDescription,
  receiver: MediaDescription,
  payloads: PayloadMap,
): AgreedFlow {
  const sends = sender.direction === "sendrecv" || sender.direction === "sendonly";
  const receives = receiver.direction === "sendrecv" || receiver.direction === "recvonly";
  return {
    maySend: sends && receives && !receiver.isHeldByAddress,
    payloads,
  };
}

/** What a party said it takes in a section, on whichever hop. */
function payloadsOf({ session, elsewhere }: Stated, mediaIndex: number): PayloadMap {
  const said = [session, ...elsewhere].flatMap((one) => one.media[mediaIndex]?.payloads ?? []);
  const [payloads = NO_PAYLOADS, ...others] = said;
  const isAll = others.every((one) => [...one.keys()].every((type) => payloads.has(type)));
  return isAll ? payloads : new Map(said.toReversed().flatMap((one) => [...one]));
}

const NO_PAYLOADS: PayloadMap = new Map();
const NOWHERE: readonly SessionDescription[] = [];

/** How a description reads where it was seen before: in the same exchange, and not the same. */
function elsewhere(
  earlier: Latest | undefined,
  { isOffer, cseq, toTag, session }: Described,
): readonly SessionDescription[] {
  const isOfOneExchange =
    cseq !== undefined &&
    earlier?.cseq === cseq &&
    earlier.isOffer === isOffer &&
    earlier.toTag === toTag;
  if (!isOfOneExchange) return NOWHERE;
  const others = [earlier.session, ...earlier.elsewhere].filter(
    (one) => signatureOf(one) !== signatureOf(session),
  );
  return others.slice(0, MAX_ELSEWHERE);
}

function isOther(tag: string | undefined, than: string | undefined): boolean {
  return tag !== undefined && than !== undefined && tag !== than;
}

/** Not by the session version alone: some stacks never raise it. */
function isSame(a: Described, b: Described): boolean {
  return (
    a.isOffer === b.isOffer &&
    a.toTag === b.toTag &&
    signatureOf(a.session) === signatureOf(b.session)
  );
}

const signatureOf = memoized((session: SessionDescription): string =>
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
