/**
 * `mediaprobe assert FILE`: the calls of a capture against what is demanded of them.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CaptureReport } from "../call/report.js";
import { failures, type GateFailure } from "../gates/assess.js";
import { printable } from "../report/display-text.js";
import { jsonText } from "../report/json.js";
import { partiesText } from "../report/party-name.js";
import type { Analysers } from "./analysers.js";
import type { AssertInvocation } from "./assert-invocation.js";
import { CaptureRun } from "./capture-run.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { privacyOf } from "./privacy-option.js";

/** What `--json` prints. */
interface AssertReport {
  readonly schema: "mediaprobe.assert/1";
  readonly file: string;
  readonly passed: boolean;
  /** How many were held against it. */
  readonly calls: number;
  readonly failures: readonly GateFailure[];
  /** Why not all of the capture could be read. Absent where it could. */
  readonly damage?: string;
}

/**
 * Runs it to its end or an interruption. A demand that was not met in what could be read decides even
 * where not all could be.
 *
 * @throws {UsageError} If the capture is to come from the keyboard.
 */
export async function assertCommand(
  invocation: AssertInvocation,
  io: CommandIo,
  analysers: Analysers,
): Promise<ExitCode> {
  const run = new CaptureRun(invocation, io, 1);
  const [file] = invocation.files;
  return run.carryOutOn(file, analysers, async (source, options) => {
    const report = await analysers.analyseCapture(source, options);
    run.progress.clear();
    const privacy = invocation.privacy && privacyOf(invocation.privacy);
    const found = meant(report.calls, invocation.callId);
    const calls = privacy === undefined ? found : found.map((call) => privacy.call(call));
    const missed = failures(calls, invocation.demands);
    if (invocation.isJson) {
      await run.stdout.write(`${jsonText(assertReport(report, calls.length, missed))}\n`);
    } else {
      await run.stdout.writeAll(sentences(report, calls, missed, invocation));
    }
    if (report.damage !== undefined) await run.complain(`${file}: ${report.damage.sentence}`);
    if (missed.length > 0) return EXIT_CODES.assertionFailed;
    return report.damage === undefined ? EXIT_CODES.ok : EXIT_CODES.partlyRead;
  });
}

/** The calls of that Call-ID, else those whose Call-ID begins so. */
function meant(calls: readonly CallReport[], callId: string | undefined): readonly CallReport[] {
  if (callId === undefined) return calls;
  const exact = calls.filter((one) => one.callId === callId);
  return exact.length > 0 ? exact : calls.filter((one) => one.callId.startsWith(callId));
}

function assertReport(
  { file, damage }: CaptureReport,
  calls: number,
  missed: readonly GateFailure[],
): AssertReport {
  return {
    schema: "mediaprobe.assert/1",
    file,
    passed: missed.length === 0,
    calls,
    failures: missed,
    ...(damage !== undefined && { damage: damage.sentence }),
  };
}

function* sentences(
  { file, streams }: CaptureReport,
  calls: readonly CallReport[],
  missed: readonly GateFailure[],
  { callId, demands }: AssertInvocation,
): Generator<string> {
  for (const { callId: of, sentence } of missed) {
    const call = calls.find((one) => one.callId === of);
    const who = call === undefined ? file : `${partiesText(call)} (${call.callId})`;
    yield `FAILED  ${printable(`${who}: ${sentence}`)}\n`;
  }
  if (calls.length === 0 && callId !== undefined) {
    yield `No call of ${printable(file)} has a Call-ID that begins with ${printable(callId)}.\n`;
  } else if (calls.length === 0 && streams.length > 0) {
    yield "There are streams without a call, which no demand looks at.\n";
  }
  if (missed.some(({ isUnknown }) => isUnknown === true)) {
    yield "--allow-unknown lets through what is not known.\n";
  }
  if (missed.length > 0) return;
  const { gates } = demands;
  const names = gates.length === 0 ? "" : `: ${gates.map(({ name }) => name).join(", ")}`;
  yield `passed  ${printable(file)}: ${calls.length} ${calls.length === 1 ? "call" : "calls"}${names}\n`;
}
