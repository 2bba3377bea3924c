/**
 * `mediaprobe query STORE`: calls that were stored, found again.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { ProbeError } from "../errors.js";
import { CallSearch, type FoundCalls, searchCalls } from "../records/search.js";
import { jsonText } from "../report/json.js";
import { storedCalls } from "../report/stored-calls.js";
import { printable } from "../report/display-text.js";
import type { CommandIo } from "./command-io.js";
import { displayOf } from "./display.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { Output } from "./output.js";
import { privacyOf } from "./privacy-option.js";
import type { QueryInvocation } from "./query-invocation.js";
import { writtenCode } from "./written.js";

/** Runs it. */
export async function queryCommand(invocation: QueryInvocation, io: CommandIo): Promise<ExitCode> {
  const stderr = new Output(io.stderr);
  const tell = (sentence: string): Promise<void> =>
    stderr.write(`mediaprobe: ${printable(sentence)}\n`);
  const { privacy: choice, store, filter } = invocation;
  const privacy = choice && privacyOf(choice);
  const { number } = filter;
  const isMasked = privacy !== undefined && number !== undefined;
  let found: FoundCalls;
  try {
    const search = await CallSearch.open(store);
    found = await searchCalls(
      search,
      isMasked ? { ...filter, number: privacy.name(number) } : filter,
    );
    search.close();
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    await tell(error.message);
    return EXIT_CODES.notACapture;
  }
  const { isLimited } = found;
  const calls = found.calls.map((call) => privacy?.call(call) ?? call);
  const stdout = new Output(io.stdout);
  await stdout.writeAll(lines(calls, invocation, io));
  if (calls.length === 0) await tell(`no call of ${store} is like that`);
  if (isLimited) {
    await tell(`there are more; these are the newest ${String(calls.length)} (--limit)`);
  }
  return writtenCode(stdout, stderr);
}

function* lines(
  calls: readonly CallReport[],
  invocation: QueryInvocation,
  io: CommandIo,
): Generator<string> {
  if (invocation.isJson) {
    for (const call of calls) yield `${jsonText(call)}\n`;
  } else if (calls.length > 0) {
    for (const line of storedCalls(calls, displayOf(io, invocation))) yield `${line}\n`;
  }
}
