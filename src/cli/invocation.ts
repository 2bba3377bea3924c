/**
 * What the command line asks for.
 *
 * @module
 */

import { parseArgs } from "node:util";

import type { AnalyseOptions } from "../capture/analyse.js";
import { ASSERT_ONLY, assertDemands, type AssertInvocation } from "./assert-invocation.js";
import { closestName } from "../net/closest-name.js";
import { type DemoInvocation, demoInvocation } from "./demo-invocation.js";
import { type DoctorInvocation, doctorInvocation } from "./doctor-invocation.js";
import { HEP_OUT, hepTarget, type HepTarget } from "./hep-options.js";
import { EXAMPLES, type OptionName, OPTIONS } from "./options.js";
import { LIVE_ONLY, type LiveInvocation, liveInvocation } from "./live-invocation.js";
import { LOG_OPTIONS } from "./log-option.js";
import { payloadMap } from "./payload-option.js";
import { atLeastOne, decimal, type Given, networks, single, wholeNumber } from "./option-values.js";
import { type PrivacyChoice, privacyChoice } from "./privacy-option.js";
import { QUERY_ONLY, type QueryInvocation, queryInvocation } from "./query-invocation.js";
import {
  IDENTITY_ONLY,
  type StirFiles,
  stirFiles,
  type StirInvocation,
  stirInvocation,
} from "./stir-invocation.js";
import { recordsFile } from "./records-option.js";
import { SERVE_ONLY, type ServeInvocation, serveInvocation } from "./serve-invocation.js";
import { UsageError } from "./usage-error.js";

/** Stands for standard input where a file is named. */
export const STDIN = "-";

/** What commands that read captures have in common. */
export interface CaptureInvocation {
  /** Paths, or {@link STDIN}; at least one. */
  readonly files: readonly [string, ...string[]];
  readonly isColorless: boolean;
  /** Columns; absent to take the terminal's. */
  readonly width?: number;
  readonly settings: Omit<AnalyseOptions, "observer" | "onProgress" | "signal" | "stir">;
  /** What identities are verified with; absent where nothing was said of it. */
  readonly stir?: StirFiles;
  /** How whom calls name is masked in what is printed or stored. */
  readonly privacy?: PrivacyChoice;
}

/** What a report is printed as. */
export type ReportFormat = "text" | "json" | "metrics" | "html";

/** A report, or several. */
export interface ReportInvocation extends CaptureInvocation {
  readonly kind: "report";
  readonly isMerged: boolean;
  readonly format: ReportFormat;
  readonly showsAll: boolean;
  readonly showsIntervals: boolean;
  /** Where the page goes; present with the format `html` alone. */
  readonly page?: string;
  /** Where the calls are sent to besides. */
  readonly hepTo?: HepTarget;
  /** Where to store the calls. */
  readonly records?: string;
}

/** One call, drawn. */
export interface LadderInvocation extends CaptureInvocation {
  readonly kind: "ladder";
  /** A Call-ID or its beginning; absent for the only call there is. */
  readonly callId?: string;
}

/** One call, told. */
export interface ExplainInvocation extends CaptureInvocation {
  readonly kind: "explain";
  /** A Call-ID or its beginning; absent for the only call there is. */
  readonly callId?: string;
  readonly isJson: boolean;
}

export type Invocation =
  | ReportInvocation
  | LadderInvocation
  | ExplainInvocation
  | AssertInvocation
  | DoctorInvocation
  | StirInvocation
  | DemoInvocation
  | LiveInvocation
  | ServeInvocation
  | QueryInvocation
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** The first word, where it asks for something else than a report. */
const LADDER = "ladder";
const EXPLAIN = "explain";
const STIR = "stir";
const DEMO = "demo";
const LIVE = "live";
const SERVE = "serve";
const QUERY = "query";
const ASSERT = "assert";
const DOCTOR = "doctor";
/** The words that do so. */
export const COMMANDS: readonly string[] = [
  LADDER,
  EXPLAIN,
  ASSERT,
  STIR,
  DEMO,
  LIVE,
  SERVE,
  QUERY,
  DOCTOR,
];

const HEP_NAMES = HEP_OUT as readonly OptionName[];

