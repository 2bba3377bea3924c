/**
 * What a probe writes into a host's log: its calls, and what of itself an operator must know.
 *
 * @module
 */

import { logCalls, type TellsOfCalls } from "../logs/call-log.js";
import { errorFields } from "../logs/error-fields.js";
import type { LogPort } from "../logs/log-port.js";
import { maskedLog } from "../logs/masked-log.js";
import { Sampler } from "../logs/sampler.js";
import type { Privacy } from "../privacy/privacy.js";

type OnError = (error: unknown) => unknown;

/** Writes for one probe. */
export class ProbeLog {
  readonly #log: LogPort;
  /** A hook may fail with every packet. */
  readonly #faults: Sampler;
  readonly #dropped = new Map<string, number>();

  /** @param privacy - Masks what is written. */
  constructor(log: LogPort, clock: () => number, privacy?: Privacy) {
    this.#log = privacy === undefined ? log : maskedLog(log, privacy);
    this.#faults = new Sampler({}, clock);
  }

  /** Is told of faults, and tells whoever else is to hear of them. */
  onError(also: OnError | undefined): OnError {
    return (error) => {
      const fields = errorFields(error);
      const leftOut = this.#faults.take("error", String(fields["error"]));
      if (leftOut !== undefined) {
        this.#log.error({ ...fields, ...(leftOut > 0 && { left_out: leftOut }) }, "probe fault");
      }
      return also?.(error);
    };
  }

  /** What is wrong with updates of metrics, once for each family and label. */
  readonly onWarning = (warning: string): void => {
    this.#log.warn({ detail: warning }, "metric update does not fit");
  };

  withoutAddon(): void {
    this.#log.warn({}, "native addon is missing: nothing is measured packet by packet");
  }

  /** What can be seen of a stack, and what not. */
  attached(stack: string, missing: readonly string[]): void {
    const fields = { stack, missing: missing.length === 0 ? undefined : missing.join(",") };
    if (missing.length === 0) this.#log.info(fields, "user agent attached");
    else this.#log.warn(fields, "user agent attached in part");
  }

  /** @param totals - What each sink has dropped by now. */
  dropped(totals: Readonly<Record<string, number>>): void {
    for (const [sink, total] of Object.entries(totals)) {
      const more = total - (this.#dropped.get(sink) ?? 0);
      if (more <= 0) continue;
      this.#dropped.set(sink, total);
      this.#log.warn({ sink, dropped: more, dropped_total: total }, "records dropped");
    }
  }

  /** Writes of calls from now on. */
  follow(calls: TellsOfCalls): void {
    logCalls(calls, this.#log);
  }
}
