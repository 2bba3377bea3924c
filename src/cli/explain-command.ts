/**
 * `mediaprobe explain FILE [CALL-ID]`: one call of a capture in a paragraph, as a person would tell it.
 *
 * @module
 */

import type { LadderResult } from "../capture/analyse-ladder.js";
import { printable } from "../report/display-text.js";
import { jsonText } from "../report/json.js";
import { callStory, explainCall, type StorySettings } from "../report/story/call-story.js";
import { paragraphLines } from "../report/story/paragraph.js";
import type { Analysers } from "./analysers.js";
import { CaptureRun } from "./capture-run.js";
import { askForCall, namesakesText, offerCalls } from "./chosen-call.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import type { ExplainInvocation } from "./one-call-invocation.js";
import { privacyOf } from "./privacy-option.js";

/** Longer lines of running text are hard to read; --width says otherwise. */
const MAX_COLUMNS = 100;

/**
 * Runs it to its end or an interruption.
 *
 * @throws {UsageError} If the capture is to come from the keyboard.
 */
export async function explainCommand(
  invocation: ExplainInvocation,
  io: CommandIo,
  analysers: Analysers,
): Promise<ExitCode> {
  const run = new CaptureRun(invocation, io, 1);
  const [file] = invocation.files;
  return run.carryOutOn(file, analysers, async (source, options) => {
    const found = await analysers.analyseLadder(source, invocation.callId, options);
    run.progress.clear();
    return await told(found, invocation, run);
  });
}

async function told(
  found: LadderResult,
  invocation: ExplainInvocation,
  run: CaptureRun,
): Promise<ExitCode> {
  const { callId, settings, privacy: choice } = invocation;
  const [file] = invocation.files;
  const privacy = choice && privacyOf(choice);
  if (found.ladder === undefined) {
    const candidates = found.candidates.map((one) => privacy?.call(one) ?? one);
    const asked = { file, callId, lister: "mediaprobe explain" };
    return callId === undefined
      ? askForCall(candidates, asked, run)
      : offerCalls(candidates, asked, run);
  }
  const { damage } = found.ladder;
  const call = privacy?.call(found.ladder.call) ?? found.ladder.call;
  const { fixedBufferMs } = settings;
  const told: StorySettings = fixedBufferMs === undefined ? {} : { fixedBufferMs };
  if (invocation.isJson) {
    await run.stdout.write(`${jsonText(explainCall(call, told))}\n`);
  } else {
    const { paint, width } = run.display();
    const columns = invocation.width ?? Math.min(width, MAX_COLUMNS);
    const lines = paragraphLines(callStory(call, told), { width: columns, paint });
    const heading = paint("faint", `Call-ID ${printable(call.callId)}`);
    await run.stdout.write(`${[...lines, "", heading].join("\n")}\n`);
  }
  if (found.namesakes !== undefined) {
    const { namesakes } = found;
    await run.complain(namesakesText(call, { namesakes, file, done: "told" }));
  }
  if (damage === undefined) return EXIT_CODES.ok;
  await run.complain(`${file}: ${damage.sentence}`);
  return EXIT_CODES.partlyRead;
}
