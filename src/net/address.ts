/**
 * IP addresses between their sixteen bytes and their text.
 *
 * @module
 */

/** An IPv4 address lies in the first four of the sixteen bytes. */
export interface AddressBytes {
  readonly bytes: Uint8Array;
  readonly isIpv6: boolean;
}

/** The text of the address that lies `at` there; IPv6 as RFC 5952 §4 writes it. */
export function addressText(bytes: Uint8Array, isIpv6: boolean, at = 0): string {
  return isIpv6 ? ipv6Text(bytes.subarray(at, at + 16)) : ipv4Text(bytes, at);
}

let lastText = "";
let lastBytes: AddressBytes | undefined;

/**
 * The address that a text is. Descriptions name one address several times over, so the last one is
 * remembered: the bytes are not to be changed.
 *
 * @returns `undefined` if the text is no IP address, or one with a zone.
 */
export function addressBytes(text: string): AddressBytes | undefined {
  if (text !== lastText) {
    lastBytes = text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
    lastText = text;
  }
  return lastBytes;
}

/** Addresses are read by the thousand: a view on the four bytes would be most of the work. */
function ipv4Text(bytes: Uint8Array, at: number): string {
  const part = (index: number): string => String(bytes[at + index] ?? 0);
  return `${part(0)}.${part(1)}.${part(2)}.${part(3)}`;
}

/** Read digit by digit: signalling names an address with every message. */
function ipv4Bytes(text: string): AddressBytes | undefined {
  const bytes = new Uint8Array(16);
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && digits > 0 && part < 3) {
      bytes[part] = value;
      part += 1;
      digits = 0;
      value = 0;
      continue;
    }
    value = value * 10 + (code - ZERO);
    digits += 1;
    if (code < ZERO || code > NINE || digits > 3 || value > 255) return undefined;
  }
  if (part !== 3 || digits === 0) return undefined;
  bytes[3] = value;
  return { bytes, isIpv6: false };
}

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

function ipv6Bytes(text: string): AddressBytes | undefined {
  const [before = "", after, ...further] = text.split("::");
  if (further.length > 0) return undefined;
  const head = groups(before, after === undefined);
  const tail = groups(after ?? "", true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (const [index, group] of all.entries()) {
    bytes[2 * index] = group >> 8;
    bytes[2 * index + 1] = group & 0xff;
  }
  return { bytes, isIpv6: true };
}

/**
 * The 16-bit groups of one side of `::`.
 *
 * @param isLast - Whether these are the last groups, which alone may end as IPv4 does.
 */
function groups(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const result: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (isLast && part.includes(".") && index === parts.length - 1) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(part)?.bytes ?? [-1];
      if (a < 0) return undefined;
      result.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      result.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return result;
}

function ipv6Text(bytes: Uint8Array): string {
  // RFC 5952 §5: an IPv4-mapped address shows the IPv4 address.
  const isMapped = bytes.subarray(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
  if (isMapped) return `::ffff:${ipv4Text(bytes, 12)}`;
  const parts: number[] = [];
  for (let at = 0; at < 16; at += 2) parts.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  let longest = { from: 0, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && parts[from + length] === 0) length++;
    if (length > longest.length) longest = { from, length };
  }
  const text = (some: number[]): string => some.map((part) => part.toString(16)).join(":");
  if (longest.length < 2) return text(parts);
  return `${text(parts.slice(0, longest.from))}::${text(parts.slice(longest.from + longest.length))}`;
}
