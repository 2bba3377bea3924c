/**
 * `--log-level LEVEL` and `--log-format text|json`.
 *
 * @module
 */

import { LOG_FORMATS, type LogFormat } from "../logs/log-line.js";
import { LOG_LEVELS, type LogLevel, oneOf } from "../logs/log-port.js";
import { type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** What the log is to be like, as far as it is said. */
export interface LogChoice {
  readonly level?: LogLevel;
  readonly format?: LogFormat;
}

/** Nothing where neither option is given. */
export function logChoice(given: Given): LogChoice | undefined {
  const level = valueOf(given, "log-level", LOG_LEVELS);
  const format = valueOf(given, "log-format", LOG_FORMATS);
  if (level === undefined && format === undefined) return undefined;
  return { ...(level !== undefined && { level }), ...(format !== undefined && { format }) };
}

function valueOf<Value extends string>(
  given: Given,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const written = single(given, name);
  return written === undefined ? undefined : soundly(() => oneOf(values, written, `--${name}`));
}

/** @throws {UsageError} For a value that is none, wherever it stands. */
export function soundly<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw asUsage(error);
  }
}

/** What is outside its range is the user's to mend. */
export function asUsage(error: unknown): unknown {
  return error instanceof RangeError ? new UsageError(error.message) : error;
}
