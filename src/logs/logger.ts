/**
 * A log in text or JSON whose level can be changed while it is used. pino does the writing; it is
 * loaded when a logger is made.
 *
 * @module
 */

import type { Logger as PinoWriter, pino as makePino } from "pino";

import { Privacy } from "../privacy/privacy.js";
import type { PrivacyOptions } from "../privacy/pseudonyms.js";
import { errorFields } from "./error-fields.js";
import { jsonLine, LOG_FORMATS, type LogFormat, textLine } from "./log-line.js";
import {
  LOG_LEVELS,
  type LogFields,
  type LogLevel,
  logLevel,
  type LogPort,
  oneOf,
} from "./log-port.js";
import { maskedEntry } from "./masked-log.js";
import { type LogSampling, Sampler } from "./sampler.js";

/** Takes whole lines. A `Writable` is one. */
export interface LogDestination {
  write(line: string): unknown;
  /** Waits until what was written is where it belongs. */
  flush?(): Promise<void>;
}

/** How a logger is made. */
export interface LoggerOptions {
  /** `MEDIAPROBE_LOG_LEVEL` in the environment goes before it. @default "info" */
  readonly level?: LogLevel;
  /** `MEDIAPROBE_LOG_FORMAT` in the environment goes before it. @default "text" */
  readonly format?: LogFormat;
  /**
   * Where lines go. What it throws is counted.
   *
   * @default standard output, without waiting; a reader that is 1 MiB behind loses lines
   */
  readonly destination?: LogDestination;
  /** Leaves out lines that are always the same. @default every line is written */
  readonly sampling?: LogSampling;
  /** Masks telephone numbers and whom URIs name in messages and fields. @default nothing is masked */
  readonly privacy?: PrivacyOptions;
  /** Paths of fields that are never written, as pino has them: `authorization`, `headers.cookie`. */
  readonly redact?: readonly string[];
  /** Fields that lines of `debug` alone have: what people said. @default ["text", "transcript"] */
  readonly debugOnly?: readonly string[];
  /** @default `process.env` */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. @default the clock of this machine */
  readonly epochMs?: () => number;
}

/** What a logger could not write. */
export interface LogCounters {
  /** Left out by sampling. */
  readonly sampledOut: number;
  /** Lost, because the destination was full or at fault, or a field cannot be written. */
  readonly lost: number;
}

/** A log whose level can be changed at any time. Nothing it does throws, but a level that is none. */
export interface Logger extends LogPort {
  /** The least level that is written. */
  get level(): LogLevel;
  /** @throws {RangeError} If there is no such level. */
  set level(level: LogLevel);
  readonly counters: LogCounters;
  isEnabled(level: LogLevel): boolean;
  /** The same log, with these fields in every line. */
  with(fields: LogFields): Logger;
  /** Waits until what was written is where it belongs. */
  flush(): Promise<void>;
}

const ENVIRONMENT = { level: "MEDIAPROBE_LOG_LEVEL", format: "MEDIAPROBE_LOG_FORMAT" } as const;
const DEBUG_ONLY: readonly string[] = ["text", "transcript"];
const MAX_WAITING_BYTES = 1024 * 1024;
/** Names of a line's own fields. */
const RESERVED: ReadonlySet<string> = new Set(["time", "level", "msg"]);

/**
 * Makes a logger.
 *
 * @example
 * ```ts
 * const log = await createLogger({ format: "json" });
 * const probe = createProbe({ log });
 * log.level = "debug";
 * ```
 * @throws {RangeError} If an option, or the environment, has a value that is none.
 */
