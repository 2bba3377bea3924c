/**
 * What connectivity checks tell the engine: between which endpoints media that was described will
 * flow. Names under `.local`, peer-reflexive addresses and relays stand in no description.
 *
 * @module
 */

import { checkFragments, STUN_METHOD, type StunMessage } from "../ice/stun.js";
import type { Engine } from "../native/engine.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { Path } from "../rtcp/report.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { SessionDescription } from "../sdp/description.js";

/** User fragments that are remembered, the newest. */
const MAX_FRAGMENTS = 16_384;
/** Endpoints that were named or are known for relays; beyond it they are learned anew. */
const MAX_ENDPOINTS = 65_536;

/** Follows the checks of a capture. */
export class CheckedPaths {
  readonly #engine: Engine;
  /** Which payload map the owner of a fragment receives by. */
  readonly #maps = new Map<string, number>();
  readonly #named = new Map<string, number>();
  readonly #relays = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes a description; `numberOf` registers a payload map. */
  describe(session: SessionDescription, numberOf: (map: PayloadMap) => number): void {
    const payloads = new Map<string, PayloadMap>();
    for (const { iceUfrag, payloads: own } of session.media) {
      if (iceUfrag === undefined) continue;
      // Sections that are bundled share the fragment, and the path.
      payloads.set(iceUfrag, new Map([...own, ...(payloads.get(iceUfrag) ?? [])]));
    }
    for (const [ufrag, map] of payloads) {
      if (this.#maps.size >= MAX_FRAGMENTS) this.#maps.clear();
      this.#maps.set(ufrag, numberOf(map));
    }
  }

  /** Takes a STUN message; what it tells holds from its frame on. */
  observe(message: StunMessage, { source, destination }: Path, frame: number): void {
    if (message.class !== "request") return;
    if (message.method === STUN_METHOD.allocate) this.#addRelay(destination);
    const fragments = checkFragments(message);
    if (fragments === undefined) return;
    const [receiver, sender] = fragments;
    this.#name(destination, receiver, frame);
    this.#name(source, sender, frame);
  }

  /** A relay's port serves many clients, each with payload types of its own. */
  #addRelay(server: Endpoint): void {
    if (this.#relays.size >= MAX_ENDPOINTS) this.#relays.clear();
    this.#relays.add(endpointKey(server));
  }

  #name(endpoint: Endpoint, ufrag: string, frame: number): void {
    const map = this.#maps.get(ufrag);
    const key = endpointKey(endpoint);
    if (map === undefined || this.#named.get(key) === map || this.#relays.has(key)) return;
    if (this.#named.size >= MAX_ENDPOINTS) this.#named.clear();
    this.#named.set(key, map);
    this.#engine.nameEndpoint(endpoint, frame, map);
  }
}
