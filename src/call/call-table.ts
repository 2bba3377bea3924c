/**
 * All calls of one observation point: signalling, media and security, brought together.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import { DtlsObserver } from "../dtls/observer.js";
import { IceObserver } from "../ice/observer.js";
import type { IcePair } from "../ice/pair.js";
import type { Endpoint } from "../net/endpoint.js";
import type { NetworkSet } from "../net/network.js";
import { isoMicroseconds } from "../net/time.js";
import type { SessionDescription } from "../sdp/description.js";
import type { CallParty, SeenMessage, SipCall, SipEvent } from "../sip/call.js";
import { SipTracker } from "../sip/tracker.js";
import { CallEntry } from "./call-entry.js";
import type { CallReport, MediaFlow } from "./call-report.js";
import { composeCall } from "./compose-call.js";
import type { CallStream, Observation } from "./findings.js";
import { handshakeReport } from "./handshake-report.js";
import { joinStreams } from "./join-streams.js";
import { type Claim, MediaIndex, type Traffic } from "./media-index.js";
import type { CallContext, CallObserver } from "./observer.js";
import type { HandshakeReport } from "./report.js";

/** Calls kept unless another limit is set. */
export const DEFAULT_MAX_CALLS = 262_144;

/** What a call table is told about where it stands. */
export interface CallTableOptions {
  /** Names the user agent or the capture. */
  readonly observationPoint: string;
  /** The addresses of the observed side. Without them the callee's side is assumed in a capture. */
  readonly local?: NetworkSet | undefined;
  readonly observer?: CallObserver | undefined;
  /** Beyond it the oldest call is reported without its media. @default 262144 */
  readonly maxCalls?: number | undefined;
  /** RFC 3261 §17.1.1.1. @default 500 */
  readonly t1Ms?: number | undefined;
}

/** A message of signalling media security that came as a datagram. */
export interface SeenDatagram {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly atMs: number;
  readonly payload: Uint8Array;
}

/** What was brought to one call. */
interface JoinedMedia {
  readonly handshakes: DtlsAssociation[];
  readonly pairs: IcePair[];
  readonly reportedFlows: Set<MediaFlow>;
}

/** The calls that one observation point sees. */
export class CallTable {
  readonly #options: CallTableOptions;
  readonly #tracker: SipTracker;
  readonly #dtls = new DtlsObserver();
  readonly #ice = new IceObserver();
  readonly #entries = new Map<SipCall, CallEntry>();
  readonly #index = new MediaIndex();
  readonly #media = new Map<CallEntry, JoinedMedia>();
  readonly #context: CallContext;
  readonly #unclaimed: DtlsAssociation[] = [];
  #sessions: readonly SessionDescription[] = [];
  #evicted = 0;

  constructor(options: CallTableOptions) {
    this.#options = options;
    this.#tracker = new SipTracker({
      onEvent: (event) => {
        this.#onSipEvent(event);
      },
      ...(options.t1Ms !== undefined && { t1Ms: options.t1Ms }),
      maxCalls: options.maxCalls ?? DEFAULT_MAX_CALLS,
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

  get size(): number {
    return this.#entries.size;
  }

  /** Takes a message and the descriptions it carries. */
  observeSip(seen: SeenMessage, sessions: readonly SessionDescription[]): void {
    this.#sessions = sessions;
    this.#tracker.observe(seen);
    this.#sessions = [];
  }

  observeDtls(datagram: SeenDatagram): void {
    this.#dtls.observe(datagram);
  }

  observeStun(datagram: SeenDatagram): void {
    this.#ice.observe(datagram);
  }

  /** Nothing more comes: settles what is open, and brings handshakes and checks to their calls. */
  finish(atMs: number): void {
    this.#tracker.finish(atMs);
    for (const entry of this.#entries.values()) this.#index.add(entry);
    this.#joinChecks();
    this.#joinHandshakes();
  }

  /** For each stream the call it belongs to, if any. After {@link CallTable.finish}. */
  join(streams: readonly Traffic[]): readonly (Claim | undefined)[] {
    return joinStreams(this.#index, streams);
  }

  /** Takes traffic that RTCP proves, though its packets may not have been seen. */
  noteReported(traffic: readonly Traffic[]): void {
    for (const one of traffic) {
      const [claim] = this.#index.claims(one);
      if (claim !== undefined) this.#mediaOf(claim.entry).reportedFlows.add(claim.flow);
    }
  }

  /** The record of a call with the streams that were joined to it. */
  report(entry: CallEntry, streams: readonly CallStream[], observation: Observation): CallReport {
    const { call } = entry;
    const media = this.#media.get(entry);
    const { report, details } = composeCall({
      entry,
      streams,
      handshakes: media?.handshakes ?? [],
      pairs: media?.pairs ?? [],
      reportedFlows: [...(media?.reportedFlows ?? [])],
      observation: { ...observation, isSideAssumed: this.#knownLocalParty(call) === undefined },
      observationPoint: this.#options.observationPoint,
      localParty: this.localPartyOf(call),
      linkedCallIds: this.#linksOf(call),
    });
    this.#options.observer?.onCall?.(report, details);
    return report;
  }

  /** Handshakes of no call, whose fingerprints nobody stated. `toMs`: how far it was observed. */
  handshakesWithoutCall(toMs: number): HandshakeReport[] {
    return this.#unclaimed.flatMap((association) => {
      const { client, server, startedAtMs, offersSrtp } = association;
      const handshake = handshakeReport(association, {
        endedAtMs: toMs,
        isCallOver: false,
        hasSrtp: false,
      });
      if (handshake === undefined) return [];
      const startedAt = isoMicroseconds(startedAtMs);
      const report = { client, server, startedAt, offersSrtp, ...handshake };
      this.#options.observer?.onHandshake?.(report);
      return report;
    });
  }

  /** In a capture that says nothing of sides, the callee's side is the local one. */
  localPartyOf(call: SipCall): CallParty {
    return this.#knownLocalParty(call) ?? "callee";
  }

  #knownLocalParty(call: SipCall): CallParty | undefined {
    if (call.direction !== undefined) return call.direction === "out" ? "caller" : "callee";
    const { local } = this.#options;
    if (local === undefined || local.isEmpty) return undefined;
    const isCaller = call.caller.endpoint && local.holds(call.caller.endpoint.address);
    const isCallee = call.callee.endpoint && local.holds(call.callee.endpoint.address);
    if (isCaller === isCallee) return undefined;
    return isCaller === true ? "caller" : "callee";
  }

  #onSipEvent(event: SipEvent): void {
    if (event.call !== undefined) this.#follow(event.call, event);
    this.#options.observer?.onSipEvent?.(event, this.#context);
  }

