/**
 * All calls of one capture: signalling, media and security, brought together.
 *
 * @module
 */

import type { CertificateFingerprints, DtlsAssociation } from "../dtls/association.js";
import { DtlsObserver } from "../dtls/observer.js";
import { matchesFingerprint } from "../dtls/verdict.js";
import { IceObserver } from "../ice/observer.js";
import type { IcePair } from "../ice/pair.js";
import type { StunMessage } from "../ice/stun.js";
import type { Endpoint } from "../net/endpoint.js";
import { isoMicroseconds } from "../net/time.js";
import type { SessionDescription } from "../sdp/description.js";
import { type CallParty, type SeenMessage, otherParty } from "../sip/call.js";
import type { UnseenStream } from "../rtcp/unseen-streams.js";
import { CallBook, type CallBookOptions } from "./call-book.js";
import type { CallEntry } from "./call-entry.js";
import type { CallReport, MediaFlow, ReportedStreamRecord } from "./call-report.js";
import { composeCall } from "./compose-call.js";
import type { CallStream, Observation } from "./findings.js";
import { handshakeReport } from "./handshake-report.js";
import { joinStreams } from "./join-streams.js";
import { type Claim, isNear, MediaIndex, type Traffic } from "./media-index.js";
import {
  firstChecks,
  passiveHandshakes,
  passiveIce,
  type Relays,
  relaysAmong,
} from "./passive-media.js";
import { reportedStream, rtcpClaim } from "./reported-stream.js";
import type { HandshakeReport } from "./report.js";

/** A datagram that is neither SIP nor media. */
export interface SeenDatagram {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly atMs: number;
  readonly payload: Uint8Array;
}

/** Calls gone through in one piece. */
const CALLS_AT_ONCE = 16;

/** Of one call; a call has as many streams as media sections, and again after each restart. */
const MAX_REPORTED_STREAMS = 64;

/** What was brought to one call. */
interface JoinedMedia {
  readonly handshakes: DtlsAssociation[];
  readonly pairs: IcePair[];
  readonly reportedFlows: Set<MediaFlow>;
  readonly reportedStreams: ReportedStreamRecord[];
}

const PARTIES = ["caller", "callee"] as const;

function hasCertificate(
  entry: CallEntry,
  party: CallParty,
  certificate: CertificateFingerprints,
): boolean {
  return matchesFingerprint(certificate, entry.fingerprintsOf(party) ?? []) === true;
}

/** The calls that a capture shows. */
export class CallTable {
  readonly #options: Omit<CallBookOptions, "onEvicted">;
  readonly #book: CallBook;
  readonly #dtls = new DtlsObserver();
  readonly #ice = new IceObserver();
  readonly #index = new MediaIndex();
  readonly #media = new Map<CallEntry, JoinedMedia>();
  readonly #unclaimed: DtlsAssociation[] = [];
  readonly #mediaAddresses = new Set<string>();
  #relays: Relays = new Map();

