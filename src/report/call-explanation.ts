/**
 * What there is to say of a call beside its figures. Only what matters is said; how its media fared is
 * said of each stream.
 *
 * @module
 */

import type {
  CallReport,
  ConfidenceReport,
  DtlsReport,
  IssueReport,
  MediaFlow,
  StirReport,
} from "../call/call-report.js";
import { endpointKey } from "../net/endpoint.js";
import { speechStreams } from "./call-figures.js";
import { endingClause } from "./call-outcome.js";
import { SILENT_ISSUES } from "./call-order.js";
import { printable, shortened, TIE } from "./display-text.js";
import { costsClause } from "./explained-quality.js";
import { countOf, durationText, mosText, timeOfDay } from "./quantity.js";
import { REASON_WORDS } from "./identity-words.js";
import { isVerySatisfying, satisfaction, score } from "./satisfaction.js";
import type { TonedText } from "./tone.js";

/** Handshake messages that come again without being worth a word. */
const USUAL_RETRANSMISSIONS = 2;
/** Columns for a reason or an identifier that a peer wrote. */
const MAX_FOREIGN_COLUMNS = 120;
/** Hops that are named one by one. */
const MAX_HOPS_NAMED = 6;

/**
 * The paragraphs about a call: how it ended, what went wrong on the way to its media, what its worse
 * direction cost, its issues, its caveats.
 *
 * @param known - Caveats that were already said of all calls.
 */
export function callExplanation(
  call: CallReport,
  known: ReadonlySet<string> = new Set(),
): TonedText[] {
  return [
    ...sentences([endingClause(call), hopsClause(call), legsClause(call)]),
    ...pathParagraphs(call),
    ...qualityParagraphs(call),
    ...call.issues.map(issueParagraph),
    ...call.confidence.filter((one) => !known.has(caveatText(one))).map(caveatParagraph),
  ];
}

/** The caveats that all of the calls share, once there is more than one. */
export function commonCaveats(calls: readonly CallReport[]): string[] {
  const [first, ...rest] = calls;
  if (first === undefined || rest.length === 0) return [];
  const shared = new Set(first.confidence.map(caveatText));
  for (const { confidence } of rest) {
    const texts = new Set(confidence.map(caveatText));
    for (const text of shared) if (!texts.has(text)) shared.delete(text);
    if (shared.size === 0) break;
  }
  return [...shared];
}

function sentences(clauses: readonly (string | undefined)[]): TonedText[] {
  const text = clauses.filter((clause) => clause !== undefined).join("; ");
  return text === "" ? [] : [{ text }];
}

function hopsClause({ hops = [] }: CallReport): string | undefined {
  if (hops.length < 2) return undefined;
  const named = hops
    .slice(0, MAX_HOPS_NAMED)
    .map(
      ({ source, destination }) => `${endpointKey(source)}${TIE}→${TIE}${endpointKey(destination)}`,
    );
  const more = hops.length > MAX_HOPS_NAMED ? ", …" : "";
  return `seen on ${countOf(hops.length, "hop")}: ${printable(named.join(", "))}${more}`;
}

function legsClause({ linkedCallIds = [] }: CallReport): string | undefined {
  if (linkedCallIds.length === 0) return undefined;
  const named = linkedCallIds.slice(0, MAX_HOPS_NAMED).map(foreign).join(", ");
  return `other legs: ${named}${linkedCallIds.length > MAX_HOPS_NAMED ? ", …" : ""}`;
}

/** What kept media from its path, or nearly did. */
function pathParagraphs({ security, ice, sessionTimer }: CallReport): TonedText[] {
  const { dtls = [], stir } = security;
  const refreshes = (sessionTimer?.refreshes ?? []).filter(({ result }) => FAILED.includes(result));
  return [
    ...dtls.flatMap(handshakeParagraph),
    ...(ice === undefined || ice.result === "ok"
      ? []
      : [{ text: ICE_RESULTS[ice.result], tone: "bad" } as const]),
    ...identityParagraphs(stir),
    ...refreshes.map(({ at, result }) => ({
      text: `session refresh at ${timeOfDay(at)}: ${result}`,
      tone: "bad" as const,
    })),
  ];
}

