/**
 * What a command that runs for long says while it does: sentences on standard error for whoever has
 * started it, or the lines of a log for whatever collects them.
 *
 * @module
 */

import { levelOnSignal } from "../logs/level-on-signal.js";
import type { LogLevel, LogPort } from "../logs/log-port.js";
import { createLogger } from "../logs/logger.js";
import { maskedLog } from "../logs/masked-log.js";
import type { Privacy } from "../privacy/privacy.js";
import { printable } from "../report/display-text.js";
import type { CommandIo } from "./command-io.js";
import { asUsage, type LogChoice } from "./log-option.js";
import type { Output } from "./output.js";

/** The variables that ask for a log as the options do. */
const VARIABLES = ["MEDIAPROBE_LOG_LEVEL", "MEDIAPROBE_LOG_FORMAT"];

/** Where a command says what happens. */
export interface CommandLog {
  /** Absent where no log is asked for. */
  readonly log?: LogPort;
  readonly say: (level: LogLevel, sentence: string) => Promise<void>;
  /** Waits until everything is written, and lets signals do what they did before. */
  readonly end: () => Promise<void>;
}

/** How a command's log is made. */
export interface CommandLogOptions {
  readonly choice: LogChoice | undefined;
  /** Gets the lines of a log. */
  readonly lines: Output;
  readonly stderr: Output;
  readonly privacy?: Privacy | undefined;
}

/** @throws {UsageError} If the environment asks for what there is not. */
export async function beginLog(
  { choice, lines, stderr, privacy }: CommandLogOptions,
  io: CommandIo,
): Promise<CommandLog> {
  const isAskedFor = choice !== undefined || VARIABLES.some((name) => (io.env[name] ?? "") !== "");
  if (!isAskedFor) {
    return {
      say: (_, sentence) => stderr.write(`mediaprobe: ${printable(sentence)}\n`),
      end: () => Promise.resolve(),
    };
  }
  let written = Promise.resolve();
  const logger = await createLogger({
    ...choice,
    environment: io.env,
    epochMs: io.epochMs,
    destination: {
      write: (line) => {
        written = lines.write(line);
      },
    },
  }).catch((error: unknown) => {
    throw asUsage(error);
  });
  // A terminal that is closed ends the command, as it always does.
  const stop =
    io.stdout.isTTY === true ? undefined : levelOnSignal(logger, { listen: io.onHangUp });
  const log = privacy === undefined ? logger : maskedLog(logger, privacy);
  return {
    log,
    say: (level, sentence) => {
      log[level]({}, sentence);
      return written;
    },
    end: async () => {
      stop?.();
      await written;
    },
  };
}
