/**
 * What can be wrong with a SIP message that is still read as one.
 *
 * @module
 */

/** One way in which a message deviates from RFC 3261 without being lost to us. */
export type SipDamage =
  /** Line ends before the start line (RFC 3261 §7.5 allows them; RFC 5626 sends them alone). */
  | "leading-line-ends"
  /** Bytes that are no part of the message before the start line. */
  | "leading-junk"
  /** A start line with more, less or other whitespace than RFC 3261 §7.1 and §7.2 have. */
  | "malformed-start-line"
  /** A Request-URI that is empty, holds whitespace or stands in angle brackets. */
  | "malformed-request-uri"
  /** A SIP version other than 2.0. */
  | "unknown-version"
  /** Lines that end with a line feed alone. */
  | "bare-line-feed"
  /** A line among the header fields that is none. */
  | "malformed-header"
  /** More header fields than {@link MAX_HEADER_FIELDS}; those after it are not read. */
  | "header-limit"
  /** The input ends within the header fields, so the last of them may be cut. */
  | "truncated-header"
  /** More bytes than {@link MAX_MESSAGE_BYTES}; those after it are not read. */
  | "message-limit"
  /** A field that RFC 3261 §8.1.1 or §8.2.6.2 makes mandatory is absent or empty. */
  | "missing-header"
  /** A field that may stand once only stands more often (RFC 3261 §7.3.1). */
  | "repeated-header"
  /** CSeq is no number below 2^31 followed by a method (RFC 3261 §8.1.1.5). */
  | "bad-cseq"
  /** The method of CSeq is not that of the request (RFC 3261 §8.1.1.5). */
  | "cseq-mismatch"
  /** The topmost Via cannot be read (RFC 3261 §20.42). */
  | "bad-via"
  /** A quotation mark or angle bracket in From or To is never closed. */
  | "bad-address"
  /** Content-Length is no number, or there are several that differ. */
  | "bad-content-length"
  /** The input ends before the body does. */
  | "truncated-body"
  /** Bytes follow the body. */
  | "trailing-bytes";

/** Collects damage while a message is scanned, each kind once. */
export class DamageLog {
  readonly #kinds: SipDamage[] = [];

  add(kind: SipDamage): void {
    if (!this.#kinds.includes(kind)) this.#kinds.push(kind);
  }

  get kinds(): readonly SipDamage[] {
    return this.#kinds;
  }
}
