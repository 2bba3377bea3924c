/**
 * Reads SIP messages as they come off the wire (RFC 3261 §7). The start line and the places of the
 * header fields are found at once, everything else when asked for. What is wrong with a message is
 * told, not refused: a message with a broken Content-Length is still a sign of a call.
 *
 * @module
 */

import { addressTag, isClosedAddress } from "./address.js";
import { parseContentType, type ContentType } from "./content-type.js";
import { DamageLog, type SipDamage } from "./damage.js";
import {
  fieldName,
  isTokenCode,
  listElementEnd,
  scanHeaderFields,
  type FieldName,
  type HeaderFields,
} from "./header-fields.js";
import {
  findStartLine,
  type NotSipReason,
  type RequestLine,
  type StartLine,
  type StatusLine,
} from "./start-line.js";
import { parseVia, viaKey, type Via } from "./via.js";
import { decodeUtf8, detached, isAscii, latin1 } from "./wire-text.js";

/** Bytes of a message that are read. A UDP datagram holds at most 65507. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** CSeq, taken apart (RFC 3261 §20.16). */
export interface CSeq {
  /** From 0 to 2^32 - 1; from 2^31 on the message carries `bad-cseq`. */
  readonly number: number;
  readonly method: string;
}

const CALL_ID = fieldName("call-id");
const CONTENT_ENCODING = fieldName("content-encoding");
const CONTENT_LENGTH = fieldName("content-length");
const CONTENT_TYPE = fieldName("content-type");
const CSEQ = fieldName("cseq");
const FROM = fieldName("from");
const MAX_FORWARDS = fieldName("max-forwards");
const TO = fieldName("to");
const VIA = fieldName("via");

const MANDATORY = [VIA, FROM, TO, CALL_ID, CSEQ];
const MANDATORY_IN_REQUEST = [...MANDATORY, MAX_FORWARDS];
const SINGLE = [CALL_ID, CSEQ, FROM, TO, MAX_FORWARDS, CONTENT_LENGTH, CONTENT_TYPE];
const MAX_CSEQ = 0x7fffffff;
const MAX_UINT32 = 0xffffffff;

interface Scan {
  readonly text: string;
  readonly isAscii: boolean;
  readonly fields: HeaderFields;
  readonly damage: DamageLog;
}

interface BodyPlace {
  readonly start: number;
  readonly end: number;
  readonly contentLength: number | undefined;
  readonly damage: readonly SipDamage[];
}

/**
 * What requests and responses have in common. Strings that identify a call, a dialog or a
 * transaction (`callId`, `cseq`, tags, `topVia`) may be kept; other strings share the message's
 * memory, so keep copies of them.
 */
abstract class MessageBase {
  /** `2.0` unless the message carries `unknown-version`. */
  readonly version: string;
  readonly #scan: Scan;

  constructor(scan: Scan, startLine: StartLine) {
    this.#scan = scan;
    this.version = startLine.version;
  }

  protected abstract readonly mandatory: readonly FieldName[];
  protected abstract readonly ownMethod: string | undefined;

  /** The value of the first field of that name, in any case and either form, unfolded. */
  header(name: string): string | undefined {
    return this.#scan.fields.first(fieldName(name));
  }

  /** The value of each field of that name, in order. Comma lists are not taken apart. */
  headers(name: string): string[] {
    return this.#scan.fields.all(fieldName(name));
  }

  /** The elements of all fields of that name, whose grammar must be a comma list. */
  headerList(name: string): string[] {
    return this.#scan.fields.list(fieldName(name));
  }

  /** Every header field in order, its name as written. */
  headerEntries(): Iterable<readonly [name: string, value: string]> {
    return this.#scan.fields.entries();
  }

