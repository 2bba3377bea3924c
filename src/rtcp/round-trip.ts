/**
 * Round-trip times out of reports: RFC 3550 §6.4.1 (LSR, DLSR) and RFC 3611 §4.5 (LRR, DLRR), and
 * what is kept of many of them.
 *
 * @module
 */

import type { Path } from "./report.js";

/**
 * The largest negative result that counts as 0. Reporters that take time from a coarse clock (15.6 ms
 * on Windows, 1 ms in many stacks) state a delay that is too long by up to one tick.
 */
export const MAX_CLAMPED_NEGATIVE_SECONDS = 0.02;

/** A longer round trip is a defect of a clock or of a report, not of a network. */
export const MAX_ROUND_TRIP_SECONDS = 10;

/** How many of the newest samples the 95th percentile is taken from. */
export const PERCENTILE_WINDOW = 1024;

/** One measured round-trip time. */
export interface RoundTripSample {
  /** When the report arrived that completes it: epoch milliseconds with a fraction. */
  readonly atMs: number;
  /** The way that report took. A half lies between the observer and `path.source`. */
  readonly path: Path;
  /** The source whose report was answered. */
  readonly ssrc: number;
  /** Between both ends, or from the observer to one of them and back. */
  readonly kind: "full" | "half";
  /** From 0 to {@link MAX_ROUND_TRIP_SECONDS} for a half, twice that for a full one. */
  readonly seconds: number;
  /** What was answered: a sender report, or a reference time of an extended report. */
  readonly source: "sr" | "xr";
}

/** Why a report gives no round-trip time. */
export type RoundTripFault = "no-report" | "negative" | "too-long";

/** A round-trip time, or why there is none. */
export type RoundTrip =
  | { readonly seconds: number; readonly fault?: undefined }
  | { readonly seconds?: undefined; readonly fault: RoundTripFault };

const WORD = 2 ** 32;
const UNITS_PER_SECOND = 65536;
const NTP_EPOCH_SECONDS = 2_208_988_800;

/** The middle 32 bits of an NTP time, which LSR and LRR quote: seconds in 16.16, modulo 2^16 s. */
export function ntpMiddle(ntpSeconds: number, ntpFraction: number): number {
  return (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0;
}

/** The middle 32 bits of the NTP time of an instant in epoch milliseconds. */
export function ntpMiddleAt(atMs: number): number {
  const whole = Math.floor(atMs / 1000);
  const units = Math.floor(((atMs - whole * 1000) * UNITS_PER_SECOND) / 1000);
  return (((whole + NTP_EPOCH_SECONDS) % UNITS_PER_SECOND) * UNITS_PER_SECOND + units) >>> 0;
}

/**
 * The round-trip time at an end point, A − LSR − DLSR modulo 2^32 (RFC 3550 §6.4.1), or with LRR
 * and DLRR (RFC 3611 §4.5).
 *
 * All three are in units of 1/65536 s. `arrival` must be from the clock that stamped the sender
 * report. Not every stack stamps with a usable clock; {@link EndpointRoundTrip} does without.
 *
 * @throws {RangeError} If an argument is not an integer from 0 to 2^32 − 1.
 */
export function roundTrip(arrival: number, lastReport: number, delay: number): RoundTrip {
  requireWord("arrival", arrival);
  requireWord("lastReport", lastReport);
  requireWord("delay", delay);
  if (lastReport === 0) return { fault: "no-report" };
  return boundedRoundTrip(((arrival - lastReport - delay) | 0) / UNITS_PER_SECOND);
}

/** The round-trip time that a difference of clock readings is, if it can be one. */
export function boundedRoundTrip(seconds: number): RoundTrip {
  if (seconds < -MAX_CLAMPED_NEGATIVE_SECONDS) return { fault: "negative" };
  if (!(seconds <= MAX_ROUND_TRIP_SECONDS)) return { fault: "too-long" };
  return { seconds: Math.max(0, seconds) };
}

function requireWord(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value < WORD) return;
  throw new RangeError(`${name} is ${value}; it must be an integer from 0 to 4294967295`);
}

/** What is known of the round-trip time of a call. */
export interface RoundTripSummary {
  readonly lastSeconds: number;
  readonly minSeconds: number;
  /** Of all samples. */
  readonly meanSeconds: number;
  /** Nearest rank among the newest {@link PERCENTILE_WINDOW} samples. */
  readonly p95Seconds: number;
  readonly maxSeconds: number;
  readonly samples: number;
}

/** Gathers round-trip times into a summary. */
export class RoundTripAccumulator {
  readonly #newest: number[] = [];
  #samples = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;
  #last = 0;

  /** @throws {RangeError} If `seconds` is negative or not finite. */
  add(seconds: number): void {
    if (!(seconds >= 0 && seconds < Infinity)) {
      throw new RangeError(`seconds is ${seconds}; it must be finite and 0 or more`);
    }
    this.#newest[this.#samples % PERCENTILE_WINDOW] = seconds;
    this.#samples += 1;
    this.#sum += seconds;
    this.#min = Math.min(this.#min, seconds);
    this.#max = Math.max(this.#max, seconds);
    this.#last = seconds;
  }

  /** Takes over what another has gathered, as what came last. */
  addAll(other: RoundTripAccumulator): void {
    if (other.#samples === 0) return;
    this.#newest.push(...other.#newest);
    this.#newest.splice(0, this.#newest.length - PERCENTILE_WINDOW);
    this.#samples += other.#samples;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#last = other.#last;
  }

  /** `undefined` before the first sample. */
  summary(): RoundTripSummary | undefined {
    if (this.#samples === 0) return undefined;
    const sorted = new Float64Array(this.#newest).sort();
    const rank = Math.ceil((sorted.length * 95) / 100) - 1;
    return {
      lastSeconds: this.#last,
      minSeconds: this.#min,
      meanSeconds: this.#sum / this.#samples,
      p95Seconds: sorted[rank] ?? this.#max,
      maxSeconds: this.#max,
      samples: this.#samples,
    };
  }
}
