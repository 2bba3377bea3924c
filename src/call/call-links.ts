/**
 * Which calls somebody said are legs of one conversation.
 *
 * @module
 */

/** Links that are kept; the oldest is forgotten for each new one. */
export const MAX_LINKS = 16_384;

/** Links between Call-IDs, in either direction. */
export class CallLinks {
  readonly #links = new Map<string, readonly [string, string]>();
  readonly #others = new Map<string, Set<string>>();

  add(callId: string, otherCallId: string): void {
    if (callId === otherCallId) return;
    const [one, other] = callId < otherCallId ? [callId, otherCallId] : [otherCallId, callId];
    const key = `${one} ${other}`;
    if (this.#links.has(key)) return;
    this.#links.set(key, [one, other]);
    this.#othersOf(one).add(other);
    this.#othersOf(other).add(one);
    if (this.#links.size > MAX_LINKS) this.#forgetOldest();
  }

  /** The other legs of a call, itself not among them. */
  of(callId: string): string[] {
    return [...(this.#others.get(callId) ?? [])].sort();
  }

  #othersOf(callId: string): Set<string> {
    const known = this.#others.get(callId);
    if (known !== undefined) return known;
    const others = new Set<string>();
    this.#others.set(callId, others);
    return others;
  }

  #forgetOldest(): void {
    const [oldest] = this.#links;
    if (oldest === undefined) return;
    const [key, [one, other]] = oldest;
    this.#links.delete(key);
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const others = this.#others.get(from);
      others?.delete(to);
      if (others?.size === 0) this.#others.delete(from);
    }
  }
}