/** Options of a report that commands on single calls have no use for. */
const REPORT_ONLY: readonly OptionName[] = [
  "json",
  "metrics",
  "html",
  "merge",
  "all",
  "intervals",
  ...HEP_NAMES,
  "records",
];
/** Options that `assert` has no use for. */
const NOT_FOR_ASSERT: readonly string[] = [
  ...REPORT_ONLY,
  ...IDENTITY_ONLY,
  ...QUERY_ONLY,
  ...LIVE_ONLY,
  "for",
  ...SERVE_ONLY,
  ...LOG_OPTIONS,
].filter((name) => name !== "json" && name !== "call-id");

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
  const words: string[] = [];
  let command: string | undefined;
  let isOptionsEnd = false;
  let lastOption: { readonly name: string; readonly value?: string | undefined } | undefined;
  for (const token of tokens) {
    if (token.kind === "option-terminator") isOptionsEnd = true;
    if (token.kind === "positional") {
      // After "--" it is a file of that name.
      const mayBeCommand = words.length === 0 && command === undefined && !isOptionsEnd;
      if (mayBeCommand && COMMANDS.includes(token.value)) command = token.value;
      else words.push(token.value);
    }
    if (token.kind === "option") {
      lastOption = token;
      const name = knownName(token.name, token.rawName);
      const values = given.get(name) ?? [];
      given.set(name, [...values, checkedValue(name, token)]);
    }
  }
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };
  if (command === STIR) return stirInvocation(words, given);
  if (command === QUERY) return queryInvocation(words, given);
  if (command === DEMO) return demoInvocation(words, given);
  if (command === LIVE) return liveInvocation(words, given);
  if (command === ASSERT) {
    requireFile(words, lastOption);
    return assertInvocation(words, given);
  }
  if (command === DOCTOR) {
    return doctorInvocation(words, given, (file) => captureInvocation([file], given));
  }
  const useless = IDENTITY_ONLY.find((name) => given.has(name as OptionName));
  if (useless !== undefined) throw new UsageError(`only ${STIR} takes --${useless}`);
  const ofQuery = QUERY_ONLY.find((name) => given.has(name as OptionName));
  if (ofQuery !== undefined) throw new UsageError(`only ${QUERY} takes --${ofQuery}`);
  const ofLive = LIVE_ONLY.find((name) => given.has(name as OptionName));
  if (ofLive !== undefined) throw new UsageError(`only ${LIVE} takes --${ofLive}`);
  if (given.has("for")) throw new UsageError(`only ${DEMO} and ${LIVE} take --for`);
  if (command === SERVE) return serveInvocation(words, given, localOf(given));
  if (given.has("port")) throw new UsageError(`only ${DEMO}, ${SERVE} and ${DOCTOR} take --port`);
  const ofLog = LOG_OPTIONS.find((name) => given.has(name as OptionName));
  if (ofLog !== undefined) throw new UsageError(`only ${DEMO} and ${SERVE} take --${ofLog}`);
  const ofServe = SERVE_ONLY.find((name) => given.has(name as OptionName));
  if (ofServe !== undefined) throw new UsageError(`only ${SERVE} takes --${ofServe}`);
  const ofAssert = ASSERT_ONLY.find((name) => given.has(name as OptionName));
  if (ofAssert !== undefined) throw new UsageError(`only ${ASSERT} takes --${ofAssert}`);
  requireFile(words, lastOption);
  if (command === LADDER) return { kind: LADDER, ...callInvocation(LADDER, words, given) };
  if (command === EXPLAIN) {
    const isJson = given.has("json");
    return { kind: EXPLAIN, ...callInvocation(EXPLAIN, words, given, ["json"]), isJson };
  }
  return reportInvocation(words, given);
}

/** Without a file, what looks like one may have been taken for the value of the option before it. */
function requireFile(
  words: readonly string[],
  last: { readonly name: string; readonly value?: string | undefined } | undefined,
): void {
  const { name = "", value = "" } = last ?? {};
  if (words.length > 0 || !/[./]/.test(value) || !Number.isNaN(Number(value))) return;
  throw new UsageError(
    `name a capture file, or - for standard input; ${value} was taken for the value of --${name}`,
  );
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
  // What looks like the next option is one, unless it was written with "=". A number is none.
  const isOption = value !== undefined && inlineValue !== true && /^-[^\d.]/.test(value);
  if (value === undefined || value === "" || isOption) {
    const hint = isOption ? `; if ${value} is the value, write --${name}=${value}` : "";
    throw new UsageError(`--${name} needs a value, as in --${name} ${EXAMPLES[name] ?? ""}${hint}`);
  }
  return value;
}

