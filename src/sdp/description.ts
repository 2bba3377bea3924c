/**
 * A session description as RFC 8866 and the RFCs on its attributes have it, taken apart.
 *
 * @module
 */

import type { PayloadMap } from "../rtp/codec.js";

/** Who may send: RFC 8866 §6.7. */
export type MediaDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** Who starts the DTLS handshake: RFC 4145 §4, RFC 8842 §5.2. */
export type SetupRole = "active" | "passive" | "actpass" | "holdconn";

/** A `c=` line (RFC 8866 §5.7). */
export interface ConnectionAddress {
  /** Canonical if it is an IP address, else as written: a host name, or a name under `.local`. */
  readonly address: string;
  readonly isIpAddress: boolean;
  /** Of IPv4 multicast. */
  readonly ttl?: number;
  /** Contiguous multicast addresses, 1 unless said. */
  readonly addressCount: number;
}

/** An `a=candidate` line (RFC 8839 §5.1). */
export interface IceCandidate {
  readonly foundation: string;
  /** 1 for RTP, 2 for RTCP. */
  readonly component: number;
  /** In lower case: `udp`, `tcp`. */
  readonly transport: string;
  readonly priority: number;
  /** Canonical if it is an IP address, else as written, such as an mDNS name under `.local`. */
  readonly address: string;
  readonly isIpAddress: boolean;
  readonly port: number;
  /** In lower case: `host`, `srflx`, `prflx`, `relay`. */
  readonly type: string;
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
}

/** An `a=fingerprint` line (RFC 8122 §5). */
export interface Fingerprint {
  /** In lower case: `sha-256`. */
  readonly algorithm: string;
  /** In upper case, octets separated by colons. */
  readonly value: string;
}

/** An `a=crypto` line (RFC 4568 §4), without its key, which is nobody's business. */
export interface CryptoOffer {
  readonly tag: number;
  readonly suite: string;
}

/** What `a=ssrc` says of one source (RFC 5576 §4.1). */
export interface DescribedSource {
  readonly ssrc: number;
  readonly cname?: string;
}

/** Sources or media sections that belong together: `a=ssrc-group`, `a=group` (RFC 5576, 5888). */
export interface Group<Member> {
  /** In upper case: `BUNDLE`, `LS`, `FID`, `SIM`. */
  readonly semantics: string;
  readonly members: readonly Member[];
}

/** An `a=rtcp` line (RFC 3605 §2.1). */
export interface RtcpAddress {
  readonly port: number;
  /** Absent where it is that of the media. */
  readonly address?: string;
}

/** What may be said for a whole session and again for one media section, which then counts. */
export interface SharedAttributes {
  readonly connection?: ConnectionAddress;
  /** `sendrecv` unless said. */
  readonly direction: MediaDirection;
  readonly iceUfrag?: string;
  readonly icePwd?: string;
  readonly fingerprints: readonly Fingerprint[];
  readonly setup?: SetupRole;
  readonly ptimeMs?: number;
  readonly maxptimeMs?: number;
}

/** An `m=` line and what follows it, with what the session says for all (RFC 8866 §5.14). */
export interface MediaDescription extends SharedAttributes {
  /** In lower case: `audio`, `video`, `image`, `application`, `text`, `message`. */
  readonly type: string;
  /** 0 where rejected, and where it cannot be read. */
  readonly port: number;
  /** Port pairs, 1 unless said. */
  readonly portCount: number;
  /** In upper case: `RTP/AVP`, `UDP/TLS/RTP/SAVPF`, `UDPTL`. */
  readonly protocol: string;
  /** What stands after the protocol, as written: payload types, `t38`, `webrtc-datachannel`. */
  readonly formats: readonly string[];
  /** The payload types among the formats, in their order: the preferred one first. */
  readonly payloadTypes: readonly number[];
  /** Formats by payload type, those that only `a=rtpmap` names included. */
  readonly payloads: PayloadMap;
  /** Port 0 without `a=bundle-only` (RFC 3264 §6, RFC 9143 §6). */
  readonly isRejected: boolean;
  /** On hold in the manner of RFC 2543: no address and no ICE to find one. */
  readonly isHeldByAddress: boolean;
  readonly isBundleOnly: boolean;
  readonly rtcp?: RtcpAddress;
  readonly isRtcpMux: boolean;
  readonly candidates: readonly IceCandidate[];
  readonly crypto: readonly CryptoOffer[];
  readonly mid?: string;
  readonly sources: readonly DescribedSource[];
  readonly sourceGroups: readonly Group<number>[];
}

/** The `o=` line (RFC 8866 §5.2). */
export interface Origin {
  readonly username: string;
  readonly sessionId: string;
  /** Grows with each change of the session. */
  readonly sessionVersion: string;
  readonly address: string;
}

/** One session description. */
export interface SessionDescription extends SharedAttributes {
  readonly origin?: Origin;
  readonly name?: string;
  readonly isIceLite: boolean;
  /** Groups of media sections by `mid`. */
  readonly groups: readonly Group<string>[];
  readonly media: readonly MediaDescription[];
  /** What was found to be wrong, each kind once. */
  readonly damage: ReadonlySet<SdpDamage>;
}

/** One way in which a description deviates from its RFCs without being lost to us. */
export type SdpDamage =
  /** No `v=` line (RFC 8866 §5.1). */
  | "missing-version"
  /** A line that is not a letter, an equals sign and a value. */
  | "malformed-line"
  /** An `m=` line without type, port or protocol, or with a port that is none. */
  | "bad-media-line"
  /** An `o=` or `c=` line that lacks a part. */
  | "bad-address-line"
  /** An `a=rtpmap` without a usable number, name or clock. */
  | "bad-rtpmap"
  /** Another attribute read here whose value cannot be. */
  | "bad-attribute"
  /** An `a=rtpmap` that gives G722 a clock of 16 kHz; it is 8 kHz (RFC 3551 §4.5.2). */
  | "g722-clock"
  /** A second description follows; it is not read. */
  | "second-session"
  /** More lines than are read. */
  | "line-limit"
  /** More media sections than are read. */
  | "media-limit"
  /** More formats in one media section than are read. */
  | "format-limit"
  /** More candidates in one media section than are read. */
  | "candidate-limit"
  /** More of anything else, such as sources, fingerprints or groups, than is read. */
  | "attribute-limit";

/** Why a text is no session description. */
export type NotSdpReason =
  /** Nothing but blanks. */
  | "empty"
  /** No `v=`, `o=`, `c=` or `m=` line among the lines read. */
  | "no-sdp-line";
