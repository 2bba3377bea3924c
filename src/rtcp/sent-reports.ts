/**
 * The recent sender reports and reference times of one side of a path, with the time at which each
 * was seen, and the search for the one that a report of the other side answers.
 *
 * The observer's clock alone enters the result, so neither end's clock need be right.
 *
 * @module
 */

import { endpointKey } from "../net/endpoint.js";
import { memoized } from "../net/memoized.js";
import type {
  Path,
  ReportBlock,
  RtcpRecord,
  SenderInfo,
  XrDlrr,
  XrReferenceTime,
} from "./report.js";
import {
  boundedRoundTrip,
  MAX_CLAMPED_NEGATIVE_SECONDS,
  ntpMiddle,
  type RoundTripFault,
} from "./round-trip.js";

/** Sources of one side; the one silent for longest goes first. */
export const MAX_SOURCES_PER_SIDE = 64;

/** Reports kept of one source; the oldest goes first. An answer to an older one goes unmatched. */
export const MAX_RECENT_REPORTS = 16;

/** Two equal reports closer than this are one, seen twice by a mirror port. */
export const COPY_WINDOW_MS = 50;

/** What became of reports that gave no round-trip time, and what was forgotten. */
export interface RoundTripCounters {
  /** LSR or LRR 0: the reporter had received nothing to answer. */
  noReport: number;
  /** What it answers was not seen, or long ago. */
  unmatched: number;
  /** It would answer two sources of the same SSRC, and the ports do not tell them apart. */
  ambiguous: number;
  /** Beyond what a coarse clock explains. */
  negative: number;
  tooLong: number;
  /** Seen twice. */
  copies: number;
  evictedSources: number;
  evictedConversations: number;
}

/** Counters at 0. */
export function roundTripCounters(): RoundTripCounters {
  return {
    noReport: 0,
    unmatched: 0,
    ambiguous: 0,
    negative: 0,
    tooLong: 0,
    copies: 0,
    evictedSources: 0,
    evictedConversations: 0,
  };
}

/** A record that another may answer. */
export type Answerable = SenderInfo | XrReferenceTime;

/** A record that answers another. */
export type Answer = ReportBlock | XrDlrr;

/** Whether a record can be answered. A sender without a clock states 0, which is no answer's LSR. */
export function isAnswerable(record: RtcpRecord): record is Answerable {
  return record.kind === "sender-info" || record.kind === "xr-reference-time";
}

/** Whether a record answers another. */
export function isAnswer(record: RtcpRecord): record is Answer {
  return record.kind === "report-block" || record.kind === "xr-dlrr";
}

const COUNTER_OF = {
  "no-report": "noReport",
  negative: "negative",
  "too-long": "tooLong",
} as const satisfies Record<RoundTripFault, keyof RoundTripCounters>;

interface SentReport {
  readonly middle: number;
  readonly atMs: number;
  readonly path: string;
}

interface Source {
  /** Oldest first. */
  readonly reports: SentReport[];
  /** By reporter: the answer it gave last. */
  readonly answers: Map<number, string>;
}

/** What one side of a path sent, for the other to answer. */
export class SentReports {
  readonly #sources = new Map<string, Source>();
  readonly #counters: RoundTripCounters;

  /** `counters` may be shared and is counted in. */
  constructor(counters: RoundTripCounters) {
    this.#counters = counters;
  }

  /** Notes a report when it is seen. */
  note(record: Answerable): void {
    const middle = ntpMiddle(record.ntpSeconds, record.ntpFraction);
    const { reports } = this.#touched(sourceKey(record.kind, record.senderSsrc));
    const path = pathKey(record.path);
    const isCopy = reports.some(
      (earlier) =>
        earlier.middle === middle &&
        earlier.path === path &&
        record.atMs - earlier.atMs < COPY_WINDOW_MS,
    );
    if (isCopy) {
      this.#counters.copies += 1;
      return;
    }
    reports.push({ middle, atMs: record.atMs, path });
    if (reports.length > MAX_RECENT_REPORTS) reports.shift();
  }

