/**
 * Why a stream sounded as it did, in words. Only what matters is said.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { costsClause, worstClause } from "./explained-quality.js";
import { farEndParagraph } from "./explained-reports.js";
import { printable, TIE } from "./display-text.js";
import { lossRunsOf } from "./loss-runs.js";
import { countOf, countText, durationText, msText, percent, secondsBetween } from "./quantity.js";
import { neverReceived } from "./stream-columns.js";
import type { TonedText } from "./tone.js";

/** What the streams were measured with. */
export interface Settings {
  /** Delay of the simulated fixed buffer. */
  readonly fixedBufferMs: number;
}

/** A drift from which a receiver's buffer runs empty or over within minutes. */
const NOTABLE_DRIFT_PPM = 20;
/** No clock is that wrong: then the sender's timestamps jumped. */
const MAX_DRIFT_PPM = 1000;
/** Shares of a stream's packets from which they are worth a word. */
const NOTABLE_DUPLICATES = 0.1;
const MIRRORED_DUPLICATES = 0.4;
const NOTABLE_REORDERED = 0.01;
/** Less of a second payload type is telephone events. */
const NOTABLE_UNKNOWN_TYPE = 0.05;

/**
 * What explains the figures of a stream: what became of its packets, what that cost, what the far end
 * says, the rest. In paragraphs, at least one; for a clean stream one line.
 */
export function explanation(stream: StreamReport, settings: Settings): TonedText[] {
  const lost = neverReceived(stream);
  const isClean = lost + (stream.packetsDiscarded ?? 0) === 0;
  const packets = [lossClause(stream, settings), ...sequenceClauses(stream)];
  const cost = [costsClause(stream), worstClause(stream)];
  const rest = [driftClause(stream), ...formatClauses(stream)];
  const text = (clauses: readonly (string | undefined)[]): TonedText => ({
    text: clauses.filter((clause) => clause !== undefined).join("; "),
  });
  const here = isClean ? [text([...packets, ...cost, ...rest])] : [packets, cost, rest].map(text);
  const farEnd = farEndParagraph(stream, lost);
  return [...here, ...(farEnd === undefined ? [] : [farEnd])].filter((one) => one.text !== "");
}

function lossClause(stream: StreamReport, { fixedBufferMs }: Settings): string {
  const lost = neverReceived(stream);
  const late = stream.packetsDiscarded;
  const buffer = `for a ${countText(fixedBufferMs)}${TIE}ms buffer`;
  const lossText = lost === 0 ? "nothing lost" : lostText(stream, lost);
  if (late === undefined) return lossText;
  if (late === 0) return lost === 0 ? "nothing lost, nothing late" : lossText;
  const share = percent(late / Math.max(1, stream.packetsExpected));
  const came = `${countText(late)}${lost === 0 ? "" : " more"} (${share}) came too late ${buffer}`;
  return `${lossText}; ${came}${adaptiveText(stream, late)}`;
}

function lostText(stream: StreamReport, lost: number): string {
  const text = `lost ${countText(lost)} of ${countText(stream.packetsExpected)} (${percent(stream.lossRatio)})`;
  const { runs, longest, longestSeconds, isLowerBound } = lossRunsOf(stream);
  if (runs === 0 || lost === 1) return text;
  if (longest === 1) return `${text}, one at a time`;
  const time = longestSeconds === undefined ? "" : ` (${durationText(longestSeconds)})`;
  const bound = isLowerBound ? "at least " : "";
  const run =
    runs === 1
      ? `, all in one run of ${bound}`
      : ` in ${countOf(runs, "run")}, the longest ${bound}`;
  return `${text}${run}${countText(longest)}${time}${burstText(stream)}`;
}

function burstText({ burst }: StreamReport): string {
  if (burst === undefined || burst.count < 2) return "";
  return `, ${countOf(burst.count, "burst")} with ${percent(burst.density)} gone`;
}

/** What a buffer that adapts would have made of it, where that differs. */
function adaptiveText({ adaptiveBuffer }: StreamReport, late: number): string {
  if (adaptiveBuffer === undefined || adaptiveBuffer.packetsDiscarded === late) return "";
  const { packetsDiscarded, meanDelaySeconds } = adaptiveBuffer;
  const delay =
    meanDelaySeconds === undefined ? "" : ` of ${msText(meanDelaySeconds)}${TIE}ms on average`;
  return `, ${countText(packetsDiscarded)} for an adaptive one${delay}`;
}

