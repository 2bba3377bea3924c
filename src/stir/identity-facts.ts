/**
 * What a request says that its Identity is verified against.
 *
 * @module
 */

/** One request with Identity header fields. */
export interface IdentityFacts {
  /** Every Identity header field, as written. */
  readonly identities: readonly string[];
  /** URI of From, as written. */
  readonly fromUri: string;
  /** URI of To, as written. */
  readonly toUri: string;
  /** URIs of P-Asserted-Identity (RFC 3325), which stand for From where there are any. */
  readonly assertedUris: readonly string[];
  /** Whom a diverted call goes to (RFC 8946). */
  readonly requestUri?: string;
  /** The Date header field, as written. */
  readonly date?: string;
  /** When the request was seen, in epoch milliseconds: the only clock there is. */
  readonly receivedAtMs: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/** Epoch seconds of a Date header field (RFC 3261 §20.17), or nothing if it is none. */
export function dateSeconds(date: string | undefined): number | undefined {
  const [, day, month = "", year, hour, minute, second] = DATE.exec(date?.trim() ?? "") ?? [];
  const index = MONTHS.indexOf(month);
  if (day === undefined || index < 0) return undefined;
  const ms = Date.UTC(
    Number(year),
    index,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return ms / 1000;
}