function reportInvocation(words: readonly string[], given: Given): ReportInvocation {
  const isMerged = given.has("merge");
  const files = atLeastOne(words, "name a capture file, or - for standard input");
  if (files.filter((file) => file === STDIN).length > 1) {
    throw new UsageError("standard input (-) can be read only once");
  }
  if (isMerged && files.includes(STDIN)) {
    throw new UsageError("--merge needs files; standard input (-) cannot be merged");
  }
  const [format = "text", other] = (["json", "metrics", "html"] as const).filter((name) =>
    given.has(name),
  );
  if (other !== undefined) {
    throw new UsageError(`--${format} and --${other} are two reports; say one of them`);
  }
  const page = single(given, "html");
  if (page !== undefined) requirePlaceForPage(page, files, isMerged);
  const hepTo = hepTarget(given);
  if (hepTo === undefined && given.has("hep-key")) {
    throw new UsageError("--hep-key needs --hep-to: it is the collector's password");
  }
  const records = recordsFile(given);
  return {
    kind: "report",
    ...captureInvocation(files, given),
    isMerged,
    format,
    showsAll: given.has("all"),
    showsIntervals: given.has("intervals"),
    ...(page !== undefined && { page }),
    ...(hepTo !== undefined && { hepTo }),
    ...(records !== undefined && { records }),
  };
}

/** A page is of one report, and must not take the place of what it reports on. */
function requirePlaceForPage(page: string, files: readonly string[], isMerged: boolean): void {
  if (files.length > 1 && !isMerged) {
    throw new UsageError("--html makes one page; say --merge to have several captures in it");
  }
  if (files.includes(page)) {
    throw new UsageError(`--html ${page} would overwrite the capture; name another file`);
  }
}

/** @param taken - Options of a report that the command takes too. */
function callInvocation(
  command: string,
  words: readonly string[],
  given: Given,
  taken: readonly OptionName[] = [],
): Omit<LadderInvocation, "kind"> {
  const [file, callId, extra] = atLeastOne(
    words,
    `${command} needs a capture file, as in ${command} call.pcap CALL-ID`,
  );
  if (extra !== undefined) {
    throw new UsageError(`${command} takes a file and a Call-ID; ${extra} is one too many`);
  }
  const useless = REPORT_ONLY.find((name) => given.has(name) && !taken.includes(name));
  if (useless !== undefined) throw new UsageError(`${command} takes no --${useless}`);
  return { ...captureInvocation([file], given), ...(callId !== undefined && { callId }) };
}

function assertInvocation(words: readonly string[], given: Given): AssertInvocation {
  const [file, extra] = atLeastOne(
    words,
    `${ASSERT} needs a capture file, as in ${ASSERT} call.pcap`,
  );
  if (extra !== undefined)
    throw new UsageError(`${ASSERT} takes one file; ${extra} is one too many`);
  const useless = NOT_FOR_ASSERT.find((name) => given.has(name));
  if (useless !== undefined) throw new UsageError(`${ASSERT} takes no --${useless}`);
  return {
    kind: "assert",
    ...captureInvocation([file], given),
    isJson: given.has("json"),
    ...assertDemands(given),
  };
}

function captureInvocation(files: CaptureInvocation["files"], given: Given): CaptureInvocation {
  const width = single(given, "width");
  const stir = stirFiles(given);
  const privacy = privacyChoice(given);
  return {
    files,
    isColorless: given.has("no-color"),
    ...(width !== undefined && { width: wholeNumber("width", width, 40, 1000) }),
    settings: settings(given),
    ...(stir !== undefined && { stir }),
    ...(privacy !== undefined && { privacy }),
  };
}

function settings(given: Given): CaptureInvocation["settings"] {
  const local = localOf(given);
  const payloads = given.get("payload");
  const buffer = single(given, "buffer");
  const adaptive = single(given, "adaptive");
  const interval = single(given, "interval");
  const streams = single(given, "streams");
  return {
    ...(local !== undefined && { local }),
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

/** `--local CIDR`: networks of the observed side. */
function localOf(given: Given): readonly string[] | undefined {
  const written = given.get("local");
  return written && networks("local", written);
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
