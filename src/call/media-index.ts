/**
 * Which call a stream, a handshake or a check belongs to, by where it came from and went to.
 *
 * @module
 */

import { endpointKey, type Endpoint } from "../net/endpoint.js";
import type { CallEntry, MediaPlace } from "./call-entry.js";
import type { MediaFlow } from "./call-report.js";

/** Media that long before the INVITE or after the end of a call may still be the call's. */
const MARGIN_MS = 32_000;

/** Something between two endpoints, and when. */
export interface Traffic {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where traffic belongs. */
export interface Claim {
  readonly entry: CallEntry;
  readonly flow: MediaFlow;
  readonly mediaType: string;
  readonly strength: Strength;
}

/** How sure a claim is: by its sender alone, by its receiver, or by both. */
export const STRENGTH = { source: 1, destination: 2, both: 3 } as const;
type Strength = (typeof STRENGTH)[keyof typeof STRENGTH];

interface Claimant {
  readonly entry: CallEntry;
  readonly place: MediaPlace;
  /** When the last of this one and those before it is over, or later. */
  untilMs: number;
}

interface Claimants {
  /** By the time of the INVITE: thousands of calls may have one port, one after another. */
  list: Claimant[];
  /** How many have their `untilMs`. */
  noted: number;
}

/** Finds calls by the endpoints of their media. */
export class MediaIndex {
  readonly #byEndpoint = new Map<string, Claimants>();

  add(entry: CallEntry): void {
    for (const place of entry.places) this.addPlace(entry, place);
  }

  addPlace(entry: CallEntry, place: MediaPlace): void {
    const key = endpointKey(place.endpoint);
    const claimant = { entry, place, untilMs: Infinity };
    const claimants = this.#byEndpoint.get(key);
    if (claimants === undefined) {
      this.#byEndpoint.set(key, { list: [claimant], noted: 0 });
      return;
    }
    const at = firstAfter(claimants.list, entry.call.invitedAtMs);
    claimants.list.splice(at, 0, claimant);
    claimants.noted = Math.min(claimants.noted, at);
  }

  /** Forgets a call. */
  remove(entry: CallEntry): void {
    for (const { endpoint } of entry.places) {
      const key = endpointKey(endpoint);
      const claimants = this.#byEndpoint.get(key);
      if (claimants === undefined) continue;
      claimants.list = claimants.list.filter((claimant) => claimant.entry !== entry);
      claimants.noted = Math.min(claimants.noted, claimants.list.length);
      if (claimants.list.length === 0) this.#byEndpoint.delete(key);
    }
  }

  /** Every call that may own the traffic, the likeliest first. */
  claims(traffic: Traffic): Claim[] {
    const found = new Map<CallEntry, Claim>();
    for (const { entry, place } of this.#near(traffic.destination, traffic)) {
      const sender = place.party === "callee" ? "caller" : "callee";
      const isBoth = entry.place(sender, traffic.source) !== undefined;
      const strength = isBoth ? STRENGTH.both : STRENGTH.destination;
      const earlier = found.get(entry);
      if (earlier !== undefined && earlier.strength >= strength) continue;
      found.set(entry, {
        entry,
        flow: place.party === "callee" ? "caller-to-callee" : "callee-to-caller",
        mediaType: place.mediaType,
        strength,
      });
    }
    for (const { entry, place } of this.#near(traffic.source, traffic)) {
      if (found.has(entry)) continue;
      found.set(entry, {
        entry,
        flow: place.party === "caller" ? "caller-to-callee" : "callee-to-caller",
        mediaType: place.mediaType,
        strength: STRENGTH.source,
      });
    }
    if (found.size < 2) return [...found.values()];
    return [...found.values()].sort(
      (a, b) =>
        b.strength - a.strength || overlapMs(b.entry, traffic) - overlapMs(a.entry, traffic),
    );
  }

  /** Calls with a place there in the traffic's time, the earlier first. */
  #near(endpoint: Endpoint, traffic: Traffic): readonly Claimant[] {
    const claimants = this.#byEndpoint.get(endpointKey(endpoint));
    if (claimants === undefined) return [];
    noteEnds(claimants);
    const { list } = claimants;
    const near: Claimant[] = [];
    for (let at = firstAfter(list, traffic.toMs + MARGIN_MS) - 1; at >= 0; at -= 1) {
      const claimant = list[at];
      if (claimant === undefined || claimant.untilMs < traffic.fromMs - MARGIN_MS) break;
      if (isNear(claimant.entry, traffic)) near.push(claimant);
    }
    return near.reverse();
  }
}

/** The place of the first call whose INVITE is later. */
function firstAfter(list: readonly Claimant[], atMs: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.entry.call.invitedAtMs ?? Infinity) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A call that goes on may last for ever. */
function noteEnds(claimants: Claimants): void {
  const { list } = claimants;
  let untilMs = list[claimants.noted - 1]?.untilMs ?? -Infinity;
  for (const claimant of list.slice(claimants.noted)) {
    untilMs = Math.max(untilMs, claimant.entry.call.endedAtMs ?? Infinity);
    claimant.untilMs = untilMs;
  }
  claimants.noted = list.length;
}

/** How long the traffic lasted within the call's life; negative: how far it is from it. */
export function overlapMs({ call }: CallEntry, { fromMs, toMs }: Traffic): number {
  const endMs = call.endedAtMs ?? Math.max(call.lastMessageAtMs, toMs);
  return Math.min(endMs, toMs) - Math.max(call.invitedAtMs, fromMs);
}

/** Whether the traffic is of a call's time. */
export function isNear(entry: CallEntry, traffic: Traffic): boolean {
  return overlapMs(entry, traffic) > -MARGIN_MS;
}
