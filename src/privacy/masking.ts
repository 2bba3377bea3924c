/**
 * URIs, addresses and sentences of one call or one message without the people they name. Hosts stay:
 * they tell which system took part.
 *
 * @module
 */

import { quotedStringEnd, unquoted } from "../sip/parameters.js";
import { decodeUtf8 } from "../sip/wire-text.js";
import { KnownNumbers } from "./known-numbers.js";
import type { Pseudonym } from "./pseudonyms.js";

/** Schemes whose URIs name a person or a line. */
const URI_IN_TEXT = /\b(?:sips?|tel|im|pres|mailto|xmpp|h323|callto):[^\s<>",;'|)]+/gi;
/** Parameters of a number that are part of it (RFC 3966 §3). */
const NUMBER_PARAMETERS = /^(?:ext|isub|postd|phone-context)$/i;

/** Masks what belongs together, so that a number seen in one place is known in all. */
export class Masking {
  readonly #pseudonym: Pseudonym;
  readonly #numbers = new KnownNumbers();

  constructor(pseudonym: Pseudonym) {
    this.#pseudonym = pseudonym;
  }

  /** A user name, a number, a display name. */
  name(name: string): string {
    if (name === "" || name === "-") return name;
    // Where a message is read byte by byte the record has the same name in characters.
    const pseudonym = this.#pseudonym(decodeUtf8(name));
    if (pseudonym !== name) this.#numbers.add(name, pseudonym);
    return pseudonym;
  }

  /** Keeps scheme, host and parameters. */
  uri(uri: string): string {
    const [, scheme, rest = ""] = /^\s*([a-z][a-z0-9+.-]*):(.*)$/is.exec(uri) ?? [];
    if (scheme === undefined) return this.name(uri.trim());
    switch (scheme.toLowerCase()) {
      case "urn":
      case "cid":
        return this.text(uri);
      case "http":
      case "https":
        return this.#withoutPath(scheme, rest);
      case "tel":
      case "callto":
        return `${scheme}:${this.#subscriber(rest)}`;
      default:
        return `${scheme}:${this.#userAtHost(rest)}`;
    }
  }

  /** `user@host`, or what tells nobody anything (RFC 3550 §6.5.1, RFC 7022). */
  canonicalName(cname: string): string {
    if (/^sips?:/i.test(cname)) return this.uri(cname);
    return cname.includes("@") ? this.#userAtHost(cname) : this.text(cname);
  }

  /** Values of From, To, Contact and their like, one or several (RFC 3261 §20.10). */
  addresses(value: string): string {
    let masked = "";
    let at = 0;
    let hasUri = false;
    while (at < value.length) {
      const special = indexOfAny(value, at);
      const plain = value.slice(at, special);
      const code = value[special];
      if (code === '"') {
        const end = quotedStringEnd(value, special);
        const quoted = value.slice(special, end < 0 ? value.length : end);
        const isName = end < 0 || /^\s*</.test(value.slice(end, end + 8));
        masked += this.#outside(plain, hasUri);
        masked += isName ? `"${this.name(unquoted(quoted))}"` : this.text(quoted);
        at = special + quoted.length;
      } else if (code === "<") {
        const close = value.indexOf(">", special);
        const end = close < 0 ? value.length : close;
        masked += `${this.#displayName(plain)}<${this.uri(value.slice(special + 1, end))}`;
        hasUri = true;
        at = end;
      } else if (code === ",") {
        masked += `${this.#outside(plain, hasUri)},`;
        hasUri = false;
        at = special + 1;
      } else {
        masked += this.#outside(plain, hasUri);
        at = value.length;
      }
    }
    return masked;
  }

  /** Anything written: URIs in it, and numbers that are known. */
  text(text: string): string {
    return this.numbersIn(text.replace(URI_IN_TEXT, (uri) => this.uri(uri)));
  }

  /** The text without the numbers that are known. */
  numbersIn(text: string, isPlain = false): string {
    return this.#numbers.maskedIn(text, isPlain);
  }

  /** What stands before an angle bracket: a name without quotes, after the comma of the one before. */
  #displayName(plain: string): string {
    const name = plain.replace(/^[\s>]+/, "").trimEnd();
    return name === "" ? plain : plain.replace(name, () => this.name(name));
  }

  /** An address without angle brackets, or the parameters behind one. */
  #outside(plain: string, hasUri: boolean): string {
    if (hasUri || plain.trim() === "") return this.text(plain);
    const [uri = "", ...parameters] = plain.split(";");
    if (uri.trim() === "" || uri.trim() === "*") return this.text(plain);
    const masked = uri.replace(uri.trim(), () => this.uri(uri.trim()));
    return [masked, ...parameters.map((one) => this.text(one))].join(";");
  }

  #withoutPath(scheme: string, rest: string): string {
    const [, host = "", path = ""] = /^\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/s.exec(rest) ?? [];
    return `${scheme}://${this.numbersIn(host)}${path.length > 1 ? "/redacted" : path}`;
  }

  #subscriber(rest: string): string {
    const [number = "", ...parameters] = rest.split(";");
    const kept = parameters.filter((one) => !NUMBER_PARAMETERS.test(one.split("=", 1)[0] ?? ""));
    return [this.name(unescaped(number)), ...kept.map((one) => this.numbersIn(one))].join(";");
  }

  #userAtHost(rest: string): string {
    const question = rest.indexOf("?");
    const address = question < 0 ? rest : rest.slice(0, question);
    const at = address.lastIndexOf("@");
    const host = address.slice(at + 1);
    // Some write the number where the host belongs.
    if (at < 0 && !/^\+?\d+(?:[;:]|$)/.test(host))
      return this.numbersIn(host) + this.#replaces(rest);
    if (at < 0) return this.#subscriber(host);
    const user = unescaped(address.slice(0, at).replace(/[;:].*$/s, ""));
    return `${this.name(user)}@${this.numbersIn(host)}${this.#replaces(rest)}`;
  }

  /** Of the headers in a URI the one that says which call is meant (RFC 3891); others name people. */
  #replaces(rest: string): string {
    const [, replaces] = /[?&](Replaces=[^&]*)/i.exec(rest) ?? [];
    return replaces === undefined ? "" : `?${this.numbersIn(replaces)}`;
  }
}

/** Where the next quotation mark, bracket or comma is, or the end. */
function indexOfAny(value: string, start: number): number {
  for (let at = start; at < value.length; at += 1) {
    const character = value[at];
    if (character === '"' || character === "<" || character === ",") return at;
  }
  return value.length;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
