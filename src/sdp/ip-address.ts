/**
 * IP addresses of SDP in the one spelling that endpoints are compared in.
 *
 * @module
 */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const GROUPS = 8;
/** 45 characters of address, 2 of brackets, and a zone. */
const MAX_TEXT_LENGTH = 80;

/**
 * The address as RFC 5952 spells it, without brackets or zone; IPv4 without leading zeros. Nothing
 * if the text is no address, such as a host name.
 */
export function canonicalAddress(text: string): string | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  return text.includes(":") ? canonicalIpv6(text) : canonicalIpv4(text);
}

/** Whether it is `0.0.0.0` or `::`: no address to send to, which is how RFC 2543 put on hold. */
export function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function canonicalIpv4(text: string): string | undefined {
  const match = IPV4.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  return octets.every((octet) => octet <= 255) ? octets.join(".") : undefined;
}

function canonicalIpv6(text: string): string | undefined {
  const bare = text.replace(/^\[|\]$/g, "").split("%", 1)[0] ?? "";
  const groups = ipv6Groups(bare);
  return groups === undefined ? undefined : spellIpv6(groups);
}

function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = "", tail] = halves;
  const before = groupsOf(head, tail === undefined);
  const after = groupsOf(tail ?? "", true);
  if (before === undefined || after === undefined) return undefined;
  const missing = GROUPS - before.length - after.length;
  const isWhole = tail === undefined ? missing === 0 : missing >= 1;
  return isWhole ? [...before, ...new Array<number>(missing).fill(0), ...after] : undefined;
}

/** @param isLast Whether these are the last groups, which alone may end as IPv4 does. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (isLast && i === parts.length - 1 && part.includes(".")) {
      const [a = 0, b = 0, c = 0, d = 0] = canonicalIpv4(part)?.split(".").map(Number) ?? [NaN];
      if (Number.isNaN(a)) return undefined;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function spellIpv6(groups: readonly number[]): string {
  // RFC 5952 §5: addresses that are IPv4 within IPv6 show it.
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) {
    const octets = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    return `::ffff:${octets.join(".")}`;
  }
  const { start, length } = longestZeroRun(groups);
  const spelled = groups.map((group) => group.toString(16));
  // RFC 5952 §4.2.2: one group of zeros alone is not shortened.
  if (length < 2) return spelled.join(":");
  return `${spelled.slice(0, start).join(":")}::${spelled.slice(start + length).join(":")}`;
}

/** The first of the longest runs of zero groups (RFC 5952 §4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}
