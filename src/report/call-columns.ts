/**
 * The columns of the table of calls.
 *
 * @module
 */

import type { CallReport, StirReport } from "../call/call-report.js";
import type { StreamReport } from "../call/report.js";
import type { Quality } from "../quality/assess.js";
import type { PayloadKind } from "../rtp/codec.js";
import { outcomeCell } from "./call-outcome.js";
import { partiesText } from "./party-name.js";
import { durationText, percentText, timeOfDay, UNKNOWN } from "./quantity.js";
import { score } from "./satisfaction.js";
import {
  milliseconds,
  mosCell,
  REPORTED_MARK,
  roundTripCell,
  shareTone,
} from "./stream-columns.js";
import type { Cell, Column } from "./table.js";

/** Marks a round-trip time that the media stack states. */
const STACK_MARK = "s";
/** Marks what the caller's Identity claims and nobody verified. */
const CLAIMED_MARK = "?";

const BLANK: Cell = { text: UNKNOWN, tone: "faint" };

/** Which call it is, and what came of it. */
export const CALL_IDENTITY_COLUMNS: readonly Column<CallReport>[] = [
  column("caller → callee", "", (call) => ({ text: partiesText(call), tone: "strong" })),
  column("at", "UTC", ({ course }) => instantCell(course.invitedAt ?? course.answeredAt)),
  column("outcome", "", outcomeCell),
  column("kind", "", ({ transport }) => ({ text: transport })),
];

/** How it went. */
export const CALL_FIGURE_COLUMNS: readonly Column<CallReport>[] = [
  figure("length", "", ({ timings }) => lengthCell(timings.durationSeconds)),
  expendable(figure("PDD", "", ({ timings }) => lengthCell(timings.postDialDelaySeconds))),
  figure("setup", "", ({ timings }) => lengthCell(timings.setupSeconds)),
  figure("MOS", "→", ({ quality }) => scoreCell(quality?.callerToCallee)),
  figure("MOS", "←", ({ quality }) => scoreCell(quality?.calleeToCaller)),
  figure("loss", "%", lossCell),
  figure("jitter", "ms", jitterCell),
  figure("RTT", "ms", callRoundTrip),
  expendable(figure("DTLS", "", dtlsCell)),
  expendable(figure("STIR", "", ({ security }) => stirCell(security.stir))),
  figure("issues", "", ({ issues }) => ({
    text: String(issues.length),
    tone: issues.length === 0 ? "faint" : "bad",
  })),
];

function column(title: string, unit: string, cell: (call: CallReport) => Cell): Column<CallReport> {
  return { title, unit, align: "left", cell };
}

function figure(title: string, unit: string, cell: (call: CallReport) => Cell): Column<CallReport> {
  return { title, unit, align: "right", cell };
}

function expendable(one: Column<CallReport>): Column<CallReport> {
  return { ...one, isExpendable: true };
}

function instantCell(instant: string | undefined): Cell {
  return instant === undefined ? BLANK : { text: timeOfDay(instant) };
}

function lengthCell(seconds: number | undefined): Cell {
  return seconds === undefined ? BLANK : { text: durationText(seconds) };
}

function scoreCell(quality: Quality | undefined): Cell {
  return mosCell(score(quality), quality?.scale);
}

/** Those that carry speech; else those of which nothing tells what they carry. */
export function speechStreams({ streams }: CallReport): readonly StreamReport[] {
  const speech = streams.filter(isSpeech);
  return speech.length > 0
    ? speech
    : streams.filter((one) => one.mediaType === undefined && kindOf(one) === undefined);
}

/** Repairs and tones of an audio section are not speech. */
function isSpeech(stream: StreamReport): boolean {
  const kind = kindOf(stream);
  if (stream.mediaType === undefined) return kind === "audio";
  return stream.mediaType === "audio" && (kind === undefined || SPEECH_KINDS.includes(kind));
}

const SPEECH_KINDS: readonly PayloadKind[] = ["audio", "comfort-noise", "redundancy"];

function kindOf({ payloadType, payloadTypes }: StreamReport): PayloadKind | undefined {
  return payloadTypes.find((one) => one.payloadType === payloadType && one.kind !== undefined)
    ?.kind;
}

/** Of the worst of them. */
function lossCell(call: CallReport): Cell {
  const streams = speechStreams(call);
  if (streams.length === 0) return BLANK;
  const ratio = streams.reduce((most, { lossRatio }) => Math.max(most, lossRatio), 0);
  return { text: percentText(ratio), tone: shareTone(ratio) };
}

/** The mean of the stream where it is worst. */
function jitterCell(call: CallReport): Cell {
  const means = speechStreams(call).flatMap(({ jitterSeconds }) => jitterSeconds?.mean ?? []);
  return milliseconds(means.length === 0 ? undefined : Math.max(...means));
}

function callRoundTrip({ rtt }: CallReport): Cell {
  const views = [
    [rtt?.measured, ""],
    [rtt?.reported, REPORTED_MARK],
    [rtt?.stack, STACK_MARK],
  ] as const;
  const [view, mark] = views.find(([summary]) => summary !== undefined) ?? views[0];
  return roundTripCell(view?.meanSeconds, mark);
}

/** The first handshake that failed, else "ok". */
function dtlsCell({ security }: CallReport): Cell {
  const { dtls = [] } = security;
  if (dtls.length === 0) return BLANK;
  const bad = dtls.find(({ result }) => result !== "ok");
  if (bad === undefined) return { text: "ok" };
  return { text: bad.result, tone: bad.result === "late-ok" ? "fair" : "bad" };
}

/** "A", "A?" while nobody verified it, "failed". Others are believed where we could not judge. */
function stirCell(stir: StirReport | undefined): Cell {
  if (stir === undefined) return BLANK;
  const { attestation = stir.peer?.attestation ?? "" } = stir;
  const isJudged = stir.result !== "unverified" && stir.result !== "no-identity";
  const result = isJudged ? stir.result : (stir.peer?.result ?? stir.result);
  if (result === "no-identity") return BLANK;
  if (result === "failed") return { text: "failed", tone: "bad" };
  const isOwn = result === stir.result;
  if (result === "verified" && isOwn) return { text: attestation === "" ? "ok" : attestation };
  const tone = result === "soft-fail" ? "fair" : undefined;
  return { text: attestation + CLAIMED_MARK, tone };
}
