/**
 * Calls in a log: one line when each begins, one when it is over, one for each thing wrong with it.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { bestRoundTrip, worstJitterSeconds, worstLossRatio } from "../report/call-figures.js";
import { isAnswered } from "../report/call-outcome.js";
import { score } from "../report/satisfaction.js";
import type { LogFields, LogPort } from "./log-port.js";

/** Whatever tells of calls: a probe. */
export interface TellsOfCalls {
  on(name: "call" | "end", listener: (call: CallReport) => void): () => void;
}

/**
 * Logs calls from now on. Neither party is named: the record of a call, found by its `session_id`,
 * the Call-ID, names them.
 *
 * @returns What ends that.
 */
export function logCalls(calls: TellsOfCalls, log: LogPort): () => void {
  const stops = [
    calls.on("call", (call) => {
      log.info(identity(call), "call started");
    }),
    calls.on("end", (call) => {
      logEnd(call, log);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Writes the lines about a call that is over. */
export function logEnd(call: CallReport, log: LogPort): void {
  for (const { kind, direction, from, to, detail } of call.issues) {
    log.warn({ ...identity(call), issue: kind, direction, from, to, detail }, "call issue");
  }
  log.info(endFields(call), "call ended");
}

function identity({ callId, transport, observationPoint }: CallReport): LogFields {
  return { session_id: callId, transport, observation_point: observationPoint };
}

/** What is not known is left out. Figures are those that stand for the call in its metrics. */
function endFields(call: CallReport): LogFields {
  const { outcome, timings, quality, security, ice, issues } = call;
  const scores = [quality?.callerToCallee, quality?.calleeToCaller].flatMap(
    (rated) => score(rated) ?? [],
  );
  const dtls = security.dtls?.map(({ result }) => result) ?? [];
  return {
    ...identity(call),
    outcome: outcomeWord(call),
    status_code: outcome.statusCode,
    ended_by: outcome.endedBy,
    bye_reason: outcome.byeReasonClass,
    setup_seconds: timings.setupSeconds,
    duration_seconds: timings.durationSeconds,
    mos: scores.length === 0 ? undefined : short(Math.min(...scores)),
    loss_ratio: short(worstLossRatio(call)),
    jitter_seconds: short(worstJitterSeconds(call)),
    rtt_seconds: short(bestRoundTrip(call)?.seconds),
    dtls: dtls.length === 0 ? undefined : dtls.join(","),
    ice: ice?.result,
    stir: security.stir?.result,
    issues: issues.length === 0 ? undefined : issues.map(({ kind }) => kind).join(","),
  };
}

/** One word a collector can count by. */
function outcomeWord(call: CallReport): string | undefined {
  const { via, cancelled, statusClass } = call.outcome;
  if (isAnswered(call)) return "answered";
  if (cancelled) return "cancelled";
  if (via !== undefined && via !== "response") return via;
  return statusClass === undefined || statusClass === "1xx" ? undefined : "rejected";
}

/** Four digits are enough to read. */
function short(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(4));
}
