/**
 * Numbers that are to be masked, found again wherever else they stand: in a Call-ID, in a sentence.
 *
 * @module
 */

/**
 * Digits in a row by which a number is known again. Fewer are found by chance in times, ports and
 * status codes.
 */
export const MIN_RUN = 6;

/** Numbers that are looked for in one text; a call has a handful. */
const MAX_NUMBERS = 256;

/** Digits as they are written for people: `+1 (215) 555-0121`. */
const WRITTEN = /\d(?:[ ().-]{0,3}\d){5,}/g;
/** Digits without anything between. */
const PLAIN = /\d{6,}/g;

/** The numbers of one call or one message. */
export class KnownNumbers {
  /** Pseudonyms by every run of {@link MIN_RUN} digits. */
  readonly #runs = new Map<string, string>();
  #count = 0;

  /** Remembers the digits of a name, if it has enough. */
  add(name: string, pseudonym: string): void {
    if (this.#count >= MAX_NUMBERS) return;
    this.#count += 1;
    const digits = name.replace(/\D/g, "");
    for (let at = 0; at + MIN_RUN <= digits.length; at += 1) {
      const run = digits.slice(at, at + MIN_RUN);
      if (!this.#runs.has(run)) this.#runs.set(run, pseudonym);
    }
  }

  /**
   * The text without {@link MIN_RUN} or more digits in a row of any number known.
   *
   * @param isPlain - Look at digits alone: an address has dots between its digits.
   */
  maskedIn(text: string, isPlain = false): string {
    if (this.#runs.size === 0) return text;
    return text.replace(isPlain ? PLAIN : WRITTEN, (written) => this.#masked(written));
  }

  #masked(written: string): string {
    const places: number[] = [];
    for (let at = 0; at < written.length; at += 1) {
      if (isDigit(written.charCodeAt(at))) places.push(at);
    }
    const digits = written.replace(/\D/g, "");
    let masked = "";
    /** Characters of `written` that are dealt with. */
    let done = 0;
    for (let at = 0; at + MIN_RUN <= digits.length;) {
      const pseudonym = this.#runs.get(digits.slice(at, at + MIN_RUN));
      if (pseudonym === undefined) {
        at += 1;
        continue;
      }
      let end = at + MIN_RUN;
      while (end < digits.length && this.#runs.has(digits.slice(end + 1 - MIN_RUN, end + 1))) {
        end += 1;
      }
      masked += written.slice(done, places[at]) + pseudonym;
      done = (places[end - 1] ?? written.length) + 1;
      at = end;
    }
    return masked + written.slice(done);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
