/**
 * The dialogs that one INVITE sets up: one, or one for each fork that answers (RFC 3261 §12,
 * §13.2.2.4). The callee's tag tells them apart.
 *
 * @module
 */

/** Dialogs of one call that are told apart. */
export const MAX_DIALOGS = 64;

/** One dialog, early or confirmed. */
export interface DialogState {
  /** The callee's. */
  readonly tag: string;
  /** Its 2xx. */
  confirmedAtMs?: number;
  isAcknowledged?: boolean;
  isHungUp?: boolean;
}

/** Keeps the dialogs of one call. */
export class DialogList {
  #dialogs: readonly DialogState[] = [];

  has(tag: string): boolean {
    return this.#dialogs.some((one) => one.tag === tag);
  }

  /** The dialog of that tag, from now on known. Nothing if there are too many. */
  of(tag: string): DialogState | undefined {
    const known = this.#dialogs.find((one) => one.tag === tag);
    if (known !== undefined || this.#dialogs.length === MAX_DIALOGS) return known;
    const dialog: DialogState = { tag };
    // Another array for each: nearly every call has but one dialog.
    this.#dialogs = this.#dialogs.concat(dialog);
    return dialog;
  }

  /** A confirmed dialog besides that one, in use since that moment and not hung up. */
  otherConfirmed(tag: string, sinceMs: number): DialogState | undefined {
    return this.#dialogs.find(
      (one) =>
        one.tag !== tag &&
        one.isHungUp !== true &&
        one.isAcknowledged === true &&
        (one.confirmedAtMs ?? -Infinity) >= sinceMs,
    );
  }

  /** The tags but that one. */
  tagsBut(tag: string | undefined): readonly string[] {
    const [only] = this.#dialogs;
    if (this.#dialogs.length === 1 && only?.tag === tag) return NO_TAGS;
    return this.#dialogs.map((one) => one.tag).filter((one) => one !== tag);
  }
}

const NO_TAGS: readonly string[] = [];
