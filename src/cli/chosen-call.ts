/**
 * Which of the calls of a capture is meant, in words to who has to name another one.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { callList } from "../report/call-list.js";
import { worstCallsFirst } from "../report/call-order.js";
import { outcomeCell } from "../report/call-outcome.js";
import { TIE } from "../report/display-text.js";
import { dateAndTime } from "../report/quantity.js";
import { plain } from "../report/tone.js";
import type { CaptureRun } from "./capture-run.js";
import { closestName } from "../net/closest-name.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";

/** Calls that are offered instead of one that is not there. */
const MAX_OFFERED = 10;

/** Calls to choose from. */
export type Candidates = readonly CallReport[];

/** What was asked for, and by which command. */
export interface AskedCall {
  readonly file: string;
  /** As written; absent where none was named. */
  readonly callId?: string | undefined;
  /** Which lists the calls there are; the hint names it. */
  readonly lister: string;
}

/** Says that others have the Call-ID of the call that was chosen too. */
export function namesakesText(
  { course, ...call }: CallReport,
  { namesakes, file, done }: { namesakes: Candidates; file: string; done: string },
): string {
  const at = course.invitedAt ?? course.answeredAt ?? course.endedAt;
  const time = at === undefined ? "" : ` of ${dateAndTime(at).replaceAll(TIE, " ")} UTC`;
  const count = namesakes.length + 1;
  const outcome = outcomeCell({ course, ...call }).text;
  return `${count} calls of ${file} have this Call-ID; ${done} is the one${time} (${outcome})`;
}

/** Says that a call has to be named, and which are the worst. */
export async function askForCall(
  candidates: Candidates,
  { file, lister }: AskedCall,
  run: CaptureRun,
): Promise<ExitCode> {
  if (candidates.length === 0) return none(file, run);
  const shown = worstCallsFirst(candidates).slice(0, MAX_OFFERED);
  const which = shown.length < candidates.length ? `the worst ${shown.length}` : "the worst first";
  await run.complain(
    `there are ${candidates.length} calls in ${file}; name one, as in ` +
      `${lister} ${file} ${shown[0]?.callId ?? ""}; ${which}:`,
  );
  await run.tell(callList(shown, { ...run.display(), paint: plain }));
  return EXIT_CODES.usage;
}

/** Says that no call, or more than one, has the Call-ID, and which ones may have been meant. */
export async function offerCalls(
  candidates: Candidates,
  { file, callId = "", lister }: AskedCall,
  run: CaptureRun,
): Promise<ExitCode> {
  if (candidates.length === 0) return none(file, run);
  const begun = candidates.filter((call) => call.callId.startsWith(callId));
  const offered = begun.length > 0 ? begun : close(callId, candidates);
  const shown = offered.slice(0, MAX_OFFERED);
  const what =
    begun.length > 0
      ? `${begun.length} calls of ${file} have a Call-ID that begins with ${callId}`
      : `no call of ${file} has the Call-ID ${callId}`;
  const lists = `; ${lister} ${file} lists all ${candidates.length}`;
  await run.complain(what + (shown.length === 0 ? lists : leadIn(candidates, { begun, offered })));
  if (shown.length > 0) {
    await run.tell(callList(shown, { ...run.display(), paint: plain }));
  }
  return EXIT_CODES.usage;
}

async function none(file: string, run: CaptureRun): Promise<ExitCode> {
  await run.complain(`there is no call in ${file}; mediaprobe ${file} says what it holds`);
  return EXIT_CODES.usage;
}

/** What stands before the calls that are offered. */
function leadIn(
  candidates: Candidates,
  { begun, offered }: { begun: Candidates; offered: Candidates },
): string {
  if (offered.length > MAX_OFFERED) return `; the first ${MAX_OFFERED}:`;
  if (begun.length > 0) return ":";
  if (candidates.length === 1) return "; the only one it has is:";
  return "; did you mean:";
}

/**
 * Those that hold what was written, whatever its case, else the one that slips of the finger lead to; the
 * only one there is in any case.
 */
function close(callId: string, candidates: Candidates): Candidates {
  if (candidates.length === 1) return candidates;
  const written = callId.toLowerCase();
  const holding = candidates.filter((call) => call.callId.toLowerCase().includes(written));
  if (holding.length > 0) return holding;
  const closest = closestName(
    callId,
    candidates.map((call) => call.callId),
  );
  return candidates.filter((call) => call.callId === closest);
}
