/**
 * The calls that one observation point sees, as their signalling tells them: what a capture and live
 * attachments have in common.
 *
 * @module
 */

import type { NetworkSet } from "../net/network.js";
import type { SessionDescription } from "../sdp/description.js";
import type { CallParty, SeenMessage, SipCall, SipEvent } from "../sip/call.js";
import { SipTracker } from "../sip/tracker.js";
import type { IdentityChecker } from "../stir/verify.js";
import { CallEntry } from "./call-entry.js";
import { Conversations } from "./conversations.js";
import { takeIdentity, WITHOUT_CERTIFICATES } from "./identity-report.js";
import type { CallContext, CallObserver } from "./observer.js";
import { VoiceQualityReports } from "./voice-quality-reports.js";

/** Calls kept unless another limit is set. */
export const DEFAULT_MAX_CALLS = 262_144;

const NO_ENTRIES: ReadonlySet<CallEntry> = new Set();

/** What a call book is told about where it stands. */
export interface CallBookOptions {
  /** Names the user agent or the capture. */
  readonly observationPoint: string;
  /** The addresses of the observed side. Without them the callee's side is assumed in a capture. */
  readonly local?: NetworkSet | undefined;
  readonly observer?: CallObserver | undefined;
  /** Verifies who vouches for callers. @default without any certificates */
  readonly identities?: IdentityChecker | undefined;
  /** Beyond it the oldest call is given up for each new one. @default 262144 */
  readonly maxCalls?: number | undefined;
  /** RFC 3261 §17.1.1.1. @default 500 */
  readonly t1Ms?: number | undefined;
  /** Legs of one conversation may be seen by several. @default each knows its own */
  readonly conversations?: Conversations | undefined;
  /** A call is given up before it was reported. */
  readonly onEvicted: (entry: CallEntry) => void;
}

/** Keeps one entry a call. */
export class CallBook {
  readonly tracker: SipTracker;
  readonly voiceQuality = new VoiceQualityReports();
  readonly #options: CallBookOptions;
  readonly #entries = new Map<SipCall, CallEntry>();
  readonly #byCallId = new Map<string, Set<CallEntry>>();
  readonly #context: CallContext;
  #sessions: readonly SessionDescription[] = [];
  readonly #conversations: Conversations;
  #evicted = 0;

  constructor(options: CallBookOptions) {
    this.#options = options;
    this.#conversations = options.conversations ?? new Conversations();
    const { t1Ms, maxCalls = DEFAULT_MAX_CALLS } = options;
    this.tracker = new SipTracker({
      onEvent: (event) => {
        this.#onSipEvent(event);
      },
      ...(t1Ms !== undefined && { t1Ms }),
      maxCalls,
    });
    this.#context = {
      localPartyOf: (call) => this.localPartyOf(call),
      transportOf: (call) => this.#entries.get(call)?.transport ?? "sip",
    };
  }

  /** Calls given up for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Calls in the order in which they were first seen. */
  get entries(): Iterable<CallEntry> {
    return this.#entries.values();
  }

  /** Those with a Call-ID, as {@link entries}. */
  withCallId(callId: string): ReadonlySet<CallEntry> {
    return this.#byCallId.get(callId) ?? NO_ENTRIES;
  }

  /** How many of them there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes a message and the descriptions it carries. */
  observe(seen: SeenMessage, sessions: readonly SessionDescription[]): void {
    this.#options.observer?.onMessage?.(seen);
    this.#sessions = sessions;
    this.tracker.observe(seen);
    this.#sessions = [];
    this.voiceQuality.observe(seen);
  }

  entryOf(call: SipCall): CallEntry | undefined {
    return this.#entries.get(call);
  }

  /** Forgets a call that was reported. */
  release(entry: CallEntry): void {
    this.#remove(entry);
    this.voiceQuality.forget(entry.call.callId);
  }

  /** In a capture that says nothing of sides, the callee's side is the local one. */
  localPartyOf(call: SipCall): CallParty {
    return this.knownLocalParty(call) ?? "callee";
  }

  /** Absent where neither the transport nor the networks of the local side tell. */
  knownLocalParty(call: SipCall): CallParty | undefined {
    if (call.direction !== undefined) return call.direction === "out" ? "caller" : "callee";
    const fit = this.localNetworksFit(call);
    return fit === "caller" || fit === "callee" ? fit : undefined;
  }

  /** Which parties the networks of the local side hold; absent where none were stated. */
  localNetworksFit({ caller, callee }: SipCall): CallParty | "both" | "neither" | undefined {
    const { local } = this.#options;
    if (local === undefined || local.isEmpty) return undefined;
    const isCaller = caller.endpoint !== undefined && local.holds(caller.endpoint.address);
    const isCallee = callee.endpoint !== undefined && local.holds(callee.endpoint.address);
    if (isCaller === isCallee) return isCaller ? "both" : "neither";
    return isCaller ? "caller" : "callee";
  }

  /** Other Call-IDs with the same Session-ID (RFC 7989), or that one leg names of another. */
  linksOf(call: SipCall): string[] {
    return this.#conversations.of(call);
  }

  #onSipEvent(event: SipEvent): void {
    if (event.call !== undefined) this.#follow(event.call, event);
    this.#options.observer?.onSipEvent?.(event, this.#context);
  }

  #follow(call: SipCall, event: SipEvent): void {
    let entry = this.#entries.get(call);
    if (entry === undefined) {
      entry = new CallEntry(call);
      this.#add(entry);
      this.#makeRoom();
    }
    if (event.kind === "message") {
      this.#conversations.note(call);
      entry.followDialog(event.atMs);
      takeIdentity(entry, this.#options.identities ?? WITHOUT_CERTIFICATES);
    } else if (event.kind === "description") {
      const { by, isOffer, cseq, toTag, atMs } = event;
      for (const session of this.#sessions) {
        entry.describe({ by, isOffer, cseq, toTag, atMs, session });
      }
    } else if (event.kind === "outcome" && call.answeredAtMs !== undefined) {
      entry.answered(call.answeredAtMs);
    }
  }

  #makeRoom(): void {
    if (this.#entries.size <= (this.#options.maxCalls ?? DEFAULT_MAX_CALLS)) return;
    const [oldest] = this.#entries.values();
    if (oldest === undefined) return;
    this.#remove(oldest);
    this.#evicted += 1;
    this.#options.onEvicted(oldest);
    this.voiceQuality.forget(oldest.call.callId);
  }

  #add(entry: CallEntry): void {
    const { call } = entry;
    this.#entries.set(call, entry);
    const known = this.#byCallId.get(call.callId);
    if (known === undefined) this.#byCallId.set(call.callId, new Set([entry]));
    else known.add(entry);
  }

  #remove(entry: CallEntry): void {
    const { call } = entry;
    if (!this.#entries.delete(call)) return;
    this.#conversations.ended(call);
    const known = this.#byCallId.get(call.callId);
    known?.delete(entry);
    if (known?.size === 0) this.#byCallId.delete(call.callId);
  }
}
