/**
 * The reports that explain a failure: a standard peer connection says in them only why it failed.
 *
 * libwebrtc answers with a report that it was gathering already, or that is up to 50 ms old, so the
 * first one may be from before the failure.
 *
 * @module
 */

const WITHIN_MS = 1000;
const MOST = 3;
const APART_MS = 100;

/** What is asked for, and told. */
export interface LastReportsOptions {
  /** Asks for a report. What it gives takes the report. */
  readonly ask: () => Promise<() => void>;
  readonly isExplained: () => boolean;
  /** Does something later. Returns what calls it off. */
  readonly after: (delayMs: number, act: () => void) => () => void;
  /** Called once: with an explanation, or when none is to be had. */
  readonly onConcluded: () => void;
}

/** Asks for reports until the failure is explained, {@link MOST} at most and a second long. */
export class LastReports {
  readonly #options: LastReportsOptions;
  readonly #cancels: (() => void)[] = [];
  #isOver = false;

  constructor(options: LastReportsOptions) {
    this.#options = options;
    this.#later(WITHIN_MS, () => {
      this.conclude();
    });
    this.#ask(1);
  }

  /** Waits for no more. */
  conclude(): void {
    if (this.#isOver) return;
    this.cancel();
    this.#options.onConcluded();
  }

  cancel(): void {
    this.#isOver = true;
    for (const cancel of this.#cancels) cancel();
  }

  #ask(number: number): void {
    const answered = (): void => {
      if (this.#isOver) return;
      if (number === MOST || this.#options.isExplained()) this.conclude();
      else {
        this.#later(APART_MS, () => {
          this.#ask(number + 1);
        });
      }
    };
    this.#options.ask().then((take) => {
      if (!this.#isOver) take();
      answered();
    }, answered);
  }

  #later(delayMs: number, act: () => void): void {
    this.#cancels.push(this.#options.after(delayMs, act));
  }
}