  constructor(options: Omit<CallBookOptions, "onEvicted">) {
    this.#options = options;
    this.#book = new CallBook({
      ...options,
      onEvicted: (entry) => {
        this.#reportEvicted(entry);
      },
    });
  }

  /** Calls given up for newer ones. */
  get evicted(): number {
    return this.#book.evicted;
  }

  /** Reports of phones given up for newer ones. */
  get evictedReports(): number {
    return this.#book.voiceQuality.evicted;
  }

  /** Calls in the order in which they were first seen. */
  get entries(): Iterable<CallEntry> {
    return this.#book.entries;
  }

  /** Takes a message and the descriptions it carries. */
  observeSip(seen: SeenMessage, sessions: readonly SessionDescription[]): void {
    this.#book.observe(seen, sessions);
  }

  observeDtls(datagram: SeenDatagram): void {
    this.#dtls.observe(datagram);
  }

  /** Returns the message as it was read; absent where it is none. */
  observeStun(datagram: SeenDatagram): StunMessage | undefined {
    return this.#ice.observe(datagram);
  }

  /**
   * Nothing more comes: settles what is open, and brings handshakes and checks to their calls. Yields
   * now and then, so that others get their turn.
   */
  *finish(atMs: number): Generator<undefined, void> {
    this.#book.tracker.finish(atMs);
    let done = 0;
    for (const entry of this.#book.entries) {
      this.#index.add(entry);
      done += 1;
      if (done % CALLS_AT_ONCE === 0) yield;
    }
    this.#joinChecks();
    this.#relays = relaysAmong(this.#ice.mappings());
    yield;
    this.#joinHandshakes();
  }

  /** For each stream the call it belongs to, if any. After {@link CallTable.finish}; yields as that. */
  join(streams: readonly Traffic[]): Generator<undefined, readonly (Claim | undefined)[]> {
    for (const { source, destination } of streams) {
      this.#mediaAddresses.add(source.address).add(destination.address);
    }
    return joinStreams(this.#index, streams);
  }

  /** Where no media at all came from or went to a call's addresses, the capture was taken elsewhere. */
  #couldSeeMedia(entry: CallEntry): boolean {
    for (const { endpoint } of entry.places) {
      if (this.#mediaAddresses.has(endpoint.address)) return true;
    }
    return false;
  }

  /**
   * Takes traffic that RTCP proves, though its packets may not have been seen. Yields as
   * {@link CallTable.finish}.
   */
  *noteReported(traffic: Iterable<Traffic>): Generator<undefined, void> {
    let done = 0;
    for (const one of traffic) {
      const claim = rtcpClaim(this.#index, one);
      if (claim !== undefined) this.#mediaOf(claim.entry).reportedFlows.add(claim.flow);
      done += 1;
      if (done % CALLS_AT_ONCE === 0) yield;
    }
  }

  /** Takes streams that only RTCP tells of. */
  noteUnseen(streams: Iterable<UnseenStream>): void {
    for (const stream of streams) {
      const claim = rtcpClaim(this.#index, stream);
      const record = claim && reportedStream(claim.entry, claim.flow, stream);
      if (claim === undefined || record === undefined) continue;
      const { reportedStreams } = this.#mediaOf(claim.entry);
      if (reportedStreams.length < MAX_REPORTED_STREAMS) reportedStreams.push(record);
    }
  }

  /** The call that RTCP is about. After {@link CallTable.finish}. */
  callIdOfRtcp(traffic: Traffic): string | undefined {
    return rtcpClaim(this.#index, traffic)?.entry.call.callId;
  }

  /** The record of a call with the streams that were joined to it. */
  report(entry: CallEntry, streams: readonly CallStream[], observation: Observation): CallReport {
    const { call } = entry;
    const [anyPlace] = entry.places;
    const media = this.#media.get(entry);
    const localParty = this.#book.localPartyOf(call);
    const fit = this.#book.localNetworksFit(call);
    const { report, details } = composeCall({
      entry,
      streams,
      handshakes: passiveHandshakes(entry, media?.handshakes ?? [], streams, observation.toMs),
      ice: passiveIce(entry, media?.pairs ?? [], this.#relays, localParty),
      checks: firstChecks(media?.pairs ?? []),
      reportedFlows: [...(media?.reportedFlows ?? [])],
      reportedStreams: media?.reportedStreams ?? [],
      voiceQuality: this.#book.voiceQuality.of(entry),
      observation: {
        ...observation,
        hasMedia: observation.hasMedia && this.#couldSeeMedia(entry),
        isMediaUnnamed: observation.hasMedia && anyPlace === undefined,
        isSideAssumed: this.#book.knownLocalParty(call) === undefined,
        ...((fit === "both" || fit === "neither") && { localNetworksFit: fit }),
      },
      observationPoint: this.#options.observationPoint,
      localParty,
      linkedCallIds: this.#book.linksOf(call),
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

  /** Its media is not known before the capture's end; its record is told without, not kept. */
  #reportEvicted(entry: CallEntry): void {
    const { invitedAtMs: fromMs, lastMessageAtMs: toMs } = entry.call;
    this.report(entry, [], {
      kind: "capture",
      fromMs,
      toMs,
      hasMedia: false,
      hasCutPackets: false,
      gaps: [],
      isSideAssumed: false,
      hasEncryptedSignalling: false,
      isEvicted: true,
    });
  }

  /** Checks name both sides' fragments, and so find endpoints that no description told. */
  #joinChecks(): void {
    const byUfrag = new Map<string, CallEntry[]>();
    for (const entry of this.#book.entries) {
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
    const byFingerprint = this.#entriesByFingerprint();
    for (const association of this.#dtls.associations()) {
      const { client, server, startedAtMs, lastPacketAtMs } = association;
      const traffic = {
        source: client,
        destination: server,
        fromMs: startedAtMs,
        toMs: lastPacketAtMs,
      };
      const [claim] = this.#index.claims(traffic);
      const entry = claim?.entry ?? this.#callOfCertificates(association, byFingerprint, traffic);
      if (entry === undefined) this.#unclaimed.push(association);
      else this.#mediaOf(entry).handshakes.push(association);
    }
  }

  #entriesByFingerprint(): ReadonlyMap<string, readonly CallEntry[]> {
    const entries = new Map<string, CallEntry[]>();
    for (const entry of this.#book.entries) {
      for (const party of PARTIES) {
        for (const { algorithm, value } of entry.fingerprintsOf(party) ?? []) {
          const key = `${algorithm} ${value}`;
          const known = entries.get(key);
          if (known === undefined) entries.set(key, [entry]);
          else if (known.at(-1) !== entry) known.push(entry);
        }
      }
    }
    return entries;
  }

  /**
   * The one call whose two fingerprints a handshake's two certificates have, where no description
   * leads to it: its endpoints are then the call's. A process may use one certificate for all its
   * calls, so that several fit, and none is taken.
   */
  #callOfCertificates(
    { client, server, clientCertificate, serverCertificate }: DtlsAssociation,
    byFingerprint: ReadonlyMap<string, readonly CallEntry[]>,
    traffic: Traffic,
  ): CallEntry | undefined {
    if (clientCertificate === undefined || serverCertificate === undefined) return undefined;
    const found = new Map<CallEntry, CallParty>();
    for (const [algorithm, value] of serverCertificate) {
      for (const entry of byFingerprint.get(`${algorithm} ${value}`) ?? []) {
        if (!isNear(entry, traffic)) continue;
        const party = PARTIES.find(
          (one) =>
            hasCertificate(entry, one, serverCertificate) &&
            hasCertificate(entry, otherParty(one), clientCertificate),
        );
        if (party !== undefined) found.set(entry, party);
      }
    }
    const [only, ...others] = found;
    if (only === undefined || others.length > 0) return undefined;
    const [entry, serverParty] = only;
    this.#learn(entry, serverParty, server);
    this.#learn(entry, otherParty(serverParty), client);
    return entry;
  }

  #mediaOf(entry: CallEntry): JoinedMedia {
    let media = this.#media.get(entry);
    if (media === undefined) {
      media = { handshakes: [], pairs: [], reportedFlows: new Set(), reportedStreams: [] };
      this.#media.set(entry, media);
    }
    return media;
  }
}
