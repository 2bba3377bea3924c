/**
 * Telephone numbers and URIs in the canonical form in which PASSporTs claim them (RFC 8224 §8.3, §8.5).
 *
 * @module
 */

/** Characters of a URI that are read. */
const MAX_URI_LENGTH = 512;

/** E.164 has 15 digits; numbers with `*` and `#` are a little longer. */
const MAX_DIGITS = 32;

const SEPARATORS = /[\s().+-]/g;
const NUMBER = /^[0-9*#]+$/;

/** Who calls or is called, as a header field names it. */
export interface CanonicalParty {
  /** Digits, `*` and `#`, without a leading `+`. Absent where no telephone number is named. */
  readonly number?: string;
  /** It was written with its country code: after a `+`, or with a global phone-context. */
  readonly isGlobal: boolean;
  /** Scheme and host in lower case, without parameters. Absent for a `tel` URI. */
  readonly uri?: string;
}

/** The party that a SIP, SIPS or tel URI names. */
export function canonicalParty(uri: string): CanonicalParty {
  const text = uri.slice(0, MAX_URI_LENGTH).trim();
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  const rest = text.slice(colon + 1);
  if (scheme === "tel") return numberOf(rest);
  if (scheme !== "sip" && scheme !== "sips") return { isGlobal: false };
  const at = rest.lastIndexOf("@");
  const user = at < 0 ? "" : rest.slice(0, at);
  const host = /^(?:\[[^\]]*\]|[^;?:/]*)(?::\d+)?/.exec(rest.slice(at + 1))?.[0] ?? "";
  const name = user.replace(/[;:].*$/s, "");
  const canonical = `${scheme}:${name === "" ? "" : `${name}@`}${host.toLowerCase()}`;
  return { ...numberOf(unescaped(user)), uri: canonical };
}

/** A claimed number as it is compared: some signers keep the `+` or separators. */
export function canonicalNumber(claimed: string): string | undefined {
  return numberOf(claimed).number;
}

/** A claimed URI as it is compared. */
export function canonicalUri(claimed: string): string | undefined {
  return canonicalParty(claimed).uri;
}

/**
 * Whether a claimed number is the party's. A party written without country code is also compared with
 * `countryCode` before it, a national prefix 0 left out.
 */
export function isSameNumber(
  claimed: string | undefined,
  { number, isGlobal }: CanonicalParty,
  countryCode: string | undefined,
): boolean {
  if (claimed === undefined || number === undefined) return false;
  if (claimed === number) return true;
  return !isGlobal && countryCode !== undefined && claimed === national(number, countryCode);
}

function national(number: string, countryCode: string): string {
  return countryCode + number.replace(/^0/, "");
}

/** What stands in a tel URI after its scheme, or in the user part of a SIP URI (RFC 3966 §3). */
function numberOf(written: string): CanonicalParty {
  const [subscriber = "", ...parameters] = written.split(";", 9);
  const plain = subscriber.replace(/:.*$/s, "").trim();
  const digits = plain.replace(SEPARATORS, "");
  if (digits.length > MAX_DIGITS || !NUMBER.test(digits)) return { isGlobal: false };
  if (plain.startsWith("+")) return { number: digits, isGlobal: true };
  const context = parameters.find((one) => /^phone-context=\+/i.test(one.trim()));
  if (context === undefined) return { number: digits, isGlobal: false };
  const prefix = context.slice(context.indexOf("=") + 1).replace(SEPARATORS, "");
  return NUMBER.test(prefix)
    ? { number: prefix + digits, isGlobal: true }
    : { number: digits, isGlobal: false };
}

function unescaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
