/**
 * One media section: its `m=` line and the lines up to the next (RFC 8866 §5.14).
 *
 * @module
 */

import {
  parseCandidate,
  parseCrypto,
  parseGroup,
  parseRtcp,
  parseSsrc,
  portNumber,
} from "./attributes.js";
import type {
  CryptoOffer,
  DescribedSource,
  Group,
  IceCandidate,
  MediaDescription,
  RtcpAddress,
  SharedAttributes,
} from "./description.js";
import { isUnspecified } from "./ip-address.js";
import { fields, kept, unsignedInteger } from "./lines.js";
import { MAX_PAYLOAD_TYPE, PayloadMapBuilder } from "./payload-map.js";
import { SharedAttributesBuilder, type Flag } from "./shared-attributes.js";

/** Formats of one `m=` line that are read: as many as there are payload types. */
export const MAX_FORMATS = 128;

/** Candidates of one section that are read. */
export const MAX_CANDIDATES = 128;

/** Sources of one section that are read. */
export const MAX_SOURCES = 256;

/** Source groups and `a=crypto` lines of one section that are read, of each. */
export const MAX_LISTED = 64;

const MAX_PORT_COUNT = 0xffff;

type Filled = { -readonly [Name in keyof MediaDescription]: MediaDescription[Name] };

interface MediaLine {
  readonly type: string;
  /** Absent where it cannot be read. */
  readonly port: number | undefined;
  readonly portCount: number;
  readonly protocol: string;
  readonly formats: readonly string[];
}

/** Gathers one media section, line by line. */
export class MediaSectionBuilder {
  readonly #line: MediaLine;
  readonly #flag: Flag;
  readonly #shared: SharedAttributesBuilder;
  readonly #payloads: PayloadMapBuilder;
  readonly #candidates: IceCandidate[] = [];
  readonly #crypto: CryptoOffer[] = [];
  readonly #sources = new Map<number, DescribedSource>();
  readonly #sourceGroups: Group<number>[] = [];
  #mid: string | undefined;
  #rtcp: RtcpAddress | undefined;
  #isRtcpMux = false;
  #isBundleOnly = false;
  /** Read once all lines are there. */
  #listed: Pick<MediaDescription, "payloadTypes" | "payloads"> | undefined;

  /** @param mediaLine The value of the `m=` line. */
  constructor(mediaLine: string, flag: Flag) {
    this.#flag = flag;
    this.#line = parseMediaLine(mediaLine, flag);
    this.#shared = new SharedAttributesBuilder(flag);
    this.#payloads = new PayloadMapBuilder(flag);
  }

  addConnection(value: string): void {
    this.#shared.addConnection(value);
  }

