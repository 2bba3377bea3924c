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

  add(callId: string, otherCallId: string): void {
    this.#links.set(`${callId} ${otherCallId}`, [callId, otherCallId]);
    const [oldest] = this.#links.keys();
    if (this.#links.size > MAX_LINKS && oldest !== undefined) this.#links.delete(oldest);
  }

  /** The other legs of a call, itself not among them. */
  of(callId: string): string[] {
    if (this.#links.size === 0) return [];
    const others = new Set<string>();
    for (const [one, other] of this.#links.values()) {
      if (one === callId) others.add(other);
      if (other === callId) others.add(one);
    }
    others.delete(callId);
    return [...others].sort();
  }
}
