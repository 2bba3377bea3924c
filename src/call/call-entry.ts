/**
 * What the call table keeps of one call beside its SIP: where its media may be, what was agreed, and
 * how it is secured.
 *
 * @module
 */

import { endpointKey, type Endpoint } from "../net/endpoint.js";
import type { Fingerprint, Group, IceCandidate, SessionDescription } from "../sdp/description.js";
import { mediaEndpoints } from "../sdp/media-endpoint.js";
import { present } from "../rtcp/present.js";
import type { CallParty, SipCall } from "../sip/call.js";
import type { IdentityVerdict } from "../stir/verify.js";
import type { MediaAgreement } from "./agreement.js";
import type { CallTransport, MediaFlow, SrtpKeying } from "./call-report.js";
import { type Described, Negotiation } from "./negotiation.js";
import type { PayloadTypeReport } from "./report.js";

/** Places of one call that are kept; a call with many candidates and re-INVITEs has a hundred. */
export const MAX_PLACES = 1024;
/** Pairs of user fragments of one call that are kept: its ICE restarts. */
const MAX_UFRAGS = 64;

/** Where one party of a call receives media, and where it most often also sends from. */
export interface MediaPlace {
  readonly party: CallParty;
  readonly endpoint: Endpoint;
  /** In lower case: `audio`, `video`, `image`. */
  readonly mediaType: string;
  /** `host`, `srflx`, … where an ICE candidate told of it. */
  readonly candidateType?: string;
  /** Told by a description, found by ICE or DTLS, or taken from packets that came from it. */
  readonly source: "description" | "checked" | "learned";
}

interface PartySecurity {
  /** By algorithm and value. Absent until there is one. */
  fingerprints: Map<string, Fingerprint> | undefined;
  keyings: readonly SrtpKeying[];
}

