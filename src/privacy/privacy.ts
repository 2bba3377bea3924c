/**
 * Personal data masked by choice, in every form in which it leaves: one function for records, pages,
 * ladders, what is sent to Homer, and logs.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { Ladder } from "../call/ladder.js";
import type { CaptureReport } from "../call/report.js";
import { latin1 } from "../sip/wire-text.js";
import { Masking } from "./masking.js";
import { type PrivacyOptions, type Pseudonym, pseudonyms } from "./pseudonyms.js";
import { isSipText, maskedSipText } from "./sip-text.js";

/** Fields that hold instants and addresses, in which digits are no number. */
const UNTOUCHED = /(?:At|^at|^from|^to|^address|^schema)$/;

/**
 * Masks telephone numbers, user names and display names; hosts, addresses and times stay. What was
 * masked once stays as it is. Neither changes what it is given, nor keeps anything of it.
 */
export class Privacy {
  readonly #pseudonym: Pseudonym;

  /** @throws {RangeError} If the key is too short. */
  constructor(options: PrivacyOptions) {
    this.#pseudonym = pseudonyms(options);
  }

  /** What a number or user name is replaced by: what to search masked records for. */
  name(name: string): string {
    return this.#pseudonym(name);
  }

  /** One call. */
  call(call: CallReport): CallReport {
    return this.#masked(call);
  }

  /** Everything a capture holds, what belongs to no call included: each call and stream by itself. */
  report(report: CaptureReport): CaptureReport {
    return {
      ...report,
      calls: report.calls.map((call) => this.call(call)),
      streams: report.streams.map((stream) => this.fields(stream)),
      handshakes: report.handshakes.map((handshake) => this.fields(handshake)),
    };
  }

  /** One call, message by message; texts of messages that steps carry are masked too. */
  ladder(ladder: Ladder): Ladder {
    return this.#masked(ladder);
  }

  /** Whatever else is told; its fields are masked as those of records are. */
  fields<T extends object>(told: T): T {
    return this.#masked(told);
  }

  /** One SIP message as it is on the wire, or the text of it. */
  sipText(text: string): string;
  sipText(bytes: Uint8Array): Uint8Array;
  sipText(message: string | Uint8Array): string | Uint8Array {
    const masking = new Masking(this.#pseudonym);
    if (typeof message === "string") return maskedSipText(message, masking, utf8Length);
    const masked = maskedSipText(latin1(message), masking, (text) => text.length);
    return Buffer.from(masked, "latin1");
  }

  #masked<T extends object>(value: T): T {
    const masking = new Masking(this.#pseudonym);
    // Once to learn every number, once more to find them in what stands before.
    walked(value, masking);
    return walked(value, masking) as T;
  }
}

/** A copy in which every string is masked as its field asks for. */
function walked(value: unknown, masking: Masking, name = ""): unknown {
  if (typeof value === "string") return maskedField(name, value, masking);
  if (Array.isArray(value)) return value.map((one: unknown) => walked(one, masking, name));
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value) as [string, unknown][]) {
    copy[key] = UNTOUCHED.test(key) ? one : walked(one, masking, key);
  }
  return copy;
}

function maskedField(name: string, value: string, masking: Masking): string {
  if (name === "displayName") return masking.name(value);
  if (name === "uri") return masking.uri(value);
  if (name === "cname") return masking.canonicalName(value);
  if (isSipText(value)) return maskedSipText(value, masking, utf8Length);
  return masking.text(value);
}

/** Bytes on the wire of a text that was read as UTF-8. */
const utf8Length = (text: string): number => Buffer.byteLength(text);
