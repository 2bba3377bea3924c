/**
 * Functions of others that are called inside a host's own work: whatever they do, nothing of it
 * reaches the host.
 *
 * @module
 */

/** Calls what was given from outside, and counts what it throws. */
export class Guard {
  readonly #onError: ((error: unknown) => unknown) | undefined;
  #faults = 0;

  constructor(onError?: (error: unknown) => unknown) {
    this.#onError = onError;
  }

  /** How often something threw, or a promise of it was rejected. */
  get faults(): number {
    return this.#faults;
  }

  /** Does it; its result goes nowhere. */
  readonly run = (act: () => unknown): void => {
    try {
      const result = act();
      if (result instanceof Promise) result.catch(this.fault);
    } catch (error) {
      this.fault(error);
    }
  };

  /** Counts a fault and tells of it. */
  readonly fault = (error: unknown): void => {
    this.#faults += 1;
    try {
      const result = this.#onError?.(error);
      if (result instanceof Promise) result.catch(nobodyLeftToTell);
    } catch {
      nobodyLeftToTell();
    }
  };
}

function nobodyLeftToTell(): void {
  // What was to hear of faults is at fault itself.
}