export async function createLogger(options: LoggerOptions = {}): Promise<Logger> {
  const { environment = process.env, epochMs = Date.now, redact = [] } = options;
  const level = chosen("level", LOG_LEVELS, options.level ?? "info", environment);
  const format = chosen("format", LOG_FORMATS, options.format ?? "text", environment);
  const { pino } = await import("pino");
  const counts = { sampledOut: 0, lost: 0 };
  const lose = (): void => {
    counts.lost += 1;
  };
  const out = options.destination ?? standardOutput(pino, lose);
  const lineOf = format === "json" ? jsonLine : textLine;
  const writer = pino(
    {
      level,
      base: null,
      messageKey: "msg",
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      timestamp: () => `,"time":"${new Date(epochMs()).toISOString().slice(0, 19)}Z"`,
      redact: { paths: [...redact], censor: "redacted" },
    },
    {
      write: (line) => {
        out.write(lineOf(line));
      },
    },
  );
  const core: Core = {
    writer,
    counts,
    debugOnly: new Set(options.debugOnly ?? DEBUG_ONLY),
    sampler: options.sampling && new Sampler(options.sampling, epochMs),
    privacy: options.privacy && new Privacy(options.privacy),
    out,
  };
  return new PinoLogger(core, {});
}

/** What all loggers with the same destination share. */
interface Core {
  readonly writer: PinoWriter;
  readonly counts: { sampledOut: number; lost: number };
  readonly debugOnly: ReadonlySet<string>;
  readonly sampler: Sampler | undefined;
  readonly privacy: Privacy | undefined;
  readonly out: LogDestination;
}

class PinoLogger implements Logger {
  readonly #core: Core;
  readonly #bound: LogFields;

  constructor(core: Core, bound: LogFields) {
    this.#core = core;
    this.#bound = bound;
  }

  get level(): LogLevel {
    return this.#core.writer.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.#core.writer.level = logLevel(level, "level");
  }

  get counters(): LogCounters {
    return { ...this.#core.counts };
  }

  isEnabled(level: LogLevel): boolean {
    return this.#core.writer.isLevelEnabled(level);
  }

  with(fields: LogFields): Logger {
    return new PinoLogger(this.#core, { ...this.#bound, ...fields });
  }

  async flush(): Promise<void> {
    await this.#core.out.flush?.();
  }

  // Bound, so that each can be handed on as a function.
  readonly debug = (fields: LogFields, message: string): void => {
    this.#write("debug", fields, message);
  };
  readonly info = (fields: LogFields, message: string): void => {
    this.#write("info", fields, message);
  };
  readonly warn = (fields: LogFields, message: string): void => {
    this.#write("warn", fields, message);
  };
  readonly error = (fields: LogFields, message: string): void => {
    this.#write("error", fields, message);
  };

  #write(level: LogLevel, fields: LogFields, message: string): void {
    const { writer, counts, sampler, privacy } = this.#core;
    if (!writer.isLevelEnabled(level)) return;
    try {
      const leftOut = sampler === undefined ? 0 : sampler.take(level, message);
      if (leftOut === undefined) {
        counts.sampledOut += 1;
        return;
      }
      const plain = {
        ...this.#plain(level, { ...this.#bound, ...fields }),
        ...(leftOut > 0 && { left_out: leftOut }),
      };
      const told =
        privacy === undefined ? { fields: plain, message } : maskedEntry(privacy, plain, message);
      writer[level]({ msg: told.message, ...told.fields });
    } catch {
      counts.lost += 1;
    }
  }

  /** Errors as what they say, own names out of the way of a line's, and no more than may be told. */
  #plain(level: LogLevel, fields: LogFields): Record<string, unknown> {
    const plain: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      if (level !== "debug" && this.#core.debugOnly.has(name)) continue;
      if (value instanceof Error) Object.assign(plain, errorFields(value, name));
      else plain[RESERVED.has(name) ? `${name}_` : name] = value;
    }
    return plain;
  }
}

function chosen<Value extends string>(
  option: keyof typeof ENVIRONMENT,
  values: readonly Value[],
  given: Value,
  environment: Readonly<Record<string, string | undefined>>,
): Value {
  const variable = ENVIRONMENT[option];
  const written = environment[variable];
  // A variable that is set to nothing is how many deployments unset one.
  if (written === undefined || written.trim() === "") return oneOf(values, given, option);
  return oneOf(values, written, variable);
}

/** Writes without waiting: a reader that has stopped must not stop the process. */
function standardOutput(pino: typeof makePino, lose: () => void): LogDestination {
  const stream = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES });
  stream.on("error", lose);
  stream.on("drop", lose);
  return {
    write: (line) => stream.write(line),
    flush: () =>
      new Promise((resolve) => {
        stream.flush(() => {
          resolve();
        });
      }),
  };
}