/** What was found wrong with who vouches for the caller, by us and by others. */
function identityParagraphs(stir: StirReport | undefined): TonedText[] {
  if (stir === undefined) return [];
  const { result, reason, code, peer } = stir;
  const found: TonedText[] = [];
  if ((result === "failed" || result === "soft-fail") && reason !== undefined) {
    const why = `${REASON_WORDS[reason]}${code === undefined ? "" : ` (${code})`}`;
    found.push({ text: `the caller's identity does not hold (${result}): ${why}`, tone: "bad" });
  }
  if (peer?.result === "failed" || peer?.result === "soft-fail") {
    const text = `others refuse the caller's identity (${peer.result}): ${foreign(peer.reason)}`;
    found.push({ text, tone: "bad" });
  }
  return found;
}

const FAILED: readonly string[] = ["422-gave-up", "481", "failed"];

const ICE_RESULTS = {
  failed: "ICE: no connectivity check succeeded",
  lost: "ICE: consent was lost while the call went on",
} as const;

function handshakeParagraph(handshake: DtlsReport): TonedText[] {
  const { result, alert, durationSeconds, retransmissions = 0 } = handshake;
  if (result === "ok" && retransmissions <= USUAL_RETRANSMISSIONS) return [];
  const took = durationSeconds === undefined ? "" : ` after ${durationText(durationSeconds)}`;
  const parts = [
    `DTLS handshake: ${result}${took}`,
    ...(alert === undefined ? [] : [alertText(alert)]),
    ...(retransmissions === 0 ? [] : [countOf(retransmissions, "retransmission")]),
  ];
  return [
    { text: parts.join(", "), tone: result === "ok" || result === "late-ok" ? "fair" : "bad" },
  ];
}

/** "fatal alert handshake_failure (40) from the server". */
export function alertText({ level, name, code, by }: NonNullable<DtlsReport["alert"]>): string {
  return `${level} alert ${printable(name)} (${code}) from the ${by}`;
}

/** A direction of several streams has a score that stands at none of them. */
function qualityParagraphs(call: CallReport): TonedText[] {
  const directions = [
    ["caller-to-callee", call.quality?.callerToCallee],
    ["callee-to-caller", call.quality?.calleeToCaller],
  ] as const;
  return directions.flatMap(([flow, quality]) => {
    const mos = score(quality);
    if (quality === undefined || mos === undefined || isVerySatisfying(mos)) return [];
    const streams = speechStreams(call).filter(({ direction }) => direction === flow);
    const cost = streams.length < 2 ? undefined : costsClause({ quality });
    if (cost === undefined) return [];
    const text = `${flowText(flow)}, all ${countOf(streams.length, "stream")}: MOS${TIE}${mosText(mos)}, ${cost}`;
    return [{ text, tone: satisfaction(mos).tone }];
  });
}

function flowText(flow: MediaFlow): string {
  return flow.replaceAll("-", " ");
}

function issueParagraph({ kind, direction, from, detail }: IssueReport): TonedText {
  const where = direction === undefined ? "" : ` ${flowText(direction)}`;
  const when = from === undefined ? "" : ` at ${timeOfDay(from)}`;
  return {
    text: `${kind}${where}${when}: ${printable(detail)}`,
    tone: SILENT_ISSUES.includes(kind) ? "bad" : "fair",
  };
}

function caveatText({ detail }: ConfidenceReport): string {
  return `caveat: ${printable(detail)}`;
}

function caveatParagraph(confidence: ConfidenceReport): TonedText {
  return { text: caveatText(confidence), tone: "faint" };
}

function foreign(text: string): string {
  return shortened(printable(text), MAX_FOREIGN_COLUMNS);
}
