/**
 * What the RTCP of one transport says, both ways: round trips by our own clock, what each side
 * reports of each stream, and what receivers ask of senders.
 *
 * @module
 */

import { EndpointRoundTrip } from "../rtcp/endpoint-round-trip.js";
import type { ReportBlock, RtcpRecord, SenderInfo } from "../rtcp/report.js";
import { StreamReports, type ReportedView } from "../rtcp/reported-view.js";
import { MAX_CLAMPED_NEGATIVE_SECONDS, ntpMiddle } from "../rtcp/round-trip.js";
import { MAX_RECENT_REPORTS } from "../rtcp/sent-reports.js";
import type { FeedbackReport } from "../call/report.js";

/** Whether this side receives a stream or sends it. */
export type Way = "inbound" | "outbound";

/** Streams of one way that reports are kept of. Reports of further ones are not. */
export const MAX_REPORTED_SSRCS = 64;

/** Both ends tell time in milliseconds, some in whole ones. */
const CLOCK_GRAIN_SECONDS = 0.002;

type Counts = { -readonly [Key in keyof FeedbackReport]: FeedbackReport[Key] };

interface SentStamp {
  readonly middle: number;
  readonly atMs: number;
}

/** One transport's RTCP. */
export class RtcpTap {
  readonly #onRoundTrip: (seconds: number) => void;
  readonly #roundTrip = new EndpointRoundTrip();
  /** An echo has the same SSRC both ways. */
  readonly #reports: Readonly<Record<Way, Map<number, StreamReports>>> = {
    inbound: new Map(),
    outbound: new Map(),
  };
  readonly #feedback = new Map<number, Counts>();
  readonly #stamps = new Map<number, SentStamp[]>();
  readonly #cycles = new Map<string, SequenceCycles>();

  constructor(onRoundTrip: (seconds: number) => void) {
    this.#onRoundTrip = onRoundTrip;
  }

  /** Takes what came in. `expectedSeconds` is what another measure of the round trip said last. */
  received(records: readonly RtcpRecord[], expectedSeconds?: number): void {
    for (const record of records) {
      const isGuess = record.kind === "report-block" && this.#answersOlder(record, expectedSeconds);
      const sample = isGuess ? undefined : this.#roundTrip.received(record);
      if (sample !== undefined) this.#onRoundTrip(sample.seconds);
      this.#take(record, "outbound", "inbound");
      if (record.kind === "feedback") this.#countFeedback(record);
    }
  }

  /** Takes what is sent. */
  sent(records: readonly RtcpRecord[]): void {
    for (const record of records) {
      this.#roundTrip.sent(record);
      if (record.kind === "sender-info") this.#stamp(record);
      this.#take(record, "inbound", "outbound");
    }
  }

  /** What was reported of a stream, by its receiver and by its sender. */
  view(way: Way, ssrc: number, clockRateHz: number | undefined): ReportedView | undefined {
    return this.#reports[way].get(ssrc)?.view(clockRateHz);
  }

  /** What receivers asked of the sender of a stream. */
  feedback(ssrc: number): FeedbackReport {
    const {
      nacks = 0,
      pictureLossIndications = 0,
      fullIntraRequests = 0,
    } = this.#feedback.get(ssrc) ?? {};
    return { nacks, pictureLossIndications, fullIntraRequests };
  }

  /** Receivers speak of what comes to them, senders of what they send. */
  #take(record: RtcpRecord, ofReceiver: Way, ofSender: Way): void {
    switch (record.kind) {
      case "report-block": {
        const extendedHighestSequence = this.#unwrapped(record);
        const block = { ...record, extendedHighestSequence };
        this.#reportsOf(ofReceiver, record.subjectSsrc)?.observe(block);
        break;
      }
      case "xr-voip-metrics":
        this.#reportsOf(ofReceiver, record.subjectSsrc)?.observe(record);
        break;
      case "cname":
      case "bye":
        this.#reportsOf(ofSender, record.subjectSsrc)?.observe(record);
        break;
      case "sender-info":
        this.#reportsOf(ofSender, record.senderSsrc)?.observe(record);
        break;
      case "receiver-report":
      case "xr-reference-time":
      case "xr-dlrr":
      case "xr-statistics":
      case "feedback":
      case "application":
      case "encrypted":
        break;
    }
  }

  #reportsOf(way: Way, ssrc: number): StreamReports | undefined {
    return entryOf(this.#reports[way], ssrc, () => new StreamReports());
  }

  /** The stack counts some requests at the wrong end, and some not at all. */
  #countFeedback({ subjectSsrc, layer, format }: RtcpRecord & { kind: "feedback" }): void {
    const none = { nacks: 0, pictureLossIndications: 0, fullIntraRequests: 0 };
    const counts = entryOf(this.#feedback, subjectSsrc, () => none);
    if (counts === undefined) return;
    if (layer === "transport" && format === 1) counts.nacks += 1;
    if (layer === "payload" && format === 1) counts.pictureLossIndications += 1;
    if (layer === "payload" && format === 4) counts.fullIntraRequests += 1;
  }

  #stamp({ senderSsrc, ntpSeconds, ntpFraction, atMs }: SenderInfo): void {
    const stamps = entryOf(this.#stamps, senderSsrc, (): SentStamp[] => []);
    if (stamps === undefined) return;
    stamps.push({ middle: ntpMiddle(ntpSeconds, ntpFraction), atMs });
    if (stamps.length > MAX_RECENT_REPORTS) stamps.shift();
  }

  /**
   * While nothing is sent, all sender reports have one NTP time, and a report block may answer any of
   * them. The newest that had time to be answered is the likeliest, unless it had that by a hair, or
   * STUN's measure fits an older one better: the path is then slower than reports follow each other.
   * No sample is better than one that may be a whole interval off.
   */
  #answersOlder(block: ReportBlock, expectedSeconds: number | undefined): boolean {
    const fits: number[] = [];
    for (const { middle, atMs } of this.#stamps.get(block.subjectSsrc) ?? []) {
      const seconds = (block.atMs - atMs) / 1000 - block.dlsr / 65536;
      if (middle === block.lsr && seconds >= -MAX_CLAMPED_NEGATIVE_SECONDS) fits.push(seconds);
    }
    const newest = fits.at(-1);
    if (newest === undefined || fits.length === 1) return false;
    if (newest < -CLOCK_GRAIN_SECONDS) return true;
    if (expectedSeconds === undefined) return false;
    const distance = (seconds: number): number => Math.abs(seconds - expectedSeconds);
    return fits.some((seconds) => distance(seconds) < distance(newest));
  }

  #unwrapped(block: ReportBlock): number {
    const key = `${block.senderSsrc} ${block.subjectSsrc}`;
    const cycles = entryOf(this.#cycles, key, () => new SequenceCycles());
    return cycles?.extend(block.extendedHighestSequence) ?? block.extendedHighestSequence;
  }
}

/** Counts the wraps of a reporter that does not: its upper 16 bits are always 0. */
class SequenceCycles {
  #cycles = 0;
  #last: number | undefined;
  #isCountedByReporter = false;

  extend(extended: number): number {
    if (extended > 0xffff) this.#isCountedByReporter = true;
    if (this.#isCountedByReporter) return extended;
    const last = this.#last;
    if (last !== undefined && last - extended > 0x8000) this.#cycles += 1;
    this.#last = extended;
    return this.#cycles * 0x10000 + extended;
  }
}

/** The entry of a key, made on first use while there is room. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value | undefined {
  const known = map.get(key);
  if (known !== undefined || map.size >= MAX_REPORTED_SSRCS) return known;
  const value = make();
  map.set(key, value);
  return value;
}