function sequenceClauses(stream: StreamReport): (string | undefined)[] {
  const { packetsReceived, packetsDuplicated, packetsReordered, sequenceRestarts } = stream;
  const duplicated = packetsDuplicated / packetsReceived;
  const reordered = packetsReordered / packetsReceived;
  return [
    duplicated >= MIRRORED_DUPLICATES
      ? "nearly every packet is there twice: the capture holds mirror copies"
      : duplicated >= NOTABLE_DUPLICATES
        ? `${percent(duplicated)} of the packets are duplicates`
        : undefined,
    reordered >= NOTABLE_REORDERED
      ? `${percent(reordered)} of the packets came out of order`
      : undefined,
    sequenceRestarts === undefined
      ? undefined
      : `the sender began a new sequence ${timesText(sequenceRestarts)}`,
  ];
}

function timesText(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${countText(count)} times`;
}

/** Said only where it moved the packets by more than the network did: else it may be the network. */
function driftClause(stream: StreamReport): string | undefined {
  const { clockDriftPpm = 0, delayVariationSeconds, firstPacketAt, lastPacketAt } = stream;
  const ppm = Math.abs(clockDriftPpm);
  if (ppm < NOTABLE_DRIFT_PPM || ppm > MAX_DRIFT_PPM) return undefined;
  const movedSeconds = (ppm / 1e6) * secondsBetween(firstPacketAt, lastPacketAt);
  if (movedSeconds < (delayVariationSeconds?.p95 ?? Infinity)) return undefined;
  return `the sender's clock is ${countText(Math.round(ppm))}${TIE}ppm ${clockDriftPpm > 0 ? "slow" : "fast"}`;
}

/** What could not be said because the payload type, or its codec, is not known well enough. */
function formatClauses(stream: StreamReport): (string | undefined)[] {
  const unknown = stream.payloadTypes.filter(
    ({ codec, packets }) =>
      codec === undefined && packets / stream.packetsReceived >= NOTABLE_UNKNOWN_TYPE,
  );
  return [codecChangeClause(stream), unratedClause(stream), unknownTypesClause(unknown)];
}

function unknownTypesClause(
  unknown: readonly { readonly payloadType: number }[],
): string | undefined {
  const [first] = unknown;
  if (first === undefined) return undefined;
  const types = unknown.map(({ payloadType }) => payloadType).join(", ");
  return (
    `no clock known for payload type${unknown.length === 1 ? "" : "s"}${TIE}${types}: ` +
    `say --payload${TIE}${first.payloadType}=NAME/RATE`
  );
}

/** One payload type may stand for several formats in turn, and be listed for each. */
function codecChangeClause({ payloadTypes }: StreamReport): string | undefined {
  const packetsOf = new Map<string, number>();
  for (const { kind, codec, payloadType, packets } of payloadTypes) {
    if (codec === undefined || (kind !== "audio" && kind !== "video")) continue;
    const name = `${printable(codec)}${TIE}(type${TIE}${payloadType})`;
    packetsOf.set(name, (packetsOf.get(name) ?? 0) + packets);
  }
  if (packetsOf.size < 2) return undefined;
  const parts = [...packetsOf].map(([name, packets]) => `${name}${TIE}${countText(packets)}`);
  return `packets by codec: ${parts.join(", ")}`;
}

function unratedClause(stream: StreamReport): string | undefined {
  const { payloadType, payloadTypes } = stream;
  const kind = payloadTypes.find((one) => one.payloadType === payloadType)?.kind;
  if (kind === "video") return stream.codec === undefined ? undefined : "video has no MOS";
  const reason = unratedReason(stream);
  return reason === undefined ? undefined : `no MOS: ${reason}`;
}

/** Why a stream of speech has no score; absent where it has one, is none, or its codec is not known. */
export function unratedReason(stream: StreamReport): string | undefined {
  const { codec, quality, payloadType, payloadTypes } = stream;
  const kind = payloadTypes.find((one) => one.payloadType === payloadType)?.kind;
  if (codec === undefined || quality !== undefined || kind !== "audio") return undefined;
  const spoken = payloadTypes.filter((one) => one.kind === "audio");
  if (new Set(spoken.map((one) => one.codec?.toLowerCase())).size > 1) {
    return "its codec changed on the way";
  }
  const isHurt = neverReceived(stream) + (stream.packetsDiscarded ?? 0) > 0;
  const what = isHurt ? `how ${printable(codec)} bears loss` : `what ${printable(codec)} costs`;
  return `it is not published ${what}`;
}
