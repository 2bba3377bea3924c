/**
 * The calls of one user agent while they go on: its signalling, and the media that was bound to it.
 *
 * @module
 */

import type { SessionDescription } from "../sdp/description.js";
import {
  type CallParty,
  type SeenMessage,
  type SipCall,
  type SipEvent,
  otherParty,
} from "../sip/call.js";
import { parseVoiceQualityReport } from "../sip/voice-quality.js";
import { DEFAULT_MAX_CALLS } from "../sip/tracker.js";
import type { AdoptedDialog, LocalAbort, SendFailure } from "../sip/tracker-inputs.js";
import { BoundMedia } from "./bound-media.js";
import { CallBook, type CallBookOptions } from "./call-book.js";
import type { CallEntry } from "./call-entry.js";
import type { CallReport } from "./call-report.js";
import { composeCall } from "./compose-call.js";
import { DescribedPlaces } from "./described-places.js";
import {
  isOf,
  keyOf,
  type LiveMedia,
  materialOf,
  type MediaFinder,
  type MediaKey,
} from "./live-media.js";
import type { Claim, Traffic } from "./media-index.js";
import { difference, lengthMs, merged, type Span } from "./issues/spans.js";
import type { CallContext, CallDetails } from "./observer.js";

/** Whoever attaches media when he hears that it is up, or that the call is, comes less late than that. */
const MIN_UNWATCHED_MS = 1000;

const ALL_ALONG: Span = { fromMs: -Infinity, toMs: Infinity };

/** What live calls are told about where they stand. */
export interface LiveCallsOptions extends Omit<CallBookOptions, "onEvicted"> {
  readonly finder?: MediaFinder;
  /** When somebody began to look: epoch milliseconds. */
  readonly attachedAtMs: number;
}

/** Follows the calls of one user agent. Each is told to the observer once, when it is over. */
export class LiveCalls {
  readonly #options: LiveCallsOptions;
  readonly #book: CallBook;
  readonly #media = new BoundMedia();
  readonly #places: DescribedPlaces;
  #nowMs: number;
  /** Of the evictions of the tracker, those that were told. */
  #givenUp = 0;
  #sessions: readonly SessionDescription[] = [];

