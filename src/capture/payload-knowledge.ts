/**
 * Tells the engine what signalling says of endpoints: which payload type has which clock, where, and
 * from when on.
 *
 * @module
 */

import type { Engine } from "../native/engine.js";
import type { SignallingEvent } from "../native/events.js";
import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import { STATIC_PAYLOADS } from "../rtp/static-payloads.js";
import { mediaEndpoints } from "../sdp/media-endpoint.js";
import { parseSdp } from "../sdp/session.js";
import { scanSipMessage } from "../sip/message.js";
import { sdpBodies } from "../sip/sdp-bodies.js";

/** Distinct payload maps; descriptions with further ones name their endpoints without a map. */
const MAX_MAPS = 4096;

/** What could not be read of the signalling. */
export interface SignallingCounters {
  malformedSip: number;
  malformedSdp: number;
}

/** Reads session descriptions for one engine. */
export class PayloadKnowledge {
  readonly counters: SignallingCounters = { malformedSip: 0, malformedSdp: 0 };
  readonly #engine: Engine;
  readonly #maps = new Map<string, number>();

  /** @param configured Formats that hold where neither SDP nor RFC 3551 says anything. */
  constructor(engine: Engine, configured: PayloadMap = new Map()) {
    this.#engine = engine;
    engine.setDefaultMap(new Map([...STATIC_PAYLOADS, ...configured]));
  }

  /** Takes a SIP message; what it describes holds from its frame on. */
  observe(event: SignallingEvent): void {
    const message = scanSipMessage(event.payload);
    if (typeof message === "string") {
      this.counters.malformedSip += 1;
      return;
    }
    for (const body of sdpBodies(message)) {
      const session = parseSdp(body);
      if (typeof session === "string") {
        this.counters.malformedSdp += 1;
        continue;
      }
      for (const { isRtp, rtp, payloads } of mediaEndpoints(session)) {
        if (isRtp && rtp !== undefined) {
          this.#engine.nameEndpoint(rtp, event.frame, this.#numberOf(payloads));
        }
      }
    }
  }

  /** Calls describe the same few codec lists over and over: each is registered once. */
  #numberOf(payloads: PayloadMap): number {
    const key = JSON.stringify([...payloads].sort(([a], [b]) => a - b));
    const known = this.#maps.get(key);
    if (known !== undefined) return known;
    if (this.#maps.size >= MAX_MAPS) return 0;
    const number = this.#engine.addMap(payloads);
    this.#maps.set(key, number);
    return number;
  }

  /** The format of a payload type in a map, else as configured or registered. */
  formatOf(payloadType: number, map: number): PayloadFormat | undefined {
    return this.#engine.map(map).get(payloadType) ?? this.#engine.map(0).get(payloadType);
  }
}
