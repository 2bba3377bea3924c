/**
 * What the command line asks of the demonstration.
 *
 * @module
 */

import { LOG_OPTIONS, type LogChoice, logChoice } from "./log-option.js";
import { type Given, single, wholeNumber } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** Calls on loopback, watched. */
export interface DemoInvocation {
  readonly kind: "demo";
  readonly port: number;
  /** Absent to go on until it is ended, on a terminal, or for half a minute without one. */
  readonly forMs?: number;
  readonly isColorless: boolean;
  readonly width?: number;
  /** Lines of a log instead of a table; absent to have none unless the environment asks for it. */
  readonly log?: LogChoice;
}

/** Options that nothing else takes. */
export const DEMO_ONLY: readonly string[] = ["for"];

const DEMO_OPTIONS: readonly string[] = [...DEMO_ONLY, ...LOG_OPTIONS, "port", "width", "no-color"];

const DEFAULT_PORT = 9464;
const MAX_SECONDS = 86_400;

/** @throws {UsageError} If it cannot be understood. */
export function demoInvocation(words: readonly string[], given: Given): DemoInvocation {
  const [extra] = words;
  if (extra !== undefined) throw new UsageError(`demo takes no file; ${extra} is one`);
  const useless = [...given.keys()].find((name) => !DEMO_OPTIONS.includes(name));
  if (useless !== undefined) throw new UsageError(`demo takes no --${useless}`);
  const port = single(given, "port");
  const time = single(given, "for");
  const width = single(given, "width");
  const log = logChoice(given);
  return {
    kind: "demo",
    port: port === undefined ? DEFAULT_PORT : wholeNumber("port", port, 0, 65_535),
    ...(time !== undefined && { forMs: durationMs(time) }),
    isColorless: given.has("no-color"),
    ...(width !== undefined && { width: wholeNumber("width", width, 40, 1000) }),
    ...(log !== undefined && { log }),
  };
}

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };

function durationMs(written: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|min|h)?$/.exec(written) ?? [];
  const seconds = Number(digits) * (UNITS[unit] ?? NaN);
  if (digits !== "" && seconds > 0 && seconds <= MAX_SECONDS) return seconds * 1000;
  throw new UsageError(`--for ${written}: it must be a time, as in 20s or 5m, up to 24h`);
}
