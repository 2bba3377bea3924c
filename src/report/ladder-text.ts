/**
 * A call as a ladder diagram for a person at a terminal.
 *
 * @module
 */

import type {
  DtlsStep,
  Ladder,
  LadderParticipant,
  LadderStep,
  MediaStep,
  MessageStep,
} from "../call/ladder.js";
import { endpointKey } from "../net/endpoint.js";
import { isoMicroseconds } from "../net/time.js";
import { alertText, callExplanation } from "./call-explanation.js";
import { beganBefore, outcomeCell } from "./call-outcome.js";
import { printable, TIE, wrapped } from "./display-text.js";
import { type Arrow, asciiLine, LadderLines } from "./ladder-lines.js";
import { partiesText, partyName } from "./party-name.js";
import {
  clockText,
  countOf,
  dateAndTime,
  durationText,
  percent,
  secondsBetween,
} from "./quantity.js";
import { satisfaction, score } from "./satisfaction.js";
import { codecText, flowText, mosCell } from "./stream-columns.js";
import { paragraphs, type TableOptions } from "./stream-table.js";
import type { Tone } from "./tone.js";

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

function arrowOf(step: LadderStep): Arrow {
  switch (step.kind) {
    case "message":
      return messageArrow(step);
    case "media":
      return mediaArrow(step);
    case "dtls":
      return handshakeArrow(step);
  }
}

function messageArrow(step: MessageStep): Arrow {
  const { from, to, label, isRetransmission, notes } = step;
  return {
    from,
    to,
    stroke: isRetransmission ? "again" : "message",
    label: printable(label) + (isRetransmission ? ", again" : ""),
    tone: isRetransmission ? "faint" : messageTone(step),
    notes: notes.map(printable),
  };
}

/** A challenge is a step on the way, not a failure. */
const CHALLENGES: readonly number[] = [401, 407, 422];

function messageTone({ statusCode }: MessageStep): Tone | undefined {
  if (statusCode === undefined) return "strong";
  if (statusCode < 200) return undefined;
  if (statusCode < 300) return "good";
  return statusCode < 400 || CHALLENGES.includes(statusCode) ? "fair" : "bad";
}

function mediaArrow({ from, to, stream }: MediaStep): Arrow {
  const { packetsReceived, lossRatio, quality, firstPacketAt, lastPacketAt } = stream;
  const mos = score(quality);
  const parts = [
    codecText(stream),
    countOf(packetsReceived, "packet"),
    lossRatio === 0 ? "nothing lost" : `${percent(lossRatio)} lost`,
    ...(mos === undefined ? [] : [`MOS ${mosCell(mos, quality?.scale).text}`]),
  ];
  const length = durationText(secondsBetween(firstPacketAt, lastPacketAt));
  return {
    from,
    to,
    stroke: "media",
    label: parts.join(", ").replaceAll(TIE, " "),
    tone: mos === undefined ? undefined : satisfaction(mos).tone,
    notes: [`${flowText(stream)} for ${length}`],
  };
}

function handshakeArrow({ from, to, handshake }: DtlsStep): Arrow {
  const { version, result, durationSeconds, cipher, srtpProfile, alert } = handshake;
  const { retransmissions = 0 } = handshake;
  const name = version === undefined ? "DTLS" : `DTLS ${printable(version)}`;
  const took = durationSeconds === undefined ? "" : ` after ${durationText(durationSeconds)}`;
  const facts = [
    ...(alert === undefined ? [] : [alertText(alert)]),
    ...(retransmissions === 0 ? [] : [countOf(retransmissions, "retransmission")]),
    ...[srtpProfile, cipher].filter((one) => one !== undefined).map(printable),
  ];
  return {
    from,
    to,
    stroke: "message",
    label: `${name} ${result}${took}`.replaceAll(TIE, " "),
    tone: result === "ok" ? "good" : result === "late-ok" ? "fair" : "bad",
    notes: facts.length === 0 ? [] : [facts.join(", ")],
  };
}

/** "200 OK: rang after 1.20 s, answered after 3.40 s, lasted 10.0 s". */
function ending({ call }: Ladder): string {
  const { postDialDelaySeconds: pdd, setupSeconds, durationSeconds } = call.timings;
  const parts = [
    ...(pdd === undefined || setupSeconds === undefined ? [] : [`rang after ${durationText(pdd)}`]),
    ...(setupSeconds === undefined ? [] : [`answered after ${durationText(setupSeconds)}`]),
    ...(durationSeconds === undefined ? [] : [`lasted ${durationText(durationSeconds)}`]),
  ];
  const text = beganBefore(call) ? "began before the capture" : outcomeCell(call).text;
  return parts.length === 0 ? `Outcome: ${text}` : `Outcome: ${text}; ${parts.join(", ")}`;
}
