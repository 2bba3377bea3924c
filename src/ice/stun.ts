/**
 * STUN messages: RFC 8489, the attributes of ICE (RFC 8445 §16.1) and TURN (RFC 8656 §18), and the
 * classic STUN of RFC 3489.
 *
 * @module
 */

import { addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";

/** Methods that are told apart (RFC 8489 §18.1, RFC 8656 §17); others keep their number. */
export const STUN_METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

const ATTRIBUTE = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  xorRelayedAddress: 0x0016,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  // Of the drafts before RFC 5389, and still sent.
  draftXorMappedAddress: 0x8020,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;

/** A USERNAME is shorter (RFC 8489 §14.3). */
const MAX_USERNAME_BYTES = 512;

export type StunClass = "request" | "indication" | "success" | "error";
const CLASSES: readonly StunClass[] = ["request", "indication", "success", "error"];

/** Why bytes are no STUN message, or not all of one. */
export type StunDamage =
  /** Fewer bytes than a header, or its first two bits are not zero. */
  | "not-stun"
  /** The length field is no multiple of four, or says less than there is. */
  | "length"
  /** The message goes on beyond its bytes. What is there is read. */
  | "truncated"
  /** An attribute goes on beyond the message. What comes before is read. */
  | "attribute";

/** One message. Of an attribute that is there twice, the first counts (RFC 8489 §14). */
export interface StunMessage {
  readonly class: StunClass;
  /** One of {@link STUN_METHOD} where it is known. */
  readonly method: number;
  /** In hex; with RFC 3489 it includes the place of the magic cookie. */
  readonly transactionId: string;
  /** Without the magic cookie: RFC 3489. */
  readonly isClassic: boolean;
  readonly username?: string;
  /** Long-term credentials are in use, as with a TURN server. */
  readonly hasRealm: boolean;
  /** RFC 8445 §7.1.1. */
  readonly priority?: number;
  readonly useCandidate: boolean;
  readonly iceRole?: "controlling" | "controlled";
  /** XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS. */
  readonly mappedAddress?: Endpoint;
  readonly relayedAddress?: Endpoint;
  readonly peerAddress?: Endpoint;
  readonly channelNumber?: number;
  /** From 300 to 699 (RFC 8489 §14.8). */
  readonly errorCode?: number;
  /** The message is read as far as it can be. */
  readonly damage?: Exclude<StunDamage, "not-stun">;
}

type Attributes = ReadonlyMap<number, Uint8Array>;

/** @returns Why the bytes are no STUN message, where they are none. */
export function parseStun(bytes: Uint8Array): StunMessage | "not-stun" {
  if (bytes.length < HEADER_BYTES || (bytes[0] ?? 0) >= 0x40) return "not-stun";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint16(0);
  const isClassic = view.getUint32(4) !== MAGIC_COOKIE;
  const { attributes, damage } = readAttributes(bytes, view);
  return {
    class: CLASSES[((type >> 7) & 2) | ((type >> 4) & 1)] ?? "request",
    method: (type & 0x000f) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0f80),
    transactionId: Buffer.from(bytes.subarray(isClassic ? 4 : 8, HEADER_BYTES)).toString("hex"),
    isClassic,
    hasRealm: attributes.has(ATTRIBUTE.realm),
    useCandidate: attributes.has(ATTRIBUTE.useCandidate),
    ...iceAttributes(attributes),
    ...addresses(attributes, bytes),
    ...numbers(attributes),
    ...(damage === undefined ? {} : { damage }),
  };
}

/**
 * The receiver's and the sender's fragment in a check's USERNAME (RFC 8445 §7.2.2). A TURN user name
 * may have a colon too, but goes with a realm or another method.
 *
 * @returns Nothing where the message is no connectivity check.
 */
export function checkFragments({
  method,
  username,
  hasRealm,
}: StunMessage): readonly [string, string] | undefined {
  if (method !== STUN_METHOD.binding || username === undefined || hasRealm) return undefined;
  const colon = username.indexOf(":");
  if (colon <= 0 || colon === username.length - 1) return undefined;
  return [username.slice(0, colon), username.slice(colon + 1)];
}

