/**
 * Families of a registry as they are read: prom-client reads each for itself, and all at once.
 *
 * @module
 */

import type { Catalogue } from "./family.js";
import type { Recorder } from "./recorder.js";

/** Everything that begins to be read within one turn of the event loop. */
interface Reading {
  readonly complete: () => void;
  /** Families that were begun, and those not at their end. */
  begun: number;
  open: number;
}

/** Tells a recorder when its families are read, as one exposition. */
export class RegistryReading {
  readonly #recorder: Recorder<Catalogue>;
  #current: Reading | undefined;

  constructor(recorder: Recorder<Catalogue>) {
    this.#recorder = recorder;
  }

  /** Reads one family. Before the first of a reading everything is brought up to date. */
  async read<Rows>(rows: () => Promise<Rows>): Promise<Rows> {
    const reading = (this.#current ??= this.#begin());
    reading.begun += 1;
    reading.open += 1;
    try {
      return await rows();
    } finally {
      reading.open -= 1;
      // Who asks for some families only takes no exposition.
      const isWhole = reading.begun >= this.#recorder.tables.length;
      if (isWhole && reading.open === 0) reading.complete();
    }
  }

  #begin(): Reading {
    queueMicrotask(() => {
      this.#current = undefined;
    });
    return { complete: this.#recorder.beginExposition(), begun: 0, open: 0 };
  }
}
