/**
 * What options and words of the command line say.
 *
 * @module
 */

import { NetworkSet } from "../net/network.js";
import type { DisplayWishes } from "./display.js";
import { UsageError } from "./usage-error.js";

/** What was given for each option, in order. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** The value of an option that may be given once. */
export function single(given: Given, name: string): string | undefined {
  const values = given.get(name);
  if (values !== undefined && values.length > 1) {
    throw new UsageError(`--${name} is given twice`);
  }
  return values?.[0];
}

/** `--no-color` and `--width`. */
export function displayWishes(given: Given): DisplayWishes {
  const width = single(given, "width");
  return {
    isColorless: given.has("no-color"),
    ...(width !== undefined && { width: wholeNumber("width", width, 40, 1000) }),
  };
}

/** A number in decimals, from `low` to `high`. */
export function decimal(
  name: string,
  written: string,
  unit: string,
  low: number,
  high: number,
): number {
  const value = /^\d{1,9}(?:\.\d{1,6})?$/.test(written) ? Number(written) : NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${name} ${written}: it must be a number from ${low} to ${high} ${unit}`);
}

/** A number without decimals, from `low` to `high`. */
export function wholeNumber(name: string, written: string, low: number, high: number): number {
  const value = /^\d{1,9}$/.test(written) ? Number(written) : NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${name} ${written}: it must be a whole number from ${low} to ${high}`);
}

/** An instant in epoch milliseconds, written as ISO 8601 has it or in epoch seconds. */
export function instantMs(name: string, written: string): number {
  const ms = /^\d{1,12}(?:\.\d{1,6})?$/.test(written)
    ? Number(written) * 1000
    : Date.parse(written);
  if (Number.isFinite(ms)) return ms;
  throw new UsageError(
    `--${name} ${written}: it must be a time, as in 2026-01-31T09:00:00Z or 1769850000`,
  );
}

const SECONDS_OF: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };
const MAX_SECONDS = 86_400;

/** A length of time in milliseconds, written as `20s`, `5m` or `1h`; without a unit, in seconds. */
export function durationMs(name: string, written: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|min|h)?$/.exec(written) ?? [];
  const seconds = Number(digits) * (SECONDS_OF[unit] ?? NaN);
  if (digits !== "" && seconds > 0 && seconds <= MAX_SECONDS) return seconds * 1000;
  throw new UsageError(`--${name} ${written}: it must be a time, as in 20s or 5m, up to 24h`);
}

/** Networks or addresses, as written. */
export function networks(name: string, written: readonly string[]): readonly string[] {
  for (const one of written) {
    try {
      NetworkSet.of([one]);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(
        `--${name} ${one}: it must be a network or an address, as in 10.0.0.0/8 or 2001:db8::/32`,
      );
    }
  }
  return written;
}

/** The words of the command line, of which there must be one. */
export function atLeastOne(words: readonly string[], otherwise: string): [string, ...string[]] {
  const [first, ...rest] = words;
  if (first === undefined) throw new UsageError(otherwise);
  return [first, ...rest];
}