/** One call and its media. */
export class CallEntry {
  readonly call: SipCall;
  readonly #places = new Map<string, MediaPlace>();
  readonly #negotiation = new Negotiation();
  /** Absent until there is one, as in most calls. */
  #ufrags: Map<string, CallParty> | undefined;
  /** What the descriptions of each party said of its security; absent before the first. */
  readonly #secured: Record<CallParty, PartySecurity | undefined> = {
    caller: undefined,
    callee: undefined,
  };
  #restarts = 0;
  #isBundled = false;
  /** The protocol of a section demands SRTP. */
  #demandsSrtp = false;
  /** Another call claims a stream of this one, which cannot be told apart. */
  sharesStream = false;
  /** Whether verification of the caller's identity has begun. */
  isIdentityTaken = false;
  /** What it came to. Absent while it goes on. */
  identity: Omit<IdentityVerdict, "tokens"> | undefined;

  constructor(call: SipCall) {
    this.call = call;
  }

  describe(described: Described): void {
    const { by, session } = described;
    const { answeredAtMs, calleeTag } = this.call;
    this.#negotiation.observe(described, answeredAtMs !== undefined, calleeTag);
    this.#isBundled ||= session.groups.some(isBundle);
    const security = this.#secure(by, session);
    for (const { rtp, rtcp, mediaType, isSecure, keyings } of mediaEndpoints(session)) {
      this.#demandsSrtp ||= isSecure;
      for (const keying of keyings) {
        if (!security.keyings.includes(keying)) security.keyings = [...security.keyings, keying];
      }
      // RTCP on a port of its own has checks and a handshake of its own.
      for (const endpoint of [rtp, rtcp]) {
        if (endpoint === undefined) continue;
        const type = candidateType(session, endpoint);
        const place = { party: by, endpoint, mediaType, source: "description" as const };
        this.learn({ ...place, ...present("candidateType", type) });
      }
    }
  }

  answered(atMs: number): void {
    this.#negotiation.answered(atMs, this.call.calleeTag);
  }

  /** An answered call may go on in another of its dialogs, when the one that was its own is ended. */
  followDialog(atMs: number): void {
    const { answeredAtMs, calleeTag } = this.call;
    if (answeredAtMs !== undefined) this.#negotiation.confirmed(atMs, calleeTag);
  }

  /** @returns Whether it is news. */
  learn(place: MediaPlace): boolean {
    const key = `${place.party} ${endpointKey(place.endpoint)}`;
    if (this.#places.has(key) || this.#places.size >= MAX_PLACES) return false;
    this.#places.set(key, place);
    return true;
  }

  get places(): Iterable<MediaPlace> {
    return this.#places.values();
  }

  place(party: CallParty, endpoint: Endpoint): MediaPlace | undefined {
    return this.#places.get(`${party} ${endpointKey(endpoint)}`);
  }

  /** Whose fragment it is (RFC 8839 §5.4). */
  partyOfUfrag(ufrag: string): CallParty | undefined {
    return this.#ufrags?.get(ufrag);
  }

  get ufrags(): Iterable<string> {
    return this.#ufrags?.keys() ?? [];
  }

  get agreements(): MediaAgreement[] {
    return this.#negotiation.agreements();
  }

  /**
   * Of the section that a stream belongs to, where its endpoint may be that of several: sections in a
   * bundle share no payload type (RFC 9143 §9.1). Absent where that does not tell.
   */
  mediaTypeOf(flow: MediaFlow, payloadTypes: readonly PayloadTypeReport[]): string | undefined {
    if (!this.#isBundled) return undefined;
    const [main] = payloadTypes;
    const found = new Set<string>();
    for (const { mediaType, callerToCallee, calleeToCaller } of this.agreements) {
      const { payloads } = flow === "caller-to-callee" ? callerToCallee : calleeToCaller;
      if (main !== undefined && payloads.has(main.payloadType)) found.add(mediaType);
    }
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) return only;
    return payloadTypes.some(({ kind }) => kind === "video") ? "video" : undefined;
  }

  get iceRestarts(): number {
    return this.#restarts;
  }

  get isDescribed(): boolean {
    return this.#secured.caller !== undefined || this.#secured.callee !== undefined;
  }

  /** What a party's descriptions gave; absent where it gave none at all. */
  fingerprintsOf(party: CallParty): Fingerprint[] | undefined {
    const security = this.#secured[party];
    return security && [...(security.fingerprints?.values() ?? [])];
  }

  /**
   * How both parties key SRTP; absent until both have described themselves. That they do not is absent
   * as well where a part of what they said is missing.
   */
  get srtpKeying(): SrtpKeying | undefined {
    const { caller, callee } = this.#secured;
    if (caller === undefined || callee === undefined) return undefined;
    const isOfBoth = (keying: SrtpKeying): boolean =>
      caller.keyings.includes(keying) && callee.keyings.includes(keying);
    const keying = (["dtls", "sdes"] as const).find(isOfBoth);
    return keying ?? (this.call.isTruncated ? undefined : "none");
  }

  /** Its media is encrypted, or may be: an offer of SRTP may be declined (RFC 8643). */
  get isSecure(): boolean {
    const { srtpKeying } = this;
    if (this.#demandsSrtp) return true;
    if (srtpKeying !== undefined) return srtpKeying !== "none";
    const { caller, callee } = this.#secured;
    return [caller, callee].some((one) => one !== undefined && one.keyings.length > 0);
  }

  /** DTLS-SRTP with ICE makes it WebRTC, on whichever leg of it. */
  get transport(): CallTransport {
    const { caller, callee } = this.#secured;
    const hasDtls = caller?.fingerprints !== undefined || callee?.fingerprints !== undefined;
    return hasDtls && this.#ufrags !== undefined ? "webrtc" : "sip";
  }

  #secure(by: CallParty, session: SessionDescription): PartySecurity {
    const security = (this.#secured[by] ??= { fingerprints: undefined, keyings: [] });
    let isRestarted = false;
    const known = [...(this.#ufrags?.values() ?? [])].includes(by);
    for (const section of session.media) {
      for (const fingerprint of section.fingerprints) {
        security.fingerprints ??= new Map();
        security.fingerprints.set(`${fingerprint.algorithm} ${fingerprint.value}`, fingerprint);
      }
      const { iceUfrag } = section;
      if (iceUfrag === undefined || this.#ufrags?.has(iceUfrag) === true) continue;
      if (this.#ufrags !== undefined && this.#ufrags.size >= MAX_UFRAGS) continue;
      this.#ufrags ??= new Map();
      this.#ufrags.set(iceUfrag, by);
      isRestarted = true;
    }
    // Both sides take new fragments in a restart (RFC 8445 §9): the callee's are not counted again.
    if (known && isRestarted && by === "caller") this.#restarts += 1;
    return security;
  }
}

function isBundle({ semantics, members }: Group<string>): boolean {
  return semantics === "BUNDLE" && members.length > 1;
}

function candidateType(session: SessionDescription, endpoint: Endpoint): string | undefined {
  const isIt = ({ address, port }: IceCandidate): boolean =>
    address === endpoint.address && port === endpoint.port;
  for (const { candidates } of session.media) {
    const found = candidates.find(isIt);
    if (found !== undefined) return found.type;
  }
  return undefined;
}
