/**
 * Reads the signalling of a capture: what it says of endpoints goes to the engine, what it says of
 * calls to the call table.
 *
 * @module
 */

import type { CallTable } from "../call/call-table.js";
import type { Engine } from "../native/engine.js";
import type { SignallingEvent } from "../native/events.js";
import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import { STATIC_PAYLOADS } from "../rtp/static-payloads.js";
import type { NotSdpReason, SessionDescription } from "../sdp/description.js";
import { mediaEndpoints } from "../sdp/media-endpoint.js";
import { parseSdp } from "../sdp/session.js";
import { scanSipLatin1 } from "../sip/message.js";
import { sdpBodies } from "../sip/sdp-bodies.js";
import { CheckedPaths } from "./checked-paths.js";

/** Distinct payload maps; descriptions with further ones name their endpoints without a map. */
const MAX_MAPS = 4096;
/** Descriptions remembered: each comes again in retransmissions and on every hop. */
const MAX_REMEMBERED = 256;

/** What could not be read of the signalling. */
export interface SignallingCounters {
  malformedSip: number;
  malformedSdp: number;
}

/** Reads signalling for one engine and one call table. */
export class Signalling {
  readonly counters: SignallingCounters = { malformedSip: 0, malformedSdp: 0 };
  readonly #engine: Engine;
  readonly #calls: CallTable;
  readonly #checked: CheckedPaths;
  /** By their text, and once more by the object, which many descriptions share. */
  readonly #maps = new Map<string, number>();
  readonly #numbers = new WeakMap<PayloadMap, number>();
  readonly #sessions = new Map<string, SessionDescription | NotSdpReason>();
  #hasCutMessages = false;

  /** @param configured Formats that hold where neither SDP nor RFC 3551 says anything. */
  constructor(engine: Engine, calls: CallTable, configured: PayloadMap = new Map()) {
    this.#engine = engine;
    this.#calls = calls;
    this.#checked = new CheckedPaths(engine);
    engine.setDefaultMap(new Map([...STATIC_PAYLOADS, ...configured]));
  }

  /** Some message was cut by a snap length or missing TCP segments. */
  get hasCutMessages(): boolean {
    return this.#hasCutMessages;
  }

  /** Takes an event; what it describes holds from its frame on. */
  observe(event: SignallingEvent): void {
    this.#hasCutMessages ||= event.truncated;
    if (event.kind === "sip") this.#observeSip(event);
    else if (event.kind === "dtls") this.#observeDtls(event);
    else this.#observeStun(event);
  }

  #observeDtls({ atMs, payload, path }: SignallingEvent): void {
    this.#calls.observeDtls({ ...path, atMs, payload });
  }

  #observeStun({ atMs, payload, path, frame }: SignallingEvent): void {
    const message = this.#calls.observeStun({ ...path, atMs, payload });
    if (message !== undefined) this.#checked.observe(message, path, frame);
  }

  #observeSip(event: SignallingEvent): void {
    const message = scanSipLatin1(event.latin1);
    if (typeof message === "string") {
      this.counters.malformedSip += 1;
      return;
    }
    const sessions: SessionDescription[] = [];
    for (const body of message.hasBody ? sdpBodies(message) : []) {
      const session = this.#session(body);
      if (typeof session === "string") {
        this.counters.malformedSdp += 1;
        continue;
      }
      sessions.push(session);
      this.#nameEndpoints(session, event.frame);
      this.#checked.describe(session, (map) => this.#numberOf(map));
    }
    const { atMs, transport, path, truncated } = event;
    this.#calls.observeSip(
      {
        message,
        atMs,
        transport,
        source: path.source,
        destination: path.destination,
        hasDescription: sessions.length > 0,
        isTruncated: truncated,
      },
      sessions,
    );
  }

  #session(body: string): SessionDescription | NotSdpReason {
    const known = this.#sessions.get(body);
    if (known !== undefined) return known;
    const session = parseSdp(body);
    if (this.#sessions.size >= MAX_REMEMBERED) this.#sessions.clear();
    this.#sessions.set(body, session);
    return session;
  }

  #nameEndpoints(session: SessionDescription, frame: number): void {
    for (const { isRtp, rtp, payloads } of mediaEndpoints(session)) {
      if (isRtp && rtp !== undefined) {
        this.#engine.nameEndpoint(rtp, frame, this.#numberOf(payloads));
      }
    }
  }

  /** Calls describe the same few codec lists over and over: each is registered once. */
  #numberOf(payloads: PayloadMap): number {
    let number = this.#numbers.get(payloads);
    if (number === undefined) {
      number = this.#registered(payloads);
      this.#numbers.set(payloads, number);
    }
    return number;
  }

  #registered(payloads: PayloadMap): number {
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