  /** @param name In lower case. */
  addAttribute(name: string, value: string): void {
    if (this.#shared.addAttribute(name, value)) return;
    switch (name) {
      case "rtpmap":
        this.#payloads.addRtpmap(value);
        return;
      case "fmtp":
        this.#payloads.addFmtp(value);
        return;
      case "candidate":
        this.#keep(parseCandidate(value), this.#candidates, MAX_CANDIDATES);
        return;
      case "rtcp":
        this.#rtcp = parseRtcp(value);
        if (this.#rtcp === undefined) this.#flag("bad-attribute");
        return;
      case "rtcp-mux":
      case "rtcp-mux-only":
        this.#isRtcpMux = true;
        return;
      case "mid":
        this.#mid = kept(value);
        return;
      case "bundle-only":
        this.#isBundleOnly = true;
        return;
      case "crypto":
        this.#keep(parseCrypto(value), this.#crypto);
        return;
      case "ssrc":
        this.#addSource(value);
        return;
      case "ssrc-group":
        this.#addSourceGroup(value);
        return;
    }
  }

  /** As its `m=` line has it. */
  get port(): number | undefined {
    return this.#line.port;
  }

  /** Whether it says what no other call's description will. */
  get isOfOneCall(): boolean {
    return this.#shared.hasCredentials || this.#candidates.length > 0 || this.#sources.size > 0;
  }

  /**
   * @param session What the session says for all its sections.
   * @param port Where it is received; that of the `m=` line, unless a section like it is meant.
   */
  build(session: SharedAttributes, port: number | undefined): MediaDescription {
    const { type, portCount, protocol, formats } = this.#line;
    const { payloadTypes, payloads } = (this.#listed ??= this.#list());
    // Filled in field by field: an object of so many that is made of others is slow to make.
    const media = this.#shared.build(session) as Filled;
    media.type = type;
    media.port = port ?? 0;
    media.portCount = portCount;
    media.protocol = protocol;
    media.formats = formats;
    media.payloadTypes = payloadTypes;
    media.payloads = payloads;
    media.isRejected = port === 0 && !this.#isBundleOnly;
    media.isHeldByAddress =
      media.iceUfrag === undefined &&
      media.connection !== undefined &&
      isUnspecified(media.connection.address);
    media.isBundleOnly = this.#isBundleOnly;
    media.isRtcpMux = this.#isRtcpMux;
    media.candidates = this.#candidates;
    media.crypto = this.#crypto;
    media.sources = [...this.#sources.values()];
    media.sourceGroups = this.#sourceGroups;
    if (this.#rtcp !== undefined) media.rtcp = this.#rtcp;
    if (this.#mid !== undefined) media.mid = this.#mid;
    return media;
  }

  #list(): Pick<MediaDescription, "payloadTypes" | "payloads"> {
    const payloadTypes = this.#payloadTypes();
    return { payloadTypes, payloads: this.#payloads.build(this.#line.type, payloadTypes) };
  }

  #payloadTypes(): number[] {
    if (!isRtpProtocol(this.#line.protocol)) return [];
    const found = new Set<number>();
    for (const format of this.#line.formats) {
      const payloadType = unsignedInteger(format, MAX_PAYLOAD_TYPE);
      if (payloadType === undefined) this.#flag("bad-media-line");
      else found.add(payloadType);
    }
    return [...found];
  }

  #addSource(value: string): void {
    const [ssrcText = "", attribute = ""] = fields(value, 2);
    const ssrc = parseSsrc(ssrcText);
    if (ssrc === undefined) {
      this.#flag("bad-attribute");
    } else if (!this.#sources.has(ssrc) && this.#sources.size === MAX_SOURCES) {
      this.#flag("attribute-limit");
    } else if (attribute.toLowerCase().startsWith("cname:")) {
      this.#sources.set(ssrc, { ssrc, cname: kept(attribute.slice("cname:".length).trim()) });
    } else if (!this.#sources.has(ssrc)) {
      this.#sources.set(ssrc, { ssrc });
    }
  }

  #addSourceGroup(value: string): void {
    const group = parseGroup(value);
    const members = group?.members.map(parseSsrc).filter((ssrc) => ssrc !== undefined) ?? [];
    const isWhole = group !== undefined && members.length === group.members.length;
    this.#keep(isWhole ? { semantics: group.semantics, members } : undefined, this.#sourceGroups);
  }

  #keep<Value>(value: Value | undefined, list: Value[], limit = MAX_LISTED): void {
    if (value === undefined) this.#flag("bad-attribute");
    else if (list.length < limit) list.push(value);
    else this.#flag(limit === MAX_CANDIDATES ? "candidate-limit" : "attribute-limit");
  }
}

/** Whether a media section of this protocol, in upper case, carries RTP. */
export function isRtpProtocol(protocol: string): boolean {
  return /(^|\/)RTP\//.test(protocol);
}

/** `<media> <port>[/<count>] <protocol> <format> …` */
function parseMediaLine(value: string, flag: Flag): MediaLine {
  const [type = "", ports = "", protocol = "", rest = ""] = fields(value, 4);
  const [portText = "", countText] = ports.split("/", 2);
  const port = portNumber(portText);
  const portCount = countText === undefined ? 1 : unsignedInteger(countText, MAX_PORT_COUNT);
  const formats = fields(rest, MAX_FORMATS + 1);
  if (port === undefined || !portCount || formats.length === 0) flag("bad-media-line");
  if (formats.length > MAX_FORMATS) flag("format-limit");
  return {
    type: kept(type.toLowerCase()),
    port,
    portCount: portCount === undefined || portCount === 0 ? 1 : portCount,
    protocol: kept(protocol.toUpperCase()),
    formats: formats.slice(0, MAX_FORMATS).map(kept),
  };
}