  constructor(options: LiveCallsOptions) {
    this.#options = options;
    this.#nowMs = options.attachedAtMs;
    this.#book = new CallBook({
      ...options,
      maxCalls: this.limit,
      observer: {
        onSipEvent: (event, context) => {
          this.#onSipEvent(event, context);
        },
        onMessage: (seen) => {
          this.#options.observer?.onMessage?.(seen);
        },
      },
      onEvicted: (entry) => {
        this.#end(entry, true);
      },
    });
    this.#places = new DescribedPlaces((call) => this.#book.entryOf(call));
  }

  /** Media that was bound to calls that never came, and was given up for newer. */
  get droppedBindings(): number {
    return this.#media.dropped;
  }

  /** Calls given up for newer ones. */
  get evicted(): number {
    return this.#book.evicted + this.#book.tracker.counters.evictedCalls;
  }

  /** How many calls may be open. */
  get limit(): number {
    return this.#options.maxCalls ?? DEFAULT_MAX_CALLS;
  }

  onMessage(seen: SeenMessage, sessions: readonly SessionDescription[]): void {
    this.#advanceClock(seen.atMs);
    this.#sessions = sessions;
    this.#book.observe(seen, sessions);
    this.#sessions = [];
  }

  /** Takes a voice quality report that came by itself, outside of a SIP message. */
  onVoiceQuality(text: string, atMs: number): boolean {
    return this.#book.voiceQuality.take(parseVoiceQualityReport(text), text, atMs);
  }

  /** The open call that RTCP between those endpoints is about. */
  callOfRtcp(traffic: Traffic): Claim | undefined {
    return this.#places.callOfRtcp(traffic);
  }

  sendFailed(failure: SendFailure): void {
    this.#advanceClock(failure.atMs);
    this.#book.tracker.sendFailed(failure);
  }

  localAbort(abort: LocalAbort): void {
    this.#advanceClock(abort.atMs);
    this.#book.tracker.localAbort(abort);
  }

  adopt(dialog: AdoptedDialog): void {
    this.#advanceClock(dialog.atMs);
    this.#book.tracker.adopt(dialog);
  }

  /** The user agent is gone: what is open ends as abandoned. */
  abandonAll(atMs: number): void {
    this.#advanceClock(atMs);
    this.#media.sample();
    this.#book.tracker.abandonAll(atMs);
  }

  /** Nobody looks at the calls of one Call-ID any more: they are told as they stand. */
  abandon(callId: string, atMs: number): void {
    this.#advanceClock(atMs);
    for (const entry of this.#book.withCallId(callId)) this.#media.sample(entry);
    this.#book.tracker.abandon(callId, atMs);
  }

  /** Lets timers run: call it about once a second. */
  advance(atMs: number): void {
    this.#advanceClock(atMs);
    this.#book.tracker.advance(atMs);
  }

  /** The user agent is gone, and nothing more is observed: every call is told as it stands. */
  close(atMs: number): void {
    this.abandonAll(atMs);
    this.finish(atMs);
  }

  /** Nothing more is observed, whatever becomes of the calls: every one is told as it stands. */
  finish(atMs: number): void {
    this.#advanceClock(atMs);
    this.#book.tracker.finish(atMs);
    for (const entry of [...this.#book.entries]) this.#end(entry, false);
    this.#media.forgetWaiting();
  }

  /** Brings media to its call, now or when that call begins. */
  bind(key: MediaKey, media: LiveMedia): void {
    const entry = this.#entryOf(key);
    if (entry === undefined) {
      this.#media.keep(key, media);
      return;
    }
    this.#media.add(entry, media);
    if (!entry.isDescribed) this.#describeBy(media, entry);
  }

  /** What the messages said before anybody looked stands in the media's own descriptions. */
  #describeBy(media: LiveMedia, entry: CallEntry): void {
    const localParty = this.#book.localPartyOf(entry.call);
    for (const { by, isOffer, session } of media.descriptions?.() ?? []) {
      const party = by === "local" ? localParty : otherParty(localParty);
      entry.describe({ by: party, isOffer, atMs: this.#nowMs, session });
    }
  }

  /** The call whose descriptions carry both user fragments, for media that nobody bound. */
  callByFragments(localUfrag: string, remoteUfrag: string): SipCall | undefined {
    for (const entry of this.#book.entries) {
      const local = entry.partyOfUfrag(localUfrag);
      const remote = entry.partyOfUfrag(remoteUfrag);
      if (local !== undefined && remote !== undefined && local !== remote) return entry.call;
    }
    return undefined;
  }

  /** Every open call. */
  get calls(): SipCall[] {
    return Array.from(this.#book.entries, ({ call }) => call);
  }

  /** How many open calls there are. */
  get size(): number {
    return this.#book.size;
  }

  /** Whether there is an open call with that Call-ID. */
  has(callId: string): boolean {
    return this.#book.withCallId(callId).size > 0;
  }

  /** An open call as it stands; `undefined` once it is over. */
  reportOf(call: SipCall): CallReport | undefined {
    const entry = this.#book.entryOf(call);
    return entry && this.#compose(entry, false).report;
  }

  /** Every open call as it stands. */
  snapshot(): CallReport[] {
    return [...this.#book.entries].map((entry) => this.#compose(entry, false).report);
  }

  #onSipEvent(event: SipEvent, context: CallContext): void {
    if (event.kind === "call-started") this.#begin(event.call);
    // Before the stack acts on the BYE and closes what the numbers are in.
    if (event.kind === "bye") this.#sample(event.call);
    if (event.kind === "description") this.#describe(event.call, event.by);
    this.#options.observer?.onSipEvent?.(event, context);
    if (event.kind !== "call-ended") return;
    const entry = this.#book.entryOf(event.call);
    if (entry !== undefined) this.#end(entry, this.#wasGivenUp());
  }

  /** The tracker gives the oldest call up by itself, and says no more than that it is over. */
  #wasGivenUp(): boolean {
    const { evictedCalls } = this.#book.tracker.counters;
    const isEvicted = evictedCalls > this.#givenUp;
    this.#givenUp = evictedCalls;
    return isEvicted;
  }

  #begin(call: SipCall): void {
    const entry = this.#book.entryOf(call);
    if (entry !== undefined) this.#media.begin(entry);
  }

  #sample(call: SipCall): void {
    const entry = this.#book.entryOf(call);
    if (entry !== undefined) this.#media.sample(entry);
  }

  #describe(call: SipCall, party: CallParty): void {
    this.#places.described(call);
    const by = party === this.#book.localPartyOf(call) ? "local" : "remote";
    const key = keyOf(call);
    for (const session of this.#sessions) {
      this.#options.finder?.described({ owner: this, key, by, session }, (media) => {
        this.bind(key, media);
      });
    }
  }

  #end(entry: CallEntry, isEvicted: boolean): void {
    const { report, details } = this.#compose(entry, isEvicted);
    this.#book.release(entry);
    this.#media.release(entry);
    this.#options.finder?.ended(this, keyOf(entry.call));
    this.#places.release(entry);
    this.#options.observer?.onCall?.(report, details);
  }

  #compose(
    entry: CallEntry,
    isEvicted: boolean,
  ): { readonly report: CallReport; readonly details: CallDetails } {
    const { call } = entry;
    const localParty = this.#book.localPartyOf(call);
    const media = this.#media.of(entry);
    return composeCall({
      entry,
      ...materialOf(media, localParty),
      measuredRoundTrip: media
        .map((one) => one.measuredRoundTrip?.())
        .find((one) => one !== undefined),
      reportedStreams: media.flatMap((one) => one.reportedStreams?.(entry) ?? []),
      voiceQuality: this.#book.voiceQuality.of(entry),
      observation: {
        kind: "live",
        fromMs: this.#options.attachedAtMs,
        toMs: this.#nowMs,
        hasMedia: media.some(({ seesPackets = true }) => seesPackets),
        hasCutPackets: false,
        gaps: unwatched(call, media, this.#nowMs),
        isSideAssumed: this.#book.knownLocalParty(call) === undefined,
        hasEncryptedSignalling: false,
        ...(isEvicted && { isEvicted }),
      },
      observationPoint: this.#options.observationPoint,
      localParty,
      linkedCallIds: this.#book.linksOf(call),
    });
  }

  #entryOf(key: MediaKey): CallEntry | undefined {
    return [...this.#book.withCallId(key.callId)].findLast((entry) => isOf(entry.call, key));
  }

  #advanceClock(atMs: number): void {
    if (atMs > this.#nowMs) this.#nowMs = atMs;
  }
}

/** Stretches of an answered call in which nobody looked for the packets of the media that it has. */
function unwatched(call: SipCall, media: readonly LiveMedia[], nowMs: number): Span[] {
  const watched = merged(media.flatMap((one) => one.watched?.() ?? [ALL_ALONG]));
  const [first] = watched;
  if (first === undefined) return [];
  // What was before a call was first seen is told of as that.
  const fromMs = call.answeredAtMs ?? first.fromMs;
  const life = { fromMs, toMs: call.endedAtMs ?? nowMs };
  return difference([life], watched).filter((gap) => lengthMs(gap) >= MIN_UNWATCHED_MS);
}
