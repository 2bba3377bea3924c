/**
 * Builds STUN messages (RFC 8489 §5 and §14).
 *
 * @module
 */

import { createHmac } from "node:crypto";

import type { StunClass } from "../../src/ice/stun.js";
import { bytesOf, uint } from "../support/packets.js";

type Bytes = Uint8Array | readonly number[];

export const COOKIE: readonly number[] = [0x21, 0x12, 0xa4, 0x42];

/** Bytes written in hex, with spaces where they help to read them. */
export function hex(...parts: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(parts.join("").replaceAll(" ", ""), "hex"));
}

/** Twelve bytes that differ by `seed`. */
export function transaction(seed: number): number[] {
  return [...uint(0xabcdef01, 4), ...uint(0, 4), ...uint(seed, 4)];
}

/** The two bytes of a message type (RFC 8489 figure 3). */
export function messageType(method: number, kind: StunClass): number {
  const bits = { request: 0, indication: 1, success: 2, error: 3 }[kind];
  return (
    ((method & 0xf80) << 2) |
    ((method & 0x070) << 1) |
    (method & 0x00f) |
    ((bits & 2) << 7) |
    ((bits & 1) << 4)
  );
}

/** One attribute with its padding. */
export function attribute(type: number, value: Bytes): Uint8Array {
  const padding = new Uint8Array(-value.length & 3);
  return bytesOf(uint(type, 2), uint(value.length, 2), value, padding);
}

/** A whole message. */
export function stunMessage(
  method: number,
  kind: StunClass,
  id: readonly number[],
  ...attributes: readonly Uint8Array[]
): Uint8Array {
  const body = bytesOf(...attributes);
  return bytesOf(uint(messageType(method, kind), 2), uint(body.length, 2), COOKIE, id, body);
}

/** An IPv4 address attribute combined with the magic cookie (RFC 8489 §14.2). */
export function xorAddress(type: number, address: string, port: number): Uint8Array {
  const octets = address.split(".").map((octet, i) => Number(octet) ^ (COOKIE[i] ?? 0));
  return attribute(type, [0, 1, ...uint(port ^ 0x2112, 2), ...octets]);
}

/** The MESSAGE-INTEGRITY that a message has, and the one that its key asks for (RFC 8489 §14.5). */
export function integrity(message: Uint8Array, key: string): { has: string; needs: string } {
  let at = 20;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  while (view.getUint16(at) !== 0x0008) at += 4 + ((view.getUint16(at + 2) + 3) & ~3);
  const covered = Uint8Array.from(message.subarray(0, at));
  new DataView(covered.buffer).setUint16(2, at + 24 - 20);
  return {
    has: Buffer.from(message.subarray(at + 4, at + 24)).toString("hex"),
    needs: createHmac("sha1", key).update(covered).digest("hex"),
  };
}
