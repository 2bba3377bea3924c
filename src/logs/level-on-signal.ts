/**
 * The level of a log, changed from outside a process that runs.
 *
 * @module
 */

import type { Logger } from "./logger.js";
import { type LogLevel, logLevel } from "./log-port.js";

/** What a signal does to a log. */
export interface LevelOnSignalOptions {
  /** @default "SIGHUP" */
  readonly signal?: NodeJS.Signals;
  /**
   * Says which level is wanted now, as read anew from a configuration.
   *
   * @default `debug`, and at the next signal the level from before
   */
  readonly read?: () => LogLevel | Promise<LogLevel>;
  /** Has the signal call, and returns what ends that. @default a listener of the process */
  readonly listen?: (listener: () => void) => () => void;
}

/**
 * Changes the level at each signal and says so in the log. A level that cannot be read, or is none,
 * leaves it as it is.
 *
 * @returns What ends that.
 */
export function levelOnSignal(log: Logger, options: LevelOnSignalOptions = {}): () => void {
  const { signal = "SIGHUP" } = options;
  const listen = options.listen ?? ((listener): (() => void) => onProcess(signal, listener));
  const read = options.read ?? toggled(log);
  return listen(() => {
    void change(log, read);
  });
}

async function change(log: Logger, read: () => LogLevel | Promise<LogLevel>): Promise<void> {
  const before = log.level;
  try {
    log.level = logLevel(await read(), "The level that was read");
  } catch (error) {
    log.error({ error, kept: before }, "log level not changed");
    return;
  }
  // At the new level, so that it is told whichever that is.
  if (log.level !== before) log[log.level]({ from: before, to: log.level }, "log level changed");
}

function toggled(log: Logger): () => LogLevel {
  let usual = log.level;
  return () => {
    if (log.level === "debug") return usual === "debug" ? "info" : usual;
    usual = log.level;
    return "debug";
  };
}

function onProcess(signal: NodeJS.Signals, listener: () => void): () => void {
  process.on(signal, listener);
  return () => {
    process.removeListener(signal, listener);
  };
}
