/**
 * What else is demanded of a call: that it came about, that nothing was wrong with it, that it was
 * secured and vouched for.
 *
 * @module
 */

import type { ConfidenceKind, IssueKind, IssueReport } from "../call/call-report.js";
import { isAnswered, isUnanswered, outcomeCell } from "../report/call-outcome.js";
import { countOf, timeOfDay } from "../report/quantity.js";
import { speechStreams } from "../report/call-figures.js";
import { printable, TIE } from "../report/display-text.js";
import type { DtlsResult } from "../dtls/association.js";
import type { StirResult } from "../stir/outcome.js";
import { type Gate, passedIf, unknown } from "./gate.js";

export { DTLS_RESULTS } from "../dtls/association.js";
export { STIR_RESULTS } from "../stir/outcome.js";

/** Somebody was not heard: one of the two, or both. */
const SILENT: readonly IssueKind[] = ["one-way-audio", "no-media"];
/** The capture did not see what both sent. */
const UNSEEN: readonly ConfidenceKind[] = ["no-media-captured", "one-sided-media"];

/** The call was answered. */
export function answeredGate(): Gate {
  return {
    name: "answered",
    demand: "be answered",
    judge: (call) => {
      const outcome = outcomeCell(call).text.replaceAll(TIE, " ");
      if (isAnswered(call)) return passedIf(true, `the call was answered (${outcome})`);
      // Whoever still rings may yet answer; who was called before the capture may have.
      if (!isUnanswered(call) || call.outcome.via === undefined) {
        return unknown(`whether the call was answered is unknown: ${outcome}`);
      }
      return passedIf(false, `the call was not answered (${outcome})`);
    },
  };
}

/** Both were heard, as far as they had something to say. */
export function noOneWayGate(): Gate {
  return {
    name: "no-one-way",
    demand: "have audio both ways",
    judge: (call) => {
      const silent = call.issues.find(({ kind }) => SILENT.includes(kind));
      if (silent !== undefined) return passedIf(false, issueText(silent));
      const unseen = call.confidence.find(({ kind }) => UNSEEN.includes(kind));
      const isSeen = unseen === undefined && speechStreams(call).length > 0;
      if (isSeen) return passedIf(true, "nobody sent audio without hearing the other");
      const why = unseen === undefined ? "no audio was seen" : withoutStop(unseen.detail);
      return unknown(`whether audio went both ways is unknown: ${why}`);
    },
  };
}

/** The call has no such issue, or, with `any`, none at all. */
export function noIssueGate(kind: IssueKind | "any"): Gate {
  return {
    name: "no-issue",
    demand: kind === "any" ? "have no issue" : `not have the issue ${kind}`,
    judge: ({ issues }) => {
      const found = issues.filter((one) => kind === "any" || one.kind === kind);
      const [first, ...others] = found;
      if (first === undefined) return passedIf(true, "the call has no such issue");
      const more = others.length === 0 ? "" : ` (and ${countOf(others.length, "more", "more")})`;
      return passedIf(false, (issueText(first) + more).replaceAll(TIE, " "));
    },
  };
}

/** Every handshake of the call came to that. */
export function dtlsGate(wanted: DtlsResult): Gate {
  return {
    name: "dtls",
    demand: `have the DTLS result ${wanted}`,
    judge: ({ security: { dtls = [] } }) => {
      if (dtls.length === 0) return unknown("no DTLS handshake of the call was seen");
      const other = dtls.find(({ result }) => result !== wanted);
      return passedIf(other === undefined, `the DTLS result is ${other?.result ?? wanted}`);
    },
  };
}

/** That is what verification of the caller came to. */
export function stirGate(wanted: StirResult): Gate {
  return {
    name: "stir",
    demand: `have the STIR result ${wanted}`,
    judge: ({ security: { stir } }) => {
      if (stir === undefined) return unknown("no INVITE was seen that could tell who vouches");
      const { result, reason } = stir;
      const why = reason === undefined ? "" : ` (${reason})`;
      return passedIf(result === wanted, `the STIR result is ${result}${why}`);
    },
  };
}

function issueText({ kind, from, detail }: IssueReport): string {
  const when = from === undefined ? "" : ` at ${timeOfDay(from)}`;
  return `${kind}${when}: ${withoutStop(detail)}`;
}

function withoutStop(text: string): string {
  return printable(text).replace(/\.$/, "");
}
