/**
 * `mediaprobe ladder FILE [CALL-ID]`: one call of a capture, drawn.
 *
 * @module
 */

import { callList } from "../report/call-list.js";
import { ladderText } from "../report/ladder-text.js";
import type { LadderResult } from "../capture/analyse-ladder.js";
import type { Privacy } from "../privacy/privacy.js";
import type { Analysers } from "./analysers.js";
import { CaptureRun } from "./capture-run.js";
import { type Candidates, namesakesText, offerCalls } from "./chosen-call.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { privacyOf } from "./privacy-option.js";
import type { LadderInvocation } from "./one-call-invocation.js";

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
  return run.carryOutOn(file, analysers, async (source, settings) => {
    const found = await analysers.analyseLadder(source, callId, settings);
    run.progress.clear();
    const privacy = invocation.privacy && privacyOf(invocation.privacy);
    const result = masked(found, privacy);
    const { ladder } = result;
    if (ladder === undefined) return await withoutLadder(result.candidates, invocation, run);
    const options = { ...run.display(), isAscii: drawsAscii(io.env) };
    await run.stdout.writeAll(withBreaks(ladderText(ladder, options)));
    if (result.namesakes !== undefined) {
      const { namesakes } = result;
      await run.complain(namesakesText(ladder.call, { namesakes, file, done: "drawn" }));
    }
    if (ladder.damage === undefined) return EXIT_CODES.ok;
    await run.complain(`${file}: ${ladder.damage.sentence}`);
    return EXIT_CODES.partlyRead;
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

/** Lists the calls when none was named; else says which ones may have been meant. */
async function withoutLadder(
  candidates: Candidates,
  { files, callId }: LadderInvocation,
  run: CaptureRun,
): Promise<ExitCode> {
  if (callId === undefined && candidates.length > 0) {
    await run.stdout.writeAll(withBreaks(callList(candidates, run.display())));
    return EXIT_CODES.ok;
  }
  return offerCalls(candidates, { file: files[0], callId, lister: "mediaprobe ladder" }, run);
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
