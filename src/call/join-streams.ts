/**
 * Brings streams to their calls.
 *
 * @module
 */

import { endpointKey } from "../net/endpoint.js";
import type { CallEntry } from "./call-entry.js";
import { type Claim, type MediaIndex, overlapMs, STRENGTH, type Traffic } from "./media-index.js";

/** Streams gone through in one piece. */
const STREAMS_AT_ONCE = 32;

/**
 * For each stream the call it belongs to, if any.
 *
 * A party behind a NAT sends from where no description says: what it sends is known by where it
 * goes, and what is sent back to it by where that was. So streams are gone through twice.
 *
 * Yields now and then, so that others get their turn.
 */
export function* joinStreams(
  index: MediaIndex,
  streams: readonly Traffic[],
): Generator<undefined, readonly (Claim | undefined)[]> {
  const joined = new Array<Claim | undefined>(streams.length);
  const take = (at: number, traffic: Traffic, claims: readonly Claim[]): void => {
    const [claim] = claims;
    if (claim === undefined) return;
    joined[at] = claim;
    noteSharing(claims, traffic);
  };
  const bySender: SentStream[] = [];

  for (const [at, traffic] of streams.entries()) {
    if (at % STREAMS_AT_ONCE === STREAMS_AT_ONCE - 1) yield;
    const claims = index.claims(traffic);
    const [claim] = claims;
    if (claim === undefined || claim.strength < STRENGTH.destination) continue;
    take(at, traffic, claims);
    learnSender(index, claim, traffic);
  }
  for (const [at, traffic] of streams.entries()) {
    if (at % STREAMS_AT_ONCE === STREAMS_AT_ONCE - 1) yield;
    if (joined[at] !== undefined) continue;
    const claims = index.claims(traffic);
    const [claim] = claims;
    if (claim?.strength === STRENGTH.source) bySender.push({ at, traffic, claim, claims });
    else take(at, traffic, claims);
  }
  const ways = new Ways(bySender);
  for (const [at, claim] of joined.entries()) ways.note(claim, streams[at]);
  for (const { at, traffic, claim, claims } of bySender) {
    if (!ways.isOpen(claim, traffic)) continue;
    take(at, traffic, claims);
    ways.note(claim, traffic);
  }
  return joined;
}

/** A stream that is known by its sender alone. */
interface SentStream {
  readonly at: number;
  readonly traffic: Traffic;
  /** The likeliest. */
  readonly claim: Claim;
  readonly claims: readonly Claim[];
}

/**
 * Where those calls' media goes that have such streams, by the port it is sent from. What goes elsewhere
 * out of the same port may be for others.
 */
class Ways {
  readonly #byEntry: ReadonlyMap<CallEntry, Map<string, string>>;

  constructor(streams: readonly SentStream[]) {
    this.#byEntry = new Map(streams.map(({ claim }) => [claim.entry, new Map<string, string>()]));
  }

  /** Whether media of that sender goes there, or nowhere yet. */
  isOpen({ entry }: Claim, { source, destination }: Traffic): boolean {
    const known = this.#byEntry.get(entry)?.get(endpointKey(source));
    return known === undefined || known === endpointKey(destination);
  }

  note(claim: Claim | undefined, traffic: Traffic | undefined): void {
    const ways = claim && this.#byEntry.get(claim.entry);
    if (ways === undefined || traffic === undefined) return;
    const from = endpointKey(traffic.source);
    if (!ways.has(from)) ways.set(from, endpointKey(traffic.destination));
  }
}

function learnSender(index: MediaIndex, { entry, flow, mediaType }: Claim, traffic: Traffic): void {
  const place = {
    party: flow === "caller-to-callee" ? ("caller" as const) : ("callee" as const),
    endpoint: traffic.source,
    mediaType,
    source: "learned" as const,
  };
  if (entry.learn(place)) index.addPlace(entry, place);
}

/** Calls at the same time over the same ports have one stream between them; it is of the first. */
function noteSharing([first, ...others]: readonly Claim[], traffic: Traffic): void {
  for (const { entry, strength } of others) {
    if (strength !== first?.strength || overlapMs(entry, traffic) <= 0) continue;
    entry.sharesStream = true;
    first.entry.sharesStream = true;
  }
}
