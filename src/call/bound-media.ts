/**
 * Which media was bound to which open call, and what waits for calls that have not been seen yet.
 *
 * @module
 */

import type { CallEntry } from "./call-entry.js";
import { isOf, type LiveMedia, type MediaKey } from "./live-media.js";

/** Media bound to calls that have not been seen yet, beyond which the oldest binding is dropped. */
const MAX_EARLY_BINDINGS = 4096;

/** The media of the calls of one user agent. */
export class BoundMedia {
  readonly #media = new Map<CallEntry, LiveMedia[]>();
  readonly #waiting: { readonly key: MediaKey; readonly media: LiveMedia }[] = [];
  #dropped = 0;

  /** Media that was bound to calls that never came, and was given up for newer. */
  get dropped(): number {
    return this.#dropped;
  }

  /** In the order in which it was bound. */
  of(entry: CallEntry): readonly LiveMedia[] {
    return this.#media.get(entry) ?? [];
  }

  add(entry: CallEntry, media: LiveMedia): void {
    const known = this.#media.get(entry);
    if (known === undefined) this.#media.set(entry, [media]);
    else known.push(media);
  }

  /** Keeps media for a call that is yet to begin. */
  keep(key: MediaKey, media: LiveMedia): void {
    this.#waiting.push({ key, media });
    if (this.#waiting.length <= MAX_EARLY_BINDINGS) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** Brings a call that begins the media that waited for it. */
  begin(entry: CallEntry): void {
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1) {
      const waiting = this.#waiting[at];
      if (waiting === undefined || !isOf(entry.call, waiting.key)) continue;
      this.#waiting.splice(at, 1);
      this.add(entry, waiting.media);
    }
  }

  /** Reads all media once more, or that of one call. */
  sample(entry?: CallEntry): void {
    const all = entry === undefined ? [...this.#media.values()].flat() : this.of(entry);
    for (const media of all) media.sample();
  }

  /** The call is over. */
  release(entry: CallEntry): void {
    this.#media.delete(entry);
  }

  /** No call will begin any more. */
  forgetWaiting(): void {
    this.#waiting.length = 0;
  }
}
