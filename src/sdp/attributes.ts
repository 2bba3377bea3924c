/**
 * The values of the lines and attributes that say where media goes and how it is secured. Each
 * function returns nothing for a value it cannot read.
 *
 * @module
 */

import type {
  ConnectionAddress,
  CryptoOffer,
  Fingerprint,
  Group,
  IceCandidate,
  Origin,
  RtcpAddress,
  SetupRole,
} from "./description.js";
import { canonicalAddress } from "./ip-address.js";
import { fields, kept, unsignedInteger } from "./lines.js";

/** Members of one group that are read. */
export const MAX_GROUP_MEMBERS = 256;

const MAX_UINT32 = 0xffffffff;
const MAX_UINT16 = 0xffff;
const MAX_UINT8 = 0xff;
/** Fields of a candidate line that are read: the extensions behind them say nothing needed here. */
const MAX_CANDIDATE_FIELDS = 64;

/** A port from 0 to 65535. */
export function portNumber(text: string): number | undefined {
  return unsignedInteger(text, MAX_UINT16);
}

/** `IN IP4 192.0.2.1`, `IN IP4 233.252.0.1/127/3`, `IN IP6 2001:db8::1` (RFC 8866 §5.7). */
export function parseConnection(value: string): ConnectionAddress | undefined {
  const [, addressType = "", written] = fields(value, 4);
  if (written === undefined) return undefined;
  const [host = "", ...numbers] = written.split("/", 3);
  if (host === "") return undefined;
  // IPv6 multicast has no TTL, so its one number is the count.
  const hasTtl = addressType.toUpperCase() !== "IP6";
  const ttl = hasTtl ? unsignedInteger(numbers[0] ?? "", MAX_UINT8) : undefined;
  const addressCount = unsignedInteger(numbers[hasTtl ? 1 : 0] ?? "", MAX_UINT16) ?? 1;
  const connection = { ...hostAddress(host), addressCount };
  return ttl === undefined ? connection : { ...connection, ttl };
}

function hostAddress(written: string): { address: string; isIpAddress: boolean } {
  const address = canonicalAddress(written);
  return { address: address ?? kept(written), isIpAddress: address !== undefined };
}

/** `<username> <session id> <session version> IN IP4 <address>` (RFC 8866 §5.2). */
export function parseOrigin(value: string): Origin | undefined {
  const [username, sessionId, sessionVersion, , , written] = fields(value, 7);
  if (username === undefined || sessionId === undefined || sessionVersion === undefined) {
    return undefined;
  }
  if (written === undefined) return undefined;
  return {
    username: kept(username),
    sessionId: kept(sessionId),
    sessionVersion: kept(sessionVersion),
    address: hostAddress(written).address,
  };
}

/** `<foundation> <component> <transport> <priority> <address> <port> typ <type> …` */
export function parseCandidate(value: string): IceCandidate | undefined {
  const parts = fields(value, MAX_CANDIDATE_FIELDS);
  const [foundation, componentText, transport, priorityText, written, portText] = parts;
  if (foundation === undefined || transport === undefined || written === undefined) {
    return undefined;
  }
  const component = unsignedInteger(componentText ?? "", MAX_UINT8);
  const priority = unsignedInteger(priorityText ?? "", MAX_UINT32);
  const port = portNumber(portText ?? "");
  const type = extension(parts, "typ");
  if (component === undefined || priority === undefined || port === undefined || !type) {
    return undefined;
  }
  const relatedAddress = extension(parts, "raddr");
  const relatedPort = portNumber(extension(parts, "rport") ?? "");
  return {
    foundation: kept(foundation),
    component,
    transport: transport.toLowerCase(),
    priority,
    ...hostAddress(written),
    port,
    type: type.toLowerCase(),
    ...(relatedAddress === undefined
      ? {}
      : { relatedAddress: hostAddress(relatedAddress).address }),
    ...(relatedPort === undefined ? {} : { relatedPort }),
  };
}

/** What follows this name among the name and value pairs behind the port. */
function extension(parts: readonly string[], name: string): string | undefined {
  for (let i = 6; i + 1 < parts.length; i += 2) {
    if (parts[i]?.toLowerCase() === name) return parts[i + 1];
  }
  return undefined;
}

/** `sha-256 4A:AD:…` (RFC 8122 §5). */
export function parseFingerprint(value: string): Fingerprint | undefined {
  const [algorithm = "", octets = ""] = fields(value, 3);
  if (!/^[\da-f]{2}(:[\da-f]{2}){0,127}$/i.test(octets)) return undefined;
  return { algorithm: algorithm.toLowerCase(), value: kept(octets.toUpperCase()) };
}

/** `1 AES_CM_128_HMAC_SHA1_80 inline:…` (RFC 4568 §4). The key is not kept. */
export function parseCrypto(value: string): CryptoOffer | undefined {
  const [tagText = "", suite, keyParameters] = fields(value, 3);
  const tag = unsignedInteger(tagText, MAX_UINT32);
  if (tag === undefined || suite === undefined || keyParameters === undefined) return undefined;
  return { tag, suite: kept(suite) };
}

/** `53020`, `53020 IN IP4 192.0.2.1` (RFC 3605 §2.1). */
export function parseRtcp(value: string): RtcpAddress | undefined {
  const [portText = "", , , written] = fields(value, 5);
  const port = portNumber(portText);
  if (port === undefined) return undefined;
  return { port, ...(written === undefined ? {} : { address: hostAddress(written).address }) };
}

/** `<semantics> <member> …` (RFC 5888 §5, RFC 5576 §4.2). */
export function parseGroup(value: string): Group<string> | undefined {
  const [semantics, ...members] = fields(value, MAX_GROUP_MEMBERS + 2);
  if (semantics === undefined) return undefined;
  return {
    semantics: semantics.toUpperCase(),
    members: members.slice(0, MAX_GROUP_MEMBERS).map(kept),
  };
}

/** A synchronisation source from 0 to 2^32 - 1. */
export function parseSsrc(text: string): number | undefined {
  return unsignedInteger(text, MAX_UINT32);
}

/** The value of `a=setup`, in any case. */
export function parseSetup(value: string): SetupRole | undefined {
  const role = value.toLowerCase();
  switch (role) {
    case "active":
    case "passive":
    case "actpass":
    case "holdconn":
      return role;
    default:
      return undefined;
  }
}
