/**
 * Where the media of a session description is received, and what its payload types stand for
 * there: what joins packets to a call and gives their timestamps a clock.
 *
 * @module
 */

import { endpointKey, type Endpoint } from "../net/endpoint.js";
import type { PayloadMap } from "../rtp/codec.js";
import type {
  IceCandidate,
  MediaDescription,
  MediaDirection,
  SessionDescription,
} from "./description.js";
import { canonicalAddress, isUnspecified } from "./ip-address.js";
import { isRtpProtocol } from "./media-section.js";

/** Endpoints of one description that are handed out. */
export const MAX_ENDPOINTS = 2048;

/** Port pairs of one media section that are handed out (`m=audio 49170/2`). */
export const MAX_PORT_PAIRS = 16;

/** How a section keys SRTP: DTLS (RFC 5764) or in the SDP itself (RFC 4568). */
export type Keying = "dtls" | "sdes";

/** One place where one media section may be received. */
export interface MediaEndpoint {
  /** Which `m=` line this is of, from 0. */
  readonly mediaIndex: number;
  /** In lower case: `audio`, `video`, `image`, … */
  readonly mediaType: string;
  readonly mid?: string;
  /** In upper case: `RTP/AVP`, `UDPTL`, … */
  readonly protocol: string;
  readonly isRtp: boolean;
  /** Whether the protocol demands SRTP, or DTLS for what is no RTP. */
  readonly isSecure: boolean;
  /**
   * The ways of keying that are on offer; none without SRTP. On offer but not {@link isSecure} is
   * opportunistic SRTP (RFC 8643).
   */
  readonly keyings: readonly Keying[];
  /** From the `m=` and `c=` lines, or from an ICE candidate. */
  readonly source: "connection" | "candidate";
  /** Absent where this is for RTCP alone. */
  readonly rtp?: Endpoint;
  /** Equal to `rtp` where both share a port (RFC 5761). */
  readonly rtcp?: Endpoint;
  /** The section's formats, and behind them those of the sections it is bundled with. */
  readonly payloads: PayloadMap;
  readonly ptimeMs?: number;
  readonly direction: MediaDirection;
}

const RTP_COMPONENT = 1;
const RTCP_COMPONENT = 2;
const MAX_PORT = 65535;
/** Stands for a port not known yet (RFC 8840 §4.1.1): the discard service. */
const PLACEHOLDER_PORT = 9;

type Filled = { -readonly [Name in keyof MediaEndpoint]: MediaEndpoint[Name] };

interface Place {
  readonly source: MediaEndpoint["source"];
  readonly rtp?: Endpoint;
  readonly rtcp?: Endpoint;
}

/**
 * The endpoints of every media section that is not rejected, in order: the one of its `m=` line,
 * further port pairs, that of `a=rtcp` if it may be used instead, then its candidates. A bundled section has those of the section whose
 * transport it shares as well (RFC 9143 §7). Names, TCP candidates and placeholder addresses give
 * none. At most {@link MAX_ENDPOINTS}.
 */
export function mediaEndpoints(session: SessionDescription): readonly MediaEndpoint[] {
  // Whoever takes a description asks, one after the other.
  if (session !== latest?.session) latest = { session, endpoints: endpointsOf(session) };
  return latest.endpoints;
}

let latest:
  | { readonly session: SessionDescription; readonly endpoints: readonly MediaEndpoint[] }
  | undefined;

function endpointsOf(session: SessionDescription): MediaEndpoint[] {
  const endpoints: MediaEndpoint[] = [];
  const bundles = bundlesByMid(session);
  for (const [mediaIndex, media] of session.media.entries()) {
    if (media.isRejected) continue;
    const bundle = media.mid === undefined ? undefined : bundles.get(media.mid);
    const about = aboutSection(media, mediaIndex, bundle?.payloads);
    for (const place of distinct(placesOf(media, bundle?.transport))) {
      if (endpoints.length === MAX_ENDPOINTS) return endpoints;
      endpoints.push(placed(about, place));
    }
  }
  return endpoints;
}

function placed(about: About, { source, rtp, rtcp }: Place): MediaEndpoint {
  const endpoint: Filled = { ...about, source };
  if (rtp !== undefined) endpoint.rtp = rtp;
  if (rtcp !== undefined) endpoint.rtcp = rtcp;
  return endpoint;
}

/** What all endpoints of a section have in common. */
type About = Omit<Filled, keyof Place>;

function aboutSection(
  media: MediaDescription,
  mediaIndex: number,
  bundled: PayloadMap | undefined,
): About {
  const { type, mid, protocol, ptimeMs, direction } = media;
  const about: About = {
    mediaIndex,
    mediaType: type,
    protocol,
    isRtp: isRtpProtocol(protocol),
    isSecure: /\/SAVPF?$|TLS/.test(protocol),
    keyings: keyingsOf(media),
    payloads: bundled === undefined ? media.payloads : new Map([...bundled, ...media.payloads]),
    direction,
  };
  if (mid !== undefined) about.mid = mid;
  if (ptimeMs !== undefined) about.ptimeMs = ptimeMs;
  return about;
}

function keyingsOf({ fingerprints, crypto, protocol }: MediaDescription): Keying[] {
  const keyings: Keying[] = [];
  if (fingerprints.length > 0 || /UDP\/TLS|DTLS/.test(protocol)) keyings.push("dtls");
  if (crypto.length > 0) keyings.push("sdes");
  return keyings;
}

