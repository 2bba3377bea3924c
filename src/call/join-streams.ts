/**
 * Brings streams to their calls.
 *
 * @module
 */

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
  const flows = new Map<CallEntry, number>();
  const take = (at: number, traffic: Traffic, claims: readonly Claim[]): void => {
    const [claim] = claims;
    if (claim === undefined) return;
    joined[at] = claim;
    noteFlow(flows, claim);
    noteSharing(claims, traffic);
  };

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
    if (claim === undefined) continue;
    if (claim.strength === STRENGTH.source && hasFlow(flows, claim)) continue;
    take(at, traffic, claims);
  }
  return joined;
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

const FLOW_BITS = { "caller-to-callee": 1, "callee-to-caller": 2 } as const;

function noteFlow(flows: Map<CallEntry, number>, { entry, flow }: Claim): void {
  flows.set(entry, (flows.get(entry) ?? 0) | FLOW_BITS[flow]);
}

function hasFlow(flows: ReadonlyMap<CallEntry, number>, { entry, flow }: Claim): boolean {
  return ((flows.get(entry) ?? 0) & FLOW_BITS[flow]) !== 0;
}

/** Calls at the same time over the same ports have one stream between them; it is of the first. */
function noteSharing([first, ...others]: readonly Claim[], traffic: Traffic): void {
  for (const { entry, strength } of others) {
    if (strength !== first?.strength || overlapMs(entry, traffic) <= 0) continue;
    entry.sharesStream = true;
    first.entry.sharesStream = true;
  }
}
