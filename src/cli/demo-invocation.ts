/**
 * What the command line asks of the demonstration.
 *
 * @module
 */

import type { DisplayWishes } from "./display.js";
import { type LogChoice, logChoice } from "./log-option.js";
import { displayWishes, durationMs, type Given, single, wholeNumber } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** Calls on loopback, watched. */
export interface DemoInvocation extends DisplayWishes {
  readonly kind: "demo";
  readonly port: number;
  /** Absent to go on until it is ended, on a terminal, or for half a minute without one. */
  readonly forMs?: number;
  /** Lines of a log instead of a table; absent to have none unless the environment asks for it. */
  readonly log?: LogChoice;
}

const DEFAULT_PORT = 9464;

/** @throws {UsageError} If it cannot be understood. */
export function demoInvocation(words: readonly string[], given: Given): DemoInvocation {
  const [extra] = words;
  if (extra !== undefined) throw new UsageError(`demo takes no file; ${extra} is one`);
  const port = single(given, "port");
  const time = single(given, "for");
  const log = logChoice(given);
  return {
    kind: "demo",
    port: port === undefined ? DEFAULT_PORT : wholeNumber("port", port, 0, 65_535),
    ...(time !== undefined && { forMs: durationMs("for", time) }),
    ...displayWishes(given),
    ...(log !== undefined && { log }),
  };
}
