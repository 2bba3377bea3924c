/**
 * What is used of a log. A logger of this package fits, and so do pino and the console.
 *
 * @module
 */

/** From the most talkative to the quietest. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is known beside the message. Those that are `undefined` are left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where lines go. None of its methods may throw. */
export type LogPort = Readonly<Record<LogLevel, (fields: LogFields, message: string) => unknown>>;

/**
 * A level as somebody wrote it, in letters of any size.
 *
 * @param source - Who wrote it, for the message.
 * @throws {RangeError} If there is no such level.
 */
export function logLevel(written: string, source: string): LogLevel {
  return oneOf(LOG_LEVELS, written, source);
}

/**
 * One of the values, however it is written.
 *
 * @throws {RangeError} If it is none.
 */
export function oneOf<Value extends string>(
  values: readonly Value[],
  written: string,
  source: string,
): Value {
  const value = values.find((one) => one === written.trim().toLowerCase());
  if (value !== undefined) return value;
  const last = values.at(-1) ?? "";
  throw new RangeError(
    `${source} is "${written}"; it must be ${values.slice(0, -1).join(", ")} or ${last}`,
  );
}
