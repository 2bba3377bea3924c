/**
 * `mediaprobe ladder FILE [CALL-ID]`: one call of a capture, drawn.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { callList } from "../report/call-list.js";
import { outcomeCell } from "../report/call-outcome.js";
import { TIE } from "../report/display-text.js";
import { ladderText } from "../report/ladder-text.js";
import { dateAndTime } from "../report/quantity.js";
import { plain } from "../report/tone.js";
import type { LadderResult } from "../capture/analyse-ladder.js";
import type { Privacy } from "../privacy/privacy.js";
import type { Analysers } from "./analysers.js";
import { CaptureRun } from "./capture-run.js";
import { captureSource } from "./capture-source.js";
import { closestName } from "../net/closest-name.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { privacyOf } from "./privacy-option.js";
import type { LadderInvocation } from "./invocation.js";

/** Calls that are offered instead of one that is not there. */
const MAX_OFFERED = 10;

type Candidates = readonly CallReport[];

/**
 * Runs it to its end or an interruption.
 *
 * @throws {UsageError} If the capture is to come from the keyboard.
 */
export async function ladderCommand(
  invocation: LadderInvocation,
  io: CommandIo,
  analysers: Analysers,
): Promise<ExitCode> {
  const run = new CaptureRun(invocation, io, 1);
  const { files, callId } = invocation;
  const [file] = files;
  return run.carryOut(async () => {
    try {
      await run.prepare(analysers);
      const source = captureSource(file, io);
      const found = await analysers.analyseLadder(source, callId, run.analyseOptions(file));
      run.progress.clear();
      const privacy = invocation.privacy && privacyOf(invocation.privacy);
      const result = masked(found, privacy);
      const { ladder } = result;
      if (ladder === undefined) return await withoutLadder(result.candidates, invocation, run);
      const options = { ...run.display(), isAscii: drawsAscii(io.env) };
      await run.stdout.writeAll(withBreaks(ladderText(ladder, options)));
      if (result.namesakes !== undefined) {
        await run.complain(choice(ladder.call, result.namesakes, file));
      }
      if (ladder.damage === undefined) return EXIT_CODES.ok;
      await run.complain(`${file}: ${ladder.damage.sentence}`);
      return EXIT_CODES.partlyRead;
    } catch (error) {
      return run.isAborted ? EXIT_CODES.interrupted : run.fail(error);
    }
  });
}

/** All that is printed of it masked; what was asked for was looked for before. */
function masked(found: LadderResult, privacy: Privacy | undefined): LadderResult {
  if (privacy === undefined) return found;
  if (found.ladder === undefined) {
    return { ...found, candidates: found.candidates.map((call) => privacy.call(call)) };
  }
  return { ...found, ladder: privacy.ladder(found.ladder) };
}

/** Says that others have the Call-ID of the call that is drawn too. */
function choice(call: CallReport, namesakes: Candidates, file: string): string {
  const { invitedAt, answeredAt, endedAt } = call.course;
  const at = invitedAt ?? answeredAt ?? endedAt;
  const time = at === undefined ? "" : ` of ${dateAndTime(at).replaceAll(TIE, " ")} UTC`;
  const count = namesakes.length + 1;
  return `${count} calls of ${file} have this Call-ID; drawn is the one${time} (${outcomeCell(call).text})`;
}

/** Lists the calls when none was named; else says which ones may have been meant. */
async function withoutLadder(
  candidates: Candidates,
  { files, callId }: LadderInvocation,
  run: CaptureRun,
): Promise<ExitCode> {
  if (candidates.length === 0) {
    await run.complain(`there is no call in ${files[0]}`);
    return EXIT_CODES.usage;
  }
  if (callId === undefined) {
    await run.stdout.writeAll(withBreaks(callList(candidates, run.display())));
    return EXIT_CODES.ok;
  }
  const begun = candidates.filter((call) => call.callId.startsWith(callId));
  const offered = begun.length > 0 ? begun : close(callId, candidates);
  const shown = offered.slice(0, MAX_OFFERED);
  const what =
    begun.length > 0
      ? `${begun.length} calls of ${files[0]} have a Call-ID that begins with ${callId}`
      : `no call of ${files[0]} has the Call-ID ${callId}`;
  await run.complain(what + leadIn(candidates, begun, offered));
  if (shown.length > 0) {
    await run.tell(callList(shown, { ...run.display(), paint: plain }));
  }
  return EXIT_CODES.usage;
}

/** What stands before the calls that are offered. */
function leadIn(candidates: Candidates, begun: Candidates, offered: Candidates): string {
  if (offered.length > MAX_OFFERED) return `; the first ${MAX_OFFERED}:`;
  if (begun.length > 0) return ":";
  if (offered.length > 0) return "; did you mean:";
  return `; mediaprobe ladder FILE lists those there are (${candidates.length})`;
}

/** Those that hold what was written, whatever its case, and the one that slips of the finger lead to. */
function close(callId: string, candidates: Candidates): Candidates {
  const written = callId.toLowerCase();
  const holding = candidates.filter((call) => call.callId.toLowerCase().includes(written));
  if (holding.length > 0) return holding;
  const closest = closestName(
    callId,
    candidates.map((call) => call.callId),
  );
  return candidates.filter((call) => call.callId === closest);
}

/** Where the locale names a character set that is not Unicode (POSIX.1-2017 §8.2). */
function drawsAscii(env: CommandIo["env"]): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  return locale !== undefined && !/utf-?8/i.test(locale);
}

function* withBreaks(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}
