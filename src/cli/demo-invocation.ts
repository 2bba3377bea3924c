/**
 * What the command line asks of the demonstration.
 *
 * @module
 */

import { LOG_OPTIONS, type LogChoice, logChoice } from "./log-option.js";
import { durationMs, type Given, single, wholeNumber } from "./option-values.js";
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

const DEMO_OPTIONS: readonly string[] = [...LOG_OPTIONS, "port", "for", "width", "no-color"];

const DEFAULT_PORT = 9464;

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
    ...(time !== undefined && { forMs: durationMs("for", time) }),
    isColorless: given.has("no-color"),
    ...(width !== undefined && { width: wholeNumber("width", width, 40, 1000) }),
    ...(log !== undefined && { log }),
  };
}