  #follow(call: SipCall, event: SipEvent): void {
    let entry = this.#entries.get(call);
    if (entry === undefined) {
      entry = new CallEntry(call);
      this.#entries.set(call, entry);
      this.#evict();
    }
    if (event.kind === "description") {
      const { by, isOffer, toTag, atMs } = event;
      for (const session of this.#sessions) {
        entry.describe({ by, isOffer, toTag, atMs, session });
      }
    } else if (event.kind === "outcome" && call.answeredAtMs !== undefined) {
      entry.answered(call.answeredAtMs);
    }
  }

  #evict(): void {
    if (this.#entries.size <= (this.#options.maxCalls ?? DEFAULT_MAX_CALLS)) return;
    const [oldest] = this.#entries.keys();
    if (oldest === undefined) return;
    this.#entries.delete(oldest);
    this.#evicted += 1;
  }

  /** Checks name both sides' fragments, and so find endpoints that no description told. */
  #joinChecks(): void {
    const byUfrag = new Map<string, CallEntry[]>();
    for (const entry of this.#entries.values()) {
      for (const ufrag of entry.ufrags) {
        const entries = byUfrag.get(ufrag);
        if (entries === undefined) byUfrag.set(ufrag, [entry]);
        else entries.push(entry);
      }
    }
    for (const pair of this.#ice.pairs()) {
      const entry = byUfrag
        .get(pair.destinationUfrag)
        ?.find(
          (one) =>
            one.partyOfUfrag(pair.sourceUfrag) !== undefined &&
            one.partyOfUfrag(pair.sourceUfrag) !== one.partyOfUfrag(pair.destinationUfrag),
        );
      if (entry === undefined) continue;
      this.#mediaOf(entry).pairs.push(pair);
      this.#learn(entry, entry.partyOfUfrag(pair.sourceUfrag), pair.source);
      this.#learn(entry, entry.partyOfUfrag(pair.destinationUfrag), pair.destination);
    }
  }

  #learn(entry: CallEntry, party: CallParty | undefined, endpoint: Endpoint): void {
    if (party === undefined) return;
    const [first] = entry.agreements;
    const mediaType = first?.mediaType ?? "audio";
    const place = { party, endpoint, mediaType, source: "checked" as const };
    if (entry.learn(place)) this.#index.addPlace(entry, place);
  }

  #joinHandshakes(): void {
    for (const association of this.#dtls.associations()) {
      const { client, server, startedAtMs, lastPacketAtMs } = association;
      const [claim] = this.#index.claims({
        source: client,
        destination: server,
        fromMs: startedAtMs,
        toMs: lastPacketAtMs,
      });
      if (claim === undefined) this.#unclaimed.push(association);
      else this.#mediaOf(claim.entry).handshakes.push(association);
    }
  }

  #mediaOf(entry: CallEntry): JoinedMedia {
    let media = this.#media.get(entry);
    if (media === undefined) {
      media = { handshakes: [], pairs: [], reportedFlows: new Set() };
      this.#media.set(entry, media);
    }
    return media;
  }

  #links: ReadonlyMap<string, readonly string[]> | undefined;

  /** Other Call-IDs with the same Session-ID (RFC 7989), or that one leg names of another. */
  #linksOf(call: SipCall): string[] {
    this.#links ??= callIdsByConversation(this.#entries.keys());
    const linked = new Set(this.#links.get(`id ${call.callId}`));
    if (call.sessionId !== undefined) {
      for (const id of this.#links.get(`session ${call.sessionId}`) ?? []) linked.add(id);
    }
    linked.delete(call.callId);
    return [...linked].sort();
  }
}

function callIdsByConversation(calls: Iterable<SipCall>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (key: string, callId: string): void => {
    const ids = found.get(key);
    if (ids === undefined) found.set(key, [callId]);
    else ids.push(callId);
  };
  for (const { callId, sessionId, linkedCallId } of calls) {
    if (sessionId !== undefined) add(`session ${sessionId}`, callId);
    if (linkedCallId === undefined) continue;
    add(`id ${linkedCallId}`, callId);
    add(`id ${callId}`, linkedCallId);
  }
  return found;
}
