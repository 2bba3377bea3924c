/**
 * Where a page has its calls from.
 *
 * @module
 */

import type { CallRow } from "../report/call-row.js";
import type { LooseMedia, PageCall } from "../report/page-data.js";

/** One call of the list. */
export interface ListedCall {
  /** Tells calls apart, also those of one Call-ID. */
  readonly key: string;
  readonly row: CallRow;
  /** It goes on. */
  readonly isOpen: boolean;
}

/** What a page says of its source. */
export interface SourceNotes {
  readonly title: string;
  /** In short, beside the title. */
  readonly facts: readonly string[];
  /** What a reader must know: damage, what was left out, a lost connection. */
  readonly warnings: readonly string[];
}

/** Calls, and news of them. */
export interface CallSource {
  notes(): SourceNotes;
  calls(): readonly ListedCall[];
  /** @throws {Error} If it cannot be had. */
  load(key: string): Promise<PageCall>;
  /** What belongs to no call; absent where there is nothing of it. */
  readonly loose?: { readonly count: number; readonly load: () => Promise<LooseMedia> };
  /**
   * Says when something changed, several changes at once.
   *
   * @param listener - Is told the keys of the calls that did.
   */
  watch(listener: (changed: ReadonlySet<string>) => void): void;
}
