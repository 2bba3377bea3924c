/**
 * A clock for probes that goes as time does, and leaps over what a test need not sit through: after a
 * BYE a probe waits half a minute for what may still be said. With the timers of SIP made short instead,
 * a machine that stalls for less than a second has calls time out.
 *
 * @module
 */

/** RFC 3261 §17: 64 T1, for whatever waits for an answer, and some more. */
const LINGER_MS = 40_000;

/** One probe's clock. */
export class LeapingClock {
  #leapMs = 0;

  /** Epoch milliseconds. */
  readonly nowMs = (): number => performance.timeOrigin + performance.now() + this.#leapMs;

  /** Leaps over what a probe waits for once a call has ended. */
  leapOverLinger(): void {
    this.leap(LINGER_MS);
  }

  leap(ms: number): void {
    this.#leapMs += ms;
  }
}
