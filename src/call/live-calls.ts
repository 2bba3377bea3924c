/**
 * The calls of one user agent while they go on: its signalling, and the media that was bound to it.
 *
 * @module
 */

import type { RoundTripSummary } from "../rtcp/round-trip.js";
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
import { CallBook, type CallBookOptions } from "./call-book.js";
import type { CallEntry } from "./call-entry.js";
import type {
  CallReport,
  DtlsReport,
  IceReport,
  MediaFlow,
  ReportedStreamRecord,
} from "./call-report.js";
import { type CallMaterial, composeCall } from "./compose-call.js";
import type { CallStream } from "./findings.js";
import { type Claim, MediaIndex, type Traffic } from "./media-index.js";
import type { CallContext, CallDetails } from "./observer.js";
import { rtcpClaim } from "./reported-stream.js";

/** Media bound to calls that have not been seen yet, beyond which the oldest binding is dropped. */
export const MAX_EARLY_BINDINGS = 4096;

/** What one side of a connection says of its session. */
export interface StatedSession {
  readonly by: "local" | "remote";
  readonly isOffer: boolean;
  readonly session: SessionDescription;
}

/** What an attachment knows of the media of a call. What it cannot know is empty or absent. */
export interface LiveMedia {
  /**
   * The descriptions in force, the offer first: for a call whose own were before anybody looked.
   * Absent where the media is not described.
   */
  readonly descriptions?: () => readonly StatedSession[];
  /** False where only reports come by, and no packet ever could. @default true */
  readonly seesPackets?: boolean;
  /** Reads everything once more: whoever owns it may close it next. */
  sample(): void;
  /** As far as it is known now, each with its direction; `localParty` is the attached side. */
  streams(localParty: CallParty): readonly CallStream[];
  /** As {@link streams}: whose end began is told by the party. */
  handshakes(localParty: CallParty): readonly DtlsReport[];
  ice(): IceReport | undefined;
  /** Ways of which RTCP proves that they carry media. */
  reportedFlows(localParty: CallParty): readonly MediaFlow[];
  /** The round-trip time as the stack states it. */
  stackRoundTrip(): RoundTripSummary | undefined;
  /** The round-trip time by our clock, where no stream has it. */
  measuredRoundTrip?(): RoundTripSummary | undefined;
  /** Streams that only RTCP tells of. */
  reportedStreams?(entry: CallEntry): readonly ReportedStreamRecord[];
}

/** Which call media belongs to. */
export interface MediaKey {
  readonly callId: string;
  /** Of the INVITE that made the call; without it, the newest call with that Call-ID. */
  readonly fromTag?: string | undefined;
}

/** What one side of a call said of its media. */
export interface CallDescription {
  /** The calls of which user agent: the same Call-ID may be known to several. */
  readonly owner: object;
  readonly key: MediaKey;
  readonly by: "local" | "remote";
  readonly session: SessionDescription;
}

/** Finds the media of calls by what their descriptions say. */
export interface MediaFinder {
  /** `bind` brings media to that call's record. */
  described(description: CallDescription, bind: (media: LiveMedia) => void): void;
  /** The call was told for the last time. */
  ended(owner: object, key: MediaKey): void;
}

/** What live calls are told about where they stand. */
export interface LiveCallsOptions extends Omit<CallBookOptions, "onEvicted"> {
  readonly finder?: MediaFinder;
  /** When somebody began to look: epoch milliseconds. */
  readonly attachedAtMs: number;
}

/** What all the media of a call gives to its record. */
export function materialOf(
  media: readonly LiveMedia[],
  localParty: CallParty,
): Pick<CallMaterial, "streams" | "handshakes" | "ice" | "stackRoundTrip" | "reportedFlows"> {
  const streams = media.flatMap((one) => [...one.streams(localParty)]);
  return {
    streams: streams.sort((a, b) => a.firstPacketAtMs - b.firstPacketAtMs),
    // A record is rounded in place; what media gives out stays its own.
    handshakes: media.flatMap((one) =>
      one.handshakes(localParty).map((handshake) => ({ handshake: structuredClone(handshake) })),
    ),
    ice: structuredClone(media.map((one) => one.ice()).find((one) => one !== undefined)),
    stackRoundTrip: structuredClone(
      media.map((one) => one.stackRoundTrip()).find((one) => one !== undefined),
    ),
    reportedFlows: media.flatMap((one) => [...one.reportedFlows(localParty)]),
  };
}