  /** Absent where missing or empty. */
  get callId(): string | undefined {
    return identifier(this.#scan.fields.first(CALL_ID));
  }

  /** Absent where missing or unreadable. */
  get cseq(): CSeq | undefined {
    return parseCSeq(this.#scan.fields.first(CSEQ));
  }

  get fromTag(): string | undefined {
    const from = this.#scan.fields.first(FROM);
    return from === undefined ? undefined : identifier(addressTag(from));
  }

  /** Absent in a request outside a dialog. */
  get toTag(): string | undefined {
    const to = this.#scan.fields.first(TO);
    return to === undefined ? undefined : identifier(addressTag(to));
  }

  /** The topmost Via, which a response shares with its request. Absent if unreadable. */
  get topVia(): Via | undefined {
    const via = this.#scan.fields.first(VIA);
    return via === undefined ? undefined : parseVia(via.slice(0, listElementEnd(via, 0)));
  }

  /** The {@link viaKey} of the topmost Via. Shares the message's memory. */
  get topViaKey(): string | undefined {
    const via = this.#scan.fields.first(VIA);
    return via === undefined ? undefined : viaKey(via);
  }

  get contentType(): ContentType | undefined {
    const value = this.#scan.fields.first(CONTENT_TYPE);
    return value === undefined ? undefined : parseContentType(value);
  }

  /** What codings the body is in, in lower case: empty, or `identity`, if in none. */
  get contentEncoding(): string {
    return this.#scan.fields.list(CONTENT_ENCODING).join(",").toLowerCase();
  }

  /** Absent where missing, unreadable or contradictory. */
  get contentLength(): number | undefined {
    return this.#bodyPlace().contentLength;
  }

  /** Whether anything follows the header fields. */
  get hasBody(): boolean {
    return this.#scan.fields.bodyStart < this.#scan.text.length;
  }

  /** The whole message: UTF-8, or ISO 8859-1 where it is not valid UTF-8. Shares no memory with it. */
  get text(): string {
    const { text, isAscii } = this.#scan;
    return isAscii ? detached(text) : decodeUtf8(text);
  }

  /** All of it as it was on the wire, up to {@link MAX_MESSAGE_BYTES}. */
  get bytes(): Uint8Array {
    return Buffer.from(this.#scan.text, "latin1");
  }

  /** The body as bytes, cut by Content-Length where that is usable. */
  get body(): Uint8Array {
    const { start, end } = this.#bodyPlace();
    return Buffer.from(this.#scan.text.slice(start, end), "latin1");
  }

  /** The body as text: UTF-8, or ISO 8859-1 where it is not valid UTF-8. */
  get bodyText(): string {
    return this.#scan.isAscii ? this.bodyLatin1 : decodeUtf8(this.bodyLatin1);
  }

  /** The body as ISO 8859-1, one character a byte. */
  get bodyLatin1(): string {
    const { start, end } = this.#bodyPlace();
    return this.#scan.text.slice(start, end);
  }

  /** The mandatory fields that are absent or empty, by lower-case name. */
  get missingHeaders(): string[] {
    return this.mandatory
      .filter((name) => (this.#scan.fields.first(name) ?? "") === "")
      .map((name) => name.full);
  }

  /** Everything found to be wrong, each kind once. Reads the whole message. */
  get damage(): ReadonlySet<SipDamage> {
    const { fields, damage } = this.#scan;
    const found = new Set<SipDamage>([...damage.kinds, ...this.#bodyPlace().damage]);
    if (this.missingHeaders.length > 0) found.add("missing-header");
    if (SINGLE.some((name) => fields.isRepeated(name))) found.add("repeated-header");
    const cseq = this.cseq;
    if (fields.first(CSEQ) !== undefined && (cseq === undefined || cseq.number > MAX_CSEQ)) {
      found.add("bad-cseq");
    }
    if (cseq !== undefined && this.ownMethod !== undefined && cseq.method !== this.ownMethod) {
      found.add("cseq-mismatch");
    }
    if (fields.first(VIA) !== undefined && this.topVia === undefined) found.add("bad-via");
    if (![FROM, TO].every((name) => isClosedAddress(fields.first(name) ?? ""))) {
      found.add("bad-address");
    }
    return found;
  }

  #bodyPlace(): BodyPlace {
    const { text, fields } = this.#scan;
    const start = fields.bodyStart;
    const rest = { start, end: text.length, contentLength: undefined };
    const values = new Set(fields.all(CONTENT_LENGTH));
    const [value] = values;
    if (value === undefined) return { ...rest, damage: [] };
    if (values.size > 1 || !/^\d{1,10}$/.test(value)) {
      return { ...rest, damage: ["bad-content-length"] };
    }
    const contentLength = Number(value);
    const end = start + contentLength;
    if (end > text.length) return { ...rest, contentLength, damage: ["truncated-body"] };
    return { start, end, contentLength, damage: end < text.length ? ["trailing-bytes"] : [] };
  }
}

/** A request (RFC 3261 §7.1). */
export class SipRequest extends MessageBase {
  readonly kind = "request";
  /** As written: methods are case-sensitive. */
  readonly method: string;
  /** As written, without the whitespace around it. */
  readonly requestUri: string;
  protected readonly mandatory: readonly FieldName[] = MANDATORY_IN_REQUEST;

  constructor(scan: Scan, line: RequestLine) {
    super(scan, line);
    this.method = line.method;
    this.requestUri = line.requestUri;
  }

  protected get ownMethod(): string {
    return this.method;
  }
}

/** A response (RFC 3261 §7.2). */
export class SipResponse extends MessageBase {
  readonly kind = "response";
  /** From 100 to 699. */
  readonly statusCode: number;
  /** May be empty. */
  readonly reasonPhrase: string;
  protected readonly mandatory: readonly FieldName[] = MANDATORY;
  protected readonly ownMethod: undefined;

  constructor(scan: Scan, line: StatusLine) {
    super(scan, line);
    this.statusCode = line.statusCode;
    this.reasonPhrase = line.reasonPhrase;
  }
}

/** One SIP message. Tell the two apart by `kind`. */
export type SipMessage = SipRequest | SipResponse;

/**
 * Reads one message: a datagram, or what a stream's framing has cut out.
 *
 * Never throws, takes time linear in the length, and keeps nothing of `bytes`.
 *
 * @param bytes As on the wire; a string stands for its UTF-8 bytes.
 * @returns The message, or why it is none.
 */
export function scanSipMessage(bytes: Uint8Array | string): SipMessage | NotSipReason {
  return scanSipLatin1(typeof bytes === "string" ? asLatin1(bytes) : latin1(bytes));
}

/** The same of a message's bytes as ISO 8859-1, one character a byte. */
export function scanSipLatin1(whole: string): SipMessage | NotSipReason {
  const damage = new DamageLog();
  const isTooLong = whole.length > MAX_MESSAGE_BYTES;
  if (isTooLong) damage.add("message-limit");
  const text = isTooLong ? whole.slice(0, MAX_MESSAGE_BYTES) : whole;
  const startLine = findStartLine(text, damage);
  if (typeof startLine === "string") return startLine;

  const ascii = isAscii(text);
  const fields = scanHeaderFields(text, startLine.nextLine, ascii, damage);
  const scan: Scan = { text, isAscii: ascii, fields, damage };
  return startLine.kind === "request"
    ? new SipRequest(scan, startLine)
    : new SipResponse(scan, startLine);
}

function asLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

function identifier(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : detached(value);
}

function parseCSeq(value: string | undefined): CSeq | undefined {
  return value === undefined ? undefined : (plainCSeq(value) ?? unusualCSeq(value));
}

/** Nearly every CSeq, at a fraction of the cost. */
function plainCSeq(value: string): CSeq | undefined {
  let digits = 0;
  let number = 0;
  for (; digits < MAX_PLAIN_DIGITS; digits += 1) {
    const digit = value.charCodeAt(digits) - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    number = number * 10 + digit;
  }
  if (digits === 0 || value.charCodeAt(digits) !== SPACE) return undefined;
  for (let i = digits + 1; i < value.length; i += 1) {
    if (!isTokenCode(value.charCodeAt(i))) return undefined;
  }
  const method = value.slice(digits + 1);
  return method === "" ? undefined : { number, method: detached(method) };
}

const SPACE = 0x20;
const ZERO = 0x30;
/** Any number of so many digits is in the range of CSeq. */
const MAX_PLAIN_DIGITS = 9;

function unusualCSeq(value: string): CSeq | undefined {
  const match = /^(\d{1,16})[ \t]+(\S+)$/.exec(value);
  const number = Number(match?.[1]);
  const method = match?.[2];
  return method === undefined || number > MAX_UINT32
    ? undefined
    : { number, method: detached(method) };
}
