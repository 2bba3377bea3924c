/**
 * A call as a ladder diagram for a person at a terminal.
 *
 * @module
 */

import type { Ladder, LadderParticipant } from "../call/ladder.js";
import { endpointKey } from "../net/endpoint.js";
import { isoMicroseconds } from "../net/time.js";
import { callExplanation } from "./call-explanation.js";
import { beganBefore, outcomeCell } from "./call-outcome.js";
import { printable, TIE, wrapped } from "./display-text.js";
import { arrowOf } from "./ladder-arrows.js";
import { asciiLine, LadderLines } from "./ladder-lines.js";
import { partiesText, partyName } from "./party-name.js";
import { clockText, countOf, dateAndTime, durationText } from "./quantity.js";
import { paragraphs, type TableOptions } from "./stream-table.js";

/** How a ladder is to be shown. */
export interface LadderTextOptions extends Pick<TableOptions, "width" | "paint"> {
  /** For terminals that cannot draw lines. */
  readonly isAscii: boolean;
}

/** A longer silence between two steps has a line of its own. */
const NOTABLE_PAUSE_MS = 2000;
const MARGIN = 2;

/** The lines of the drawing, without line breaks. */
export function* ladderText(ladder: Ladder, options: LadderTextOptions): Generator<string> {
  for (const line of drawn(ladder, options)) {
    const whole = line.trimEnd();
    yield options.isAscii ? asciiLine(whole) : whole;
  }
}

function* drawn(ladder: Ladder, options: LadderTextOptions): Generator<string> {
  const { call, participants, steps, omittedSteps, damage } = ladder;
  const { width, paint } = options;
  const startMs = steps[0]?.atMs ?? 0;
  const times = steps.map(({ atMs }) => clockText((atMs - startMs) / 1000));
  const widest = times.reduce((most, { length }) => Math.max(most, length), 0);
  yield* title(ladder, options);
  yield "";
  const headings = participants.map((one) => heading(one, call));
  const lines = new LadderLines(headings, { margin: widest + MARGIN, width, paint });
  yield* lines.heading();
  yield lines.pause();
  let lastMs = startMs;
  for (const [index, step] of steps.entries()) {
    const pauseMs = step.atMs - lastMs;
    if (pauseMs >= NOTABLE_PAUSE_MS) {
      yield lines.pause(`… ${durationText(pauseMs / 1000).replaceAll(TIE, " ")} …`);
    }
    yield* lines.arrow(arrowOf(step), (times[index] ?? "").padStart(widest));
    lastMs = step.atMs;
  }
  yield lines.pause();
  yield "";
  const ends = [
    { text: ending(ladder), tone: outcomeCell(call).tone ?? "strong" },
    ...callExplanation(call),
    ...(omittedSteps === 0 ? [] : [{ text: `${countOf(omittedSteps, "step")} more, not drawn` }]),
    ...(damage === undefined ? [] : [{ text: printable(damage.sentence), tone: "bad" as const }]),
  ];
  yield* paragraphs(ends, 0, options);
}

function title({ call, steps }: Ladder, { width, paint }: LadderTextOptions): string[] {
  const [first] = steps;
  const from =
    first === undefined ? "" : `, from ${dateAndTime(isoMicroseconds(first.atMs))}${TIE}UTC`;
  const block = (text: string): string[] => wrapped(text, { width, indent: 0, hanging: MARGIN });
  return [
    ...block(`${partiesText(call)}${from}`).map((line) => paint("strong", line)),
    ...block(`Call-ID ${printable(call.callId)}`).map((line) => paint("faint", line)),
  ];
}

function heading(participant: LadderParticipant, call: Ladder["call"]): string[] {
  const { endpoint, party, userAgent } = participant;
  return [
    ...(party === undefined ? [] : [partyName(call[party])]),
    printable(endpointKey(endpoint)),
    ...(userAgent === undefined ? [] : [printable(userAgent)]),
  ];
}

/** "200 OK: rang after 1.20 s, answered after 3.40 s, lasted 10.0 s". */
function ending({ call }: Ladder): string {
  const { ringSeconds, setupSeconds, durationSeconds } = call.timings;
  // The post-dial delay may be that of a 183, which rings nowhere.
  const ringing =
    setupSeconds === undefined || ringSeconds === undefined
      ? undefined
      : setupSeconds - ringSeconds;
  const parts = [
    ...(ringing === undefined ? [] : [`rang after ${durationText(ringing)}`]),
    ...(setupSeconds === undefined ? [] : [`answered after ${durationText(setupSeconds)}`]),
    ...(durationSeconds === undefined ? [] : [`lasted ${durationText(durationSeconds)}`]),
  ];
  const text = beganBefore(call) ? "began before the capture" : outcomeCell(call).text;
  return parts.length === 0 ? `Outcome: ${text}` : `Outcome: ${text}; ${parts.join(", ")}`;
}
