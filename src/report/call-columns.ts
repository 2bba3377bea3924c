/**
 * The columns of the table of calls.
 *
 * @module
 */

import type { CallReport, StirReport } from "../call/call-report.js";
import type { Quality } from "../quality/assess.js";
import { bestRoundTrip, worstJitterSeconds, worstLossRatio } from "./call-figures.js";
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

/** Marks a round-trip time that was not measured by whose word it is, with nothing that reads as a unit. */
const ROUND_TRIP_MARKS = { measured: "", reported: REPORTED_MARK, stack: "†" } as const;
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
  figure("jitter", "ms", (call) => milliseconds(worstJitterSeconds(call))),
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

/** Of the worst of them. */
function lossCell(call: CallReport): Cell {
  const ratio = worstLossRatio(call);
  return ratio === undefined ? BLANK : { text: percentText(ratio), tone: shareTone(ratio) };
}

function callRoundTrip(call: CallReport): Cell {
  const { view, seconds } = bestRoundTrip(call) ?? {};
  return roundTripCell(seconds, view === undefined ? "" : ROUND_TRIP_MARKS[view]);
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
