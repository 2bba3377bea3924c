/**
 * The recent sender reports and reference times of one side of a path, with the time at which each
 * was seen, and the search for the one that a report of the other side answers.
 *
 * The observer's clock alone enters the result, so neither end's clock need be right.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
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

/** The answer that a reporter gave last. */
interface GivenAnswer {
  readonly reporterSsrc: number;
  last: number;
  delay: number;
}

interface Source {
  readonly kind: Answerable["kind"];
  readonly ssrc: number;
  /** When the first of all was seen. */
  readonly sinceMs: number;
  // What it sent, oldest first: the middles of the NTP times side by side, because all are looked at
  // each time.
  readonly middles: number[];
  readonly timesMs: number[];
  readonly paths: Path[];
  /** One of each reporter; oldest first. */
  answers: readonly GivenAnswer[];
}

/** What one side of a path sent, for the other to answer. */
export class SentReports {
  /** The one silent for longest first. Nearly always one or two: no map is as quick to search. */
  #sources: readonly Source[] = [];
  readonly #counters: RoundTripCounters;

  /** `counters` may be shared and is counted in. */
  constructor(counters: RoundTripCounters) {
    this.#counters = counters;
  }

  /** Notes a report when it is seen. */
  note(record: Answerable): void {
    const middle = ntpMiddle(record.ntpSeconds, record.ntpFraction);
    const { path, atMs } = record;
    const source = this.#touched(record.kind, record.senderSsrc, atMs);
    if (isCopy(source, middle, path, atMs)) {
      this.#counters.copies += 1;
      return;
    }
    source.middles.push(middle);
    source.timesMs.push(atMs);
    source.paths.push(path);
    if (source.middles.length <= MAX_RECENT_REPORTS) return;
    source.middles.shift();
    source.timesMs.shift();
    source.paths.shift();
  }

  /** Since when the source has reported that is answered; `undefined` if it was not seen to. */
  sinceMs(answer: Answer): number | undefined {
    const kind = answer.kind === "report-block" ? "sender-info" : "xr-reference-time";
    return this.#sources[this.#indexOf(kind, answer.subjectSsrc)]?.sinceMs;
  }

  /** Seconds from the report that is answered to the answer, less the answerer's own delay. */
  secondsTo(answer: Answer): number | undefined {
    const isBlock = answer.kind === "report-block";
    const last = isBlock ? answer.lsr : answer.lrr;
    const delay = isBlock ? answer.dlsr : answer.dlrr;
    if (last === 0) {
      this.#counters.noReport += 1;
      return undefined;
    }
    const kind = isBlock ? "sender-info" : "xr-reference-time";
    const source = this.#sources[this.#indexOf(kind, answer.subjectSsrc)];
    const candidates = source === undefined ? NONE : reportsOf(source, last);
    if (source === undefined || candidates.length === 0) {
      this.#counters.unmatched += 1;
      return undefined;
    }
    if (isRepeated(source, answer.senderSsrc, last, delay)) {
      this.#counters.copies += 1;
      return undefined;
    }
    const answered = this.#onOnePath(source, candidates, answer.path);
    if (answered === undefined) return undefined;
    const { seconds, fault } = boundedRoundTrip(
      latestFit(source, answered, answer.atMs, delay / 65536),
    );
    if (fault !== undefined) this.#counters[COUNTER_OF[fault]] += 1;
    return seconds;
  }

  /** The reports that went the exact reverse way, else all if they went one way. */
  #onOnePath(
    { paths }: Source,
    candidates: readonly number[],
    path: Path,
  ): readonly number[] | undefined {
    if (candidates.length === 1) return candidates;
    const wayBack = { source: path.destination, destination: path.source };
    const exact = candidates.filter((index) => isSameWay(paths[index], wayBack));
    if (exact.length > 0) return exact;
    const [first = wayBack] = candidates.map((index) => paths[index]);
    if (candidates.every((index) => isSameWay(paths[index], first))) return candidates;
    this.#counters.ambiguous += 1;
    return undefined;
  }

  /** The newest are looked at first; -1 without one. */
  #indexOf(kind: Answerable["kind"], ssrc: number): number {
    let index = this.#sources.length - 1;
    for (; index >= 0; index--) {
      const source = this.#sources[index];
      if (source?.ssrc === ssrc && source.kind === kind) break;
    }
    return index;
  }

  #touched(kind: Answerable["kind"], ssrc: number, atMs: number): Source {
    const index = this.#indexOf(kind, ssrc);
    const source = this.#sources[index] ?? newSource(kind, ssrc, atMs);
    if (index >= 0 && index === this.#sources.length - 1) return source;
    const others = this.#sources.filter((one) => one !== source);
    if (others.length === MAX_SOURCES_PER_SIDE) {
      others.shift();
      this.#counters.evictedSources += 1;
    }
    this.#sources = others.concat(source);
    return source;
  }
}

function newSource(kind: Answerable["kind"], ssrc: number, sinceMs: number): Source {
  return { kind, ssrc, sinceMs, middles: [], timesMs: [], paths: [], answers: [] };
}

const NONE: readonly number[] = [];

/** Which of the reports have that middle, oldest first. */
function reportsOf({ middles }: Source, middle: number): number[] {
  const found: number[] = [];
  let index = middles.indexOf(middle);
  for (; index >= 0; index = middles.indexOf(middle, index + 1)) found.push(index);
  return found;
}

/** Whether a mirror port has shown the same report twice. */
function isCopy(
  { middles, timesMs, paths }: Source,
  middle: number,
  path: Path,
  atMs: number,
): boolean {
  let index = middles.indexOf(middle);
  for (; index >= 0; index = middles.indexOf(middle, index + 1)) {
    const isRecent = atMs - (timesMs[index] ?? NaN) < COPY_WINDOW_MS;
    if (isRecent && isSameWay(paths[index], path)) return true;
  }
  return false;
}

/**
 * The same delay since the same report, stated again, is a copy, or comes from a stack that does
 * not count it: in neither case a new measurement.
 */
function isRepeated(source: Source, reporterSsrc: number, last: number, delay: number): boolean {
  const { answers } = source;
  let index = answers.length - 1;
  while (index >= 0 && answers[index]?.reporterSsrc !== reporterSsrc) index -= 1;
  const earlier = answers[index];
  if (earlier?.last === last && earlier.delay === delay) return true;
  const answer = earlier ?? { reporterSsrc, last, delay };
  answer.last = last;
  answer.delay = delay;
  if (earlier === undefined || index < answers.length - 1) {
    const others = answers.filter((one) => one !== earlier).slice(1 - MAX_SOURCES_PER_SIDE);
    source.answers = others.concat(answer);
  }
  return false;
}

/**
 * Seconds since the newest report that had time to be answered. Several can carry the same NTP time:
 * some stacks stamp with the time of the last RTP packet, which stands still while the call is held.
 */
function latestFit(
  { timesMs }: Source,
  reports: readonly number[],
  atMs: number,
  delaySeconds: number,
): number {
  let seconds = -Infinity;
  for (let number = reports.length - 1; number >= 0; number -= 1) {
    seconds = (atMs - (timesMs[reports[number] ?? 0] ?? NaN)) / 1000 - delaySeconds;
    if (seconds >= -MAX_CLAMPED_NEGATIVE_SECONDS) break;
  }
  return seconds;
}

function isSameWay(one: Path | undefined, other: Path): boolean {
  if (one === undefined || one === other) return one === other;
  return isSameEnd(one.source, other.source) && isSameEnd(one.destination, other.destination);
}

function isSameEnd(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address;
}
