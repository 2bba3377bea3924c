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
}

/** Finds calls by the endpoints of their media. */
export class MediaIndex {
  readonly #byEndpoint = new Map<string, Claimant[]>();

  add(entry: CallEntry): void {
    for (const place of entry.places) this.addPlace(entry, place);
  }

  addPlace(entry: CallEntry, place: MediaPlace): void {
    const key = endpointKey(place.endpoint);
    const claimants = this.#byEndpoint.get(key);
    if (claimants === undefined) this.#byEndpoint.set(key, [{ entry, place }]);
    else claimants.push({ entry, place });
  }

  /** Forgets a call. */
  remove(entry: CallEntry): void {
    for (const { endpoint } of entry.places) {
      const key = endpointKey(endpoint);
      const rest = this.#byEndpoint.get(key)?.filter((claimant) => claimant.entry !== entry) ?? [];
      if (rest.length > 0) this.#byEndpoint.set(key, rest);
      else this.#byEndpoint.delete(key);
    }
  }

  /** Every call that may own the traffic, the likeliest first. */
  claims(traffic: Traffic): Claim[] {
    const found = new Map<CallEntry, Claim>();
    for (const { entry, place } of this.#at(traffic.destination)) {
      if (!isNear(entry, traffic)) continue;
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
    for (const { entry, place } of this.#at(traffic.source)) {
      if (found.has(entry) || !isNear(entry, traffic)) continue;
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

  #at(endpoint: Endpoint): readonly Claimant[] {
    return this.#byEndpoint.get(endpointKey(endpoint)) ?? [];
  }
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
