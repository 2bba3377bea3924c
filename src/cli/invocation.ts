/**
 * What the command line asks for.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";

import type { AnalyseOptions } from "../capture/analyse.js";
import { closestName } from "./closest-name.js";
import { payloadMap } from "./payload-option.js";
import { UsageError } from "./usage-error.js";

/** Stands for standard input where a file is named. */
export const STDIN = "-";

/** A report, or several. */
export interface ReportInvocation {
  readonly kind: "report";
  /** Paths, or {@link STDIN}; at least one. */
  readonly files: readonly string[];
  readonly isMerged: boolean;
  readonly isJson: boolean;
  readonly showsAll: boolean;
  readonly showsIntervals: boolean;
  readonly isColorless: boolean;
  /** Columns; absent to take the terminal's. */
  readonly width?: number;
  readonly settings: Omit<AnalyseOptions, "onProgress" | "signal">;
}

export type Invocation =
  ReportInvocation | { readonly kind: "help" } | { readonly kind: "version" };

const OPTIONS = {
  json: { type: "boolean" },
  merge: { type: "boolean" },
  all: { type: "boolean" },
  intervals: { type: "boolean" },
  payload: { type: "string", multiple: true },
  buffer: { type: "string" },
  adaptive: { type: "string" },
  interval: { type: "string" },
  streams: { type: "string" },
  width: { type: "string" },
  "no-color": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const satisfies ParseArgsConfig["options"];

type OptionName = keyof typeof OPTIONS;

/** What an option takes, by an example that the message about a missing value gives. */
const EXAMPLES: Readonly<Partial<Record<OptionName, string>>> = {
  payload: "96=opus/48000",
  buffer: "60",
  adaptive: "20-200",
  interval: "5",
  streams: "1000",
  width: "120",
};

const MAX_BUFFER_MS = 10_000;
const MAX_STREAMS = 4_194_304;

/** @throws {UsageError} If the command line cannot be understood. */
export function parseInvocation(argv: readonly string[]): Invocation {
  const { tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    // Own messages say more than those of a strict parse.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<OptionName, string[]>();
  const files: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") files.push(token.value);
    if (token.kind === "option") {
      const name = knownName(token.name, token.rawName);
      const values = given.get(name) ?? [];
      given.set(name, [...values, checkedValue(name, token)]);
    }
  }
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };
  return reportInvocation(files, given);
}

function knownName(name: string, rawName: string): OptionName {
  if (Object.hasOwn(OPTIONS, name)) return name as OptionName;
  const closest = closestName(name, Object.keys(OPTIONS));
  const hint = closest === undefined ? "" : `; did you mean --${closest}?`;
  throw new UsageError(`there is no option ${rawName}${hint}`);
}

function checkedValue(
  name: OptionName,
  {
    value,
    inlineValue,
  }: { readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
): string {
  if (OPTIONS[name].type === "boolean") {
    if (value !== undefined) throw new UsageError(`--${name} takes no value`);
    return "";
  }
  // What looks like the next option is one, unless it was written with "=".
  const isMissing = value === undefined || (inlineValue !== true && /^-./.test(value));
  if (isMissing || value === "") {
    throw new UsageError(`--${name} needs a value, as in --${name} ${EXAMPLES[name] ?? ""}`);
  }
  return value;
}

function reportInvocation(
  files: readonly string[],
  given: ReadonlyMap<OptionName, readonly string[]>,
): ReportInvocation {
  const isMerged = given.has("merge");
  if (files.length === 0) throw new UsageError("name a capture file, or - for standard input");
  if (files.filter((file) => file === STDIN).length > 1) {
    throw new UsageError("standard input (-) can be read only once");
  }
  if (isMerged && files.includes(STDIN)) {
    throw new UsageError("--merge needs files; standard input (-) cannot be merged");
  }
  const width = single(given, "width");
  return {
    kind: "report",
    files,
    isMerged,
    isJson: given.has("json"),
    showsAll: given.has("all"),
    showsIntervals: given.has("intervals"),
    isColorless: given.has("no-color"),
    ...(width !== undefined && { width: wholeNumber("width", width, 60, 1000) }),
    settings: settings(given),
  };
}

function settings(given: ReadonlyMap<OptionName, readonly string[]>): ReportInvocation["settings"] {
  const payloads = given.get("payload");
  const buffer = single(given, "buffer");
  const adaptive = single(given, "adaptive");
  const interval = single(given, "interval");
  const streams = single(given, "streams");
  return {
    ...(payloads !== undefined && { payloads: payloadMap(payloads) }),
    ...(buffer !== undefined && {
      fixedBufferMs: decimal("buffer", buffer, "ms", 1, MAX_BUFFER_MS),
    }),
    ...(adaptive !== undefined && adaptiveRange(adaptive)),
    ...(interval !== undefined && {
      intervalMs: Math.round(decimal("interval", interval, "s", 0.1, 3600) * 1000),
    }),
    ...(streams !== undefined && {
      maxStreams: wholeNumber("streams", streams, 1, MAX_STREAMS),
    }),
  };
}

function adaptiveRange(
  written: string,
): Pick<AnalyseOptions, "adaptiveBufferMinMs" | "adaptiveBufferMaxMs"> {
  const [, low = "", high = ""] = /^([\d.]+)-([\d.]+)$/.exec(written) ?? [];
  if (high === "") {
    throw new UsageError(`--adaptive ${written}: it must be MIN-MAX in ms, as in 20-200`);
  }
  const adaptiveBufferMinMs = decimal("adaptive", low, "ms", 0, MAX_BUFFER_MS);
  const adaptiveBufferMaxMs = decimal("adaptive", high, "ms", 1, MAX_BUFFER_MS);
  if (adaptiveBufferMinMs > adaptiveBufferMaxMs) {
    throw new UsageError(`--adaptive ${written}: the least delay is more than the most`);
  }
  return { adaptiveBufferMinMs, adaptiveBufferMaxMs };
}

/** The value of an option that may be given once. */
function single(
  given: ReadonlyMap<OptionName, readonly string[]>,
  name: OptionName,
): string | undefined {
  const values = given.get(name);
  if (values !== undefined && values.length > 1) {
    throw new UsageError(`--${name} is given twice`);
  }
  return values?.[0];
}

function decimal(name: string, written: string, unit: string, low: number, high: number): number {
  const value = /^\d{1,9}(?:\.\d{1,6})?$/.test(written) ? Number(written) : NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${name} ${written}: it must be a number from ${low} to ${high} ${unit}`);
}

function wholeNumber(name: string, written: string, low: number, high: number): number {
  const value = /^\d{1,9}$/.test(written) ? Number(written) : NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${name} ${written}: it must be a whole number from ${low} to ${high}`);
}