/** What follows the message's integrity is not protected by it and not read (RFC 8489 §14.5). */
function readAttributes(
  bytes: Uint8Array,
  view: DataView,
): { attributes: Attributes; damage?: Exclude<StunDamage, "not-stun"> } {
  const attributes = new Map<number, Uint8Array>();
  const stated = HEADER_BYTES + view.getUint16(2);
  if (stated % 4 !== 0 || stated < bytes.length) return { attributes, damage: "length" };
  const isWhole = stated === bytes.length;
  let at = HEADER_BYTES;
  while (at + 4 <= bytes.length) {
    const type = view.getUint16(at);
    const start = at + 4;
    const end = start + view.getUint16(at + 2);
    if (end > bytes.length) return { attributes, damage: isWhole ? "attribute" : "truncated" };
    if (type === ATTRIBUTE.messageIntegrity || type === ATTRIBUTE.messageIntegritySha256) break;
    if (!attributes.has(type)) attributes.set(type, bytes.subarray(start, end));
    // RFC 3489 knows no padding: its values are multiples of four.
    at = start + ((end - start + 3) & ~3);
  }
  return isWhole ? { attributes } : { attributes, damage: "truncated" };
}

function iceAttributes(
  attributes: Attributes,
): Pick<StunMessage, "username" | "priority" | "iceRole"> {
  const username = attributes.get(ATTRIBUTE.username);
  const priority = uint32(attributes.get(ATTRIBUTE.priority));
  const isControlling = attributes.has(ATTRIBUTE.iceControlling);
  const isControlled = attributes.has(ATTRIBUTE.iceControlled);
  return {
    ...(username === undefined || username.length > MAX_USERNAME_BYTES
      ? {}
      : { username: Buffer.from(username).toString("utf8") }),
    ...(priority === undefined ? {} : { priority }),
    ...(isControlling || isControlled
      ? { iceRole: isControlling ? "controlling" : "controlled" }
      : {}),
  };
}

function addresses(
  attributes: Attributes,
  message: Uint8Array,
): Pick<StunMessage, "mappedAddress" | "relayedAddress" | "peerAddress"> {
  const mask = message.subarray(4, HEADER_BYTES);
  const mapped =
    address(attributes.get(ATTRIBUTE.xorMappedAddress), mask) ??
    address(attributes.get(ATTRIBUTE.draftXorMappedAddress), mask) ??
    address(attributes.get(ATTRIBUTE.mappedAddress));
  const relayed = address(attributes.get(ATTRIBUTE.xorRelayedAddress), mask);
  const peer = address(attributes.get(ATTRIBUTE.xorPeerAddress), mask);
  return {
    ...(mapped === undefined ? {} : { mappedAddress: mapped }),
    ...(relayed === undefined ? {} : { relayedAddress: relayed }),
    ...(peer === undefined ? {} : { peerAddress: peer }),
  };
}

function numbers(attributes: Attributes): Pick<StunMessage, "channelNumber" | "errorCode"> {
  const channel = attributes.get(ATTRIBUTE.channelNumber);
  const error = attributes.get(ATTRIBUTE.errorCode);
  const [, , hundreds = 0, rest = 100] = error ?? [];
  const errorCode = (hundreds & 0x07) * 100 + rest;
  const isErrorCode = errorCode >= 300 && errorCode <= 699 && rest < 100;
  return {
    ...(channel?.length === 4
      ? { channelNumber: ((channel[0] ?? 0) << 8) | (channel[1] ?? 0) }
      : {}),
    ...(isErrorCode ? { errorCode } : {}),
  };
}

/**
 * An address attribute (RFC 8489 §14.1 and §14.2).
 *
 * @param mask Magic cookie and transaction identifier, where the value is combined with them.
 */
function address(value: Uint8Array | undefined, mask?: Uint8Array): Endpoint | undefined {
  const isIpv6 = value?.[1] === 2;
  if (value === undefined || value.length !== (isIpv6 ? 20 : 8)) return undefined;
  if (!isIpv6 && value[1] !== 1) return undefined;
  const plain = Uint8Array.from(value.subarray(2));
  if (mask !== undefined) {
    plain[0] = (plain[0] ?? 0) ^ (mask[0] ?? 0);
    plain[1] = (plain[1] ?? 0) ^ (mask[1] ?? 0);
    for (let i = 2; i < plain.length; i += 1) plain[i] = (plain[i] ?? 0) ^ (mask[i - 2] ?? 0);
  }
  const port = ((plain[0] ?? 0) << 8) | (plain[1] ?? 0);
  return { address: addressText(plain.subarray(2), isIpv6), port };
}

function uint32(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 4) return undefined;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0);
}