const NO_BUNDLES: ReadonlyMap<string, Bundle> = new Map();

interface Bundle {
  /** The first section of the group that is not rejected. */
  readonly transport: MediaDescription;
  readonly payloads: PayloadMap;
}

function bundlesByMid(session: SessionDescription): ReadonlyMap<string, Bundle> {
  if (session.groups.length === 0) return NO_BUNDLES;
  const sections = new Map<string, MediaDescription>();
  for (const media of session.media) {
    if (media.mid !== undefined && !sections.has(media.mid)) sections.set(media.mid, media);
  }
  const bundles = new Map<string, Bundle>();
  for (const { semantics, members } of session.groups) {
    if (semantics !== "BUNDLE") continue;
    // A section is in one bundle (RFC 9143 §7.1), which also bounds the work done here.
    const free = members.filter((mid) => !bundles.has(mid));
    const bundled = free.flatMap((mid) => sections.get(mid) ?? []);
    const accepted = bundled.filter(({ isRejected }) => !isRejected);
    const [transport] = accepted;
    if (transport === undefined) continue;
    const payloads = new Map(accepted.toReversed().flatMap((media) => [...media.payloads]));
    for (const mid of free) bundles.set(mid, { transport, payloads });
  }
  return bundles;
}

function placesOf(media: MediaDescription, transport: MediaDescription | undefined): Place[] {
  if (transport === undefined && media.candidates.length === 0) return connectionPlaces(media);
  const sections = transport === undefined || transport === media ? [media] : [media, transport];
  return sections.flatMap((section) => [...connectionPlaces(section), ...candidatePlaces(section)]);
}

/** The port pairs of the `m=` line (RFC 8866 §5.14). */
function connectionPlaces(media: MediaDescription): Place[] {
  const { connection, port, portCount, iceUfrag } = media;
  if (connection === undefined || port === 0) return [];
  if (!connection.isIpAddress || isUnspecified(connection.address)) return [];
  if (port === PLACEHOLDER_PORT && iceUfrag !== undefined) return [];
  const places: Place[] = [];
  for (let pair = 0; pair < Math.min(portCount, MAX_PORT_PAIRS); pair += 1) {
    const rtp = { address: connection.address, port: port + 2 * pair };
    if (rtp.port > MAX_PORT) break;
    const rtcp = rtcpOf(media, rtp, pair);
    places.push(
      rtcp === undefined ? { source: "connection", rtp } : { source: "connection", rtp, rtcp },
    );
  }
  // Who offers to share a port may be answered by one who does not (RFC 5761 §5.1.1).
  const apart = media.isRtcpMux ? statedRtcp(media, connection.address) : undefined;
  return apart === undefined ? places : [...places, { source: "connection", rtcp: apart }];
}

function rtcpOf(media: MediaDescription, rtp: Endpoint, pair: number): Endpoint | undefined {
  if (!isRtpProtocol(media.protocol)) return undefined;
  if (media.isRtcpMux) return rtp;
  if (media.rtcp !== undefined && pair === 0) return statedRtcp(media, rtp.address);
  // RFC 3550 §11: the next port, where nothing else is said.
  return rtp.port < MAX_PORT ? { address: rtp.address, port: rtp.port + 1 } : undefined;
}

/** What `a=rtcp` says, if that is somewhere. */
function statedRtcp(
  { rtcp, iceUfrag }: MediaDescription,
  mediaAddress: string,
): Endpoint | undefined {
  if (rtcp === undefined || rtcp.port === 0) return undefined;
  if (rtcp.port === PLACEHOLDER_PORT && iceUfrag !== undefined) return undefined;
  const address = rtcp.address === undefined ? mediaAddress : canonicalAddress(rtcp.address);
  if (address === undefined || isUnspecified(address)) return undefined;
  return { address, port: rtcp.port };
}

function candidatePlaces(media: MediaDescription): Place[] {
  return media.candidates.flatMap((candidate): Place[] => {
    const endpoint = candidateEndpoint(candidate);
    if (endpoint === undefined) return [];
    if (candidate.component === RTCP_COMPONENT) return [{ source: "candidate", rtcp: endpoint }];
    if (candidate.component !== RTP_COMPONENT) return [];
    const rtcp = media.isRtcpMux && isRtpProtocol(media.protocol) ? { rtcp: endpoint } : {};
    return [{ source: "candidate", rtp: endpoint, ...rtcp }];
  });
}

function candidateEndpoint(candidate: IceCandidate): Endpoint | undefined {
  const { transport, address, isIpAddress, port } = candidate;
  if (transport !== "udp" || !isIpAddress || isUnspecified(address) || port === 0) return undefined;
  return { address, port };
}

/** Each place once. The one of the `m=` line is most often a candidate too. */
function distinct(places: readonly Place[]): readonly Place[] {
  if (places.length < 2) return places;
  const seen = new Set<string>();
  return places.filter(({ rtp, rtcp }) => {
    const rtcpKey = rtcp && `rtcp ${endpointKey(rtcp)}`;
    const key = rtp ? endpointKey(rtp) : rtcpKey;
    if (key === undefined || seen.has(key)) return false;
    seen.add(key);
    if (rtcpKey !== undefined) seen.add(rtcpKey);
    return true;
  });
}