/** Follows the calls of one user agent. Each is told to the observer once, when it is over. */
export class LiveCalls {
  readonly #options: LiveCallsOptions;
  readonly #book: CallBook;
  readonly #media = new Map<CallEntry, LiveMedia[]>();
  readonly #index = new MediaIndex();
  /** Calls that were described since the index was last brought up to date. */
  readonly #described = new Set<SipCall>();
  /** How many places of each call are in the index. */
  readonly #indexed = new Map<CallEntry, number>();
  readonly #waiting: { readonly key: MediaKey; readonly media: LiveMedia }[] = [];
  #nowMs: number;
  #droppedBindings = 0;
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
  }

  /** Media that was bound to calls that never came, and was given up for newer. */
  get droppedBindings(): number {
    return this.#droppedBindings;
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
    this.#indexPlaces();
    return rtcpClaim(this.#index, traffic);
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
    for (const media of this.#media.values()) for (const one of media) one.sample();
    this.#book.tracker.abandonAll(atMs);
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
    this.#waiting.length = 0;
  }

  /** Brings media to its call, now or when that call begins. */
  bind(key: MediaKey, media: LiveMedia): void {
    const entry = this.#entryOf(key);
    if (entry !== undefined) {
      this.#mediaOf(entry).push(media);
      if (!entry.isDescribed) this.#describeBy(media, entry);
      return;
    }
    this.#waiting.push({ key, media });
    if (this.#waiting.length <= MAX_EARLY_BINDINGS) return;
    this.#waiting.shift();
    this.#droppedBindings += 1;
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
    return this.#entryOf({ callId }) !== undefined;
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

  /** Says that two calls, here or elsewhere, are legs of one conversation. */
  link(callId: string, otherCallId: string): void {
    this.#book.link(callId, otherCallId);
  }

  #onSipEvent(event: SipEvent, context: CallContext): void {
    if (event.kind === "call-started") this.#bindWaiting(event.call);
    if (event.kind === "description") this.#described.add(event.call);
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

  #describe(call: SipCall, party: CallParty): void {
    const by = party === this.#book.localPartyOf(call) ? "local" : "remote";
    const key = keyOf(call);
    for (const session of this.#sessions) {
      this.#options.finder?.described({ owner: this, key, by, session }, (media) => {
        this.bind(key, media);
      });
    }
  }

  /** Only sources of RTCP ask for calls by endpoint: for others there is no index. */
  #indexPlaces(): void {
    for (const call of this.#described) {
      const entry = this.#book.entryOf(call);
      if (entry === undefined) continue;
      const places = [...entry.places];
      const known = this.#indexed.get(entry) ?? 0;
      for (const place of places.slice(known)) this.#index.addPlace(entry, place);
      this.#indexed.set(entry, places.length);
    }
    this.#described.clear();
  }

  #bindWaiting(call: SipCall): void {
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1) {
      const waiting = this.#waiting[at];
      const entry = this.#book.entryOf(call);
      if (waiting === undefined || entry === undefined || !isOf(call, waiting.key)) continue;
      this.#waiting.splice(at, 1);
      this.#mediaOf(entry).push(waiting.media);
    }
  }

  #sample(call: SipCall): void {
    const entry = this.#book.entryOf(call);
    for (const media of (entry && this.#media.get(entry)) ?? []) media.sample();
  }

  #end(entry: CallEntry, isEvicted: boolean): void {
    const { report, details } = this.#compose(entry, isEvicted);
    this.#book.release(entry);
    this.#media.delete(entry);
    this.#options.finder?.ended(this, keyOf(entry.call));
    this.#described.delete(entry.call);
    if (this.#indexed.delete(entry)) this.#index.remove(entry);
    this.#options.observer?.onCall?.(report, details);
  }

  #compose(
    entry: CallEntry,
    isEvicted: boolean,
  ): { readonly report: CallReport; readonly details: CallDetails } {
    const { call } = entry;
    const localParty = this.#book.localPartyOf(call);
    const media = this.#media.get(entry) ?? [];
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
        gaps: [],
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
    let found: CallEntry | undefined;
    for (const entry of this.#book.entries) if (isOf(entry.call, key)) found = entry;
    return found;
  }

  #mediaOf(entry: CallEntry): LiveMedia[] {
    let media = this.#media.get(entry);
    if (media === undefined) {
      media = [];
      this.#media.set(entry, media);
    }
    return media;
  }

  #advanceClock(atMs: number): void {
    if (atMs > this.#nowMs) this.#nowMs = atMs;
  }
}

function keyOf({ callId, callerTag }: SipCall): MediaKey {
  return { callId, fromTag: callerTag };
}

function isOf(call: SipCall, { callId, fromTag }: MediaKey): boolean {
  return call.callId === callId && (fromTag === undefined || call.callerTag === fromTag);
}