  /** Seconds from the report that is answered to the answer, less the answerer's own delay. */
  secondsTo(answer: Answer): number | undefined {
    const [last, delay] =
      answer.kind === "report-block" ? [answer.lsr, answer.dlsr] : [answer.lrr, answer.dlrr];
    if (last === 0) {
      this.#counters.noReport += 1;
      return undefined;
    }
    const kind = answer.kind === "report-block" ? "sender-info" : "xr-reference-time";
    const source = this.#sources.get(sourceKey(kind, answer.subjectSsrc));
    const candidates = source?.reports.filter(({ middle }) => middle === last) ?? [];
    if (source === undefined || candidates.length === 0) {
      this.#counters.unmatched += 1;
      return undefined;
    }
    if (isRepeated(source, answer.senderSsrc, `${last}/${delay}`)) {
      this.#counters.copies += 1;
      return undefined;
    }
    const answered = this.#onOnePath(candidates, answer.path);
    if (answered === undefined) return undefined;
    const { seconds, fault } = boundedRoundTrip(latestFit(answered, answer.atMs, delay / 65536));
    if (fault !== undefined) this.#counters[COUNTER_OF[fault]] += 1;
    return seconds;
  }

  /** The reports that went the exact reverse way, else all if they went one way. */
  #onOnePath(candidates: readonly SentReport[], path: Path): readonly SentReport[] | undefined {
    const reverse = reverseKey(path);
    const exact = candidates.filter((candidate) => candidate.path === reverse);
    if (exact.length > 0) return exact;
    if (candidates.every((candidate) => candidate.path === candidates[0]?.path)) return candidates;
    this.#counters.ambiguous += 1;
    return undefined;
  }

  #touched(key: string): Source {
    const source = this.#sources.get(key) ?? { reports: [], answers: new Map<number, string>() };
    this.#sources.delete(key);
    this.#sources.set(key, source);
    if (this.#sources.size > MAX_SOURCES_PER_SIDE) {
      const [oldest] = this.#sources.keys();
      if (oldest !== undefined) this.#sources.delete(oldest);
      this.#counters.evictedSources += 1;
    }
    return source;
  }
}

/**
 * The same delay since the same report, stated again, is a copy, or comes from a stack that does
 * not count it: in neither case a new measurement.
 */
function isRepeated({ answers }: Source, reporterSsrc: number, answer: string): boolean {
  if (answers.get(reporterSsrc) === answer) return true;
  answers.delete(reporterSsrc);
  answers.set(reporterSsrc, answer);
  if (answers.size > MAX_SOURCES_PER_SIDE) {
    const [oldest] = answers.keys();
    if (oldest !== undefined) answers.delete(oldest);
  }
  return false;
}

/**
 * Seconds since the newest report that had time to be answered. Several can carry the same NTP time:
 * some stacks stamp with the time of the last RTP packet, which stands still while the call is held.
 */
function latestFit(reports: readonly SentReport[], atMs: number, delaySeconds: number): number {
  let seconds = -Infinity;
  for (let index = reports.length - 1; index >= 0; index -= 1) {
    seconds = (atMs - (reports[index]?.atMs ?? NaN)) / 1000 - delaySeconds;
    if (seconds >= -MAX_CLAMPED_NEGATIVE_SECONDS) break;
  }
  return seconds;
}

function sourceKey(kind: Answerable["kind"], ssrc: number): string {
  return `${kind}/${ssrc}`;
}

const pathKey = memoized(
  ({ source, destination }: Path) => `${endpointKey(source)}>${endpointKey(destination)}`,
);

const reverseKey = memoized(
  ({ source, destination }: Path) => `${endpointKey(destination)}>${endpointKey(source)}`,
);
