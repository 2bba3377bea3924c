/**
 * What the command line asks for.
 *
 * @module
 */

import { parseArgs } from "node:util";

import { closestName } from "../net/closest-name.js";
import { assertInvocation, type AssertInvocation } from "./assert-invocation.js";
import { type CommandName, COMMANDS, requireTaken } from "./command-options.js";
import { type DemoInvocation, demoInvocation } from "./demo-invocation.js";
import { type DoctorInvocation, doctorInvocation } from "./doctor-invocation.js";
import { type LiveInvocation, liveInvocation } from "./live-invocation.js";
import {
  type ExplainInvocation,
  explainInvocation,
  type LadderInvocation,
  ladderInvocation,
} from "./one-call-invocation.js";
import type { Given } from "./option-values.js";
import { EXAMPLES, type OptionName, OPTIONS } from "./options.js";
import { type QueryInvocation, queryInvocation } from "./query-invocation.js";
import { type ReportInvocation, reportInvocation } from "./report-invocation.js";
import { type ServeInvocation, serveInvocation } from "./serve-invocation.js";
import { type StirInvocation, stirInvocation } from "./stir-invocation.js";
import { UsageError } from "./usage-error.js";

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

const PARSERS: Readonly<
  Record<CommandName, (words: readonly string[], given: Given) => Invocation>
> = {
  ladder: ladderInvocation,
  explain: explainInvocation,
  assert: assertInvocation,
  stir: stirInvocation,
  demo: demoInvocation,
  live: liveInvocation,
  serve: serveInvocation,
  query: queryInvocation,
  doctor: doctorInvocation,
};

/** Commands that need a capture, as a report does. */
const ON_CAPTURES: readonly CommandName[] = ["ladder", "explain", "assert"];

/** An option as it was written. */
interface WrittenOption {
  readonly name: string;
  readonly value?: string | undefined;
}

/** @throws {UsageError} If the command line cannot be understood. */
export function parseInvocation(argv: readonly string[]): Invocation {
  const { command, words, given, lastOption } = read(argv);
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };
  if (command === undefined) {
    requireTaken(command, given);
    requireFile(words, lastOption);
    return reportInvocation(words, given);
  }
  if (ON_CAPTURES.includes(command)) requireFile(words, lastOption);
  // What a diagnosis takes depends on what it is of.
  if (command !== "doctor") requireTaken(command, given);
  return PARSERS[command](words, given);
}

/** The command line in its parts. */
interface CommandLine {
  /** Absent where the first word is none. */
  readonly command: CommandName | undefined;
  readonly words: readonly string[];
  readonly given: Given;
  readonly lastOption: WrittenOption | undefined;
}

function read(argv: readonly string[]): CommandLine {
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
  let command: CommandName | undefined;
  let isOptionsEnd = false;
  let lastOption: WrittenOption | undefined;
  for (const token of tokens) {
    if (token.kind === "option-terminator") isOptionsEnd = true;
    if (token.kind === "positional") {
      // After "--" it is a file of that name.
      const mayBeCommand = words.length === 0 && command === undefined && !isOptionsEnd;
      const named = mayBeCommand ? COMMANDS.find((one) => one === token.value) : undefined;
      if (named === undefined) words.push(token.value);
      else command = named;
    }
    if (token.kind === "option") {
      lastOption = token;
      const name = knownName(token.name, token.rawName);
      const values = given.get(name) ?? [];
      given.set(name, [...values, checkedValue(name, token)]);
    }
  }
  return { command, words, given, lastOption };
}

/** Without a file, what looks like one may have been taken for the value of the option before it. */
function requireFile(words: readonly string[], last: WrittenOption | undefined): void {
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
