/**
 * Samples handed in at a hot place, to be recorded a little later.
 *
 * @module
 */

/** So many samples wait at most. */
export const SAMPLE_RING_SIZE = 4096;

/** Takes a sample: its family, what the family is about, and the value. */
export type TakeSample = (name: string, help: string, value: number) => void;

/** A queue of fixed size. Handing in allocates nothing and neither waits nor throws. */
export class SampleRing {
  readonly #names: string[] = new Array<string>(SAMPLE_RING_SIZE).fill("");
  readonly #helps: string[] = new Array<string>(SAMPLE_RING_SIZE).fill("");
  readonly #values = new Float64Array(SAMPLE_RING_SIZE);
  readonly #take: TakeSample;
  readonly #drop: (name: string) => void;
  #first = 0;
  #waiting = 0;
  #dropped = 0;
  #isScheduled = false;
  readonly #drain = (): void => {
    this.#isScheduled = false;
    this.flush();
  };

  /** @param drop Told of a sample for which there was no room. */
  constructor(take: TakeSample, drop: (name: string) => void) {
    this.#take = take;
    this.#drop = drop;
  }

  /** How many samples found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  push(name: string, help: string, value: number): void {
    if (this.#waiting === SAMPLE_RING_SIZE) {
      this.#dropped += 1;
      this.#drop(name);
      return;
    }
    const place = (this.#first + this.#waiting) % SAMPLE_RING_SIZE;
    this.#names[place] = name;
    this.#helps[place] = help;
    this.#values[place] = Number.isFinite(value) ? value : Number.NaN;
    this.#waiting += 1;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A process does not go on for it: whoever ends it flushes.
    setImmediate(this.#drain).unref();
  }

  /** Hands all that waits on. */
  flush(): void {
    while (this.#waiting > 0) {
      const place = this.#first;
      // Before it is taken: whoever is told of it may hand in more, or flush.
      this.#first = (place + 1) % SAMPLE_RING_SIZE;
      this.#waiting -= 1;
      this.#take(
        this.#names[place] ?? "",
        this.#helps[place] ?? "",
        this.#values[place] ?? Number.NaN,
      );
    }
  }
}
