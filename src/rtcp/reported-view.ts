/**
 * What the far end says of one stream: how its receiver hears it (report blocks of RFC 3550 §6.4.1,
 * VoIP metrics of RFC 3611 §4.7), and what its sender says of itself. Nothing here is measured.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { Draft } from "./present.js";
import type {
  Path,
  ReportBlock,
  RtcpRecord,
  SenderInfo,
  VoipMetrics,
  XrVoipMetrics,
} from "./report.js";
import { RoundTripAccumulator, type RoundTripSummary } from "./round-trip.js";
import { COPY_WINDOW_MS } from "./sent-reports.js";

/**
 * A larger jitter is a defect of the reporter, who has not understood the stream's timestamps: ten
 * seconds of video, whose clock is the fastest in use.
 */
export const MAX_REPORTED_JITTER_TICKS = 900_000;

/** Reporters told apart for one stream; a unicast stream has one. The oldest is forgotten. */
const MAX_REPORTERS = 16;

/** The last, the mean and the largest of what was reported. */
export interface ReportedRange {
  readonly last: number;
  /** Of all reports, each counted once. */
  readonly mean: number;
  readonly max: number;
}

/** What the sender of a stream says of itself. */
export interface SenderReports {
  readonly count: number;
  /** As last stated, with the wraps of its 32-bit field added that were seen. */
  readonly packetsSent: number;
  /** Payload only; as `packetsSent`. */
  readonly bytesSent: number;
}

/** What was reported about one stream. What nobody reported is absent. */
export interface ReportedView {
  /** Report blocks about the stream. */
  readonly reports: number;
  /** Cumulative, as last reported; negative when duplicates outnumber losses. */
  readonly packetsLost?: number;
  /** Of the interval between two reports, from 0 to 255/256. */
  readonly fractionLost?: ReportedRange;
  /** Absent without a clock rate. */
  readonly jitterSeconds?: ReportedRange;
  /** Reports whose jitter was beyond {@link MAX_REPORTED_JITTER_TICKS} and is left out. */
  readonly jitterDiscarded?: number;
  /** As last reported: the sequence number, and its cycles above 16 bits. */
  readonly extendedHighestSequence?: number;
  /** As the receiver measured it (VoIP metrics). */
  readonly roundTrip?: RoundTripSummary;
  /** As last reported. */
  readonly voipMetrics?: VoipMetrics;
  readonly senderReports?: SenderReports;
  /** The sender's. */
  readonly cname?: string;
  /** The sender left: epoch milliseconds, and its reason. */
  readonly bye?: { readonly atMs: number; readonly reason?: string };
}

/** A stream that reports can be about. */
export interface ReportedStream {
  readonly ssrc: number;
  /** Where its RTP packets come from and go to. */
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** Gathers what is reported about one stream. Bounded: it keeps totals and last values. */
export class StreamReports {
  /** One of each reporter; oldest first. */
  #lastByReporter: ReportBlock[] = [];
  readonly #fractionLost = new Range();
  readonly #jitterTicks = new Range();
  #roundTrip: RoundTripAccumulator | undefined;
  #reports = 0;
  #jitterDiscarded = 0;
  #last: ReportBlock | undefined;
  #lastMetrics: XrVoipMetrics | undefined;
  #sender: SenderTotals | undefined;
  #cname: string | undefined;
  #bye: ReportedView["bye"];

  /**
   * Takes a record about the stream: from its receiver a report block or VoIP metrics, from its
   * sender the rest. The caller has seen to it that it is about this stream, as
   * {@link ReportedStreams} does. Kinds that say nothing of a stream are ignored.
   */
  observe(record: RtcpRecord): void {
    switch (record.kind) {
      case "report-block":
        this.#observeBlock(record);
        break;
      case "xr-voip-metrics":
        this.#observeMetrics(record);
        break;
      case "sender-info":
        this.#sender ??= new SenderTotals();
        this.#sender.observe(record);
        break;
      case "cname":
        this.#cname = record.cname;
        break;
      case "bye":
        this.#bye ??= {
          atMs: record.atMs,
          ...(record.reason !== undefined && { reason: record.reason }),
        };
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

  /**
   * What was reported so far; `undefined` if nothing was.
   *
   * @param clockRateHz Of the stream's RTP timestamps. Without it a reported jitter has no unit.
   * @throws {RangeError} If `clockRateHz` is not above 0.
   */
  view(clockRateHz?: number): ReportedView | undefined {
    if (clockRateHz !== undefined && !(clockRateHz > 0)) {
      throw new RangeError(`clockRateHz is ${clockRateHz}; it must be above 0`);
    }
    const isEmpty =
      this.#last === undefined &&
      this.#lastMetrics === undefined &&
      this.#sender === undefined &&
      this.#cname === undefined &&
      this.#bye === undefined;
    return isEmpty ? undefined : this.#written(clockRateHz);
  }

  /** The way of RTCP beside the stream, in its direction; absent while nothing was reported. */
  get rtcpPath(): Path | undefined {
    if (this.#last === undefined) return this.#sender?.path;
    const { source, destination } = this.#last.path;
    return { source: destination, destination: source };
  }

  #written(clockRateHz: number | undefined): ReportedView {
    const view: Draft<ReportedView> = { reports: this.#reports };
    const last = this.#last;
    if (last !== undefined) view.packetsLost = last.packetsLost;
    const fractionLost = this.#fractionLost.value();
    if (fractionLost !== undefined) view.fractionLost = fractionLost;
    const jitterSeconds =
      clockRateHz === undefined ? undefined : this.#jitterTicks.value(1 / clockRateHz);
    if (jitterSeconds !== undefined) view.jitterSeconds = jitterSeconds;
    if (this.#jitterDiscarded > 0) view.jitterDiscarded = this.#jitterDiscarded;
    if (last !== undefined) view.extendedHighestSequence = last.extendedHighestSequence;
    const roundTrip = this.#roundTrip?.summary();
    if (roundTrip !== undefined) view.roundTrip = roundTrip;
    const metrics = this.#lastMetrics?.metrics;
    if (metrics !== undefined) view.voipMetrics = structuredClone(metrics);
    if (this.#sender !== undefined) view.senderReports = this.#sender.value();
    if (this.#cname !== undefined) view.cname = this.#cname;
    if (this.#bye !== undefined) view.bye = this.#bye;
    return view;
  }

  #observeBlock(block: ReportBlock): void {
    const previous = this.#replaced(block);
    if (previous !== undefined && isCopyOf(previous, block)) return;
    this.#reports += 1;
    this.#last = block;
    this.#fractionLost.add(block.fractionLost);
    if (block.jitterTicks <= MAX_REPORTED_JITTER_TICKS) this.#jitterTicks.add(block.jitterTicks);
    else this.#jitterDiscarded += 1;
  }

  /** The block of the same reporter that this one takes the place of, as the newest. */
  #replaced(block: ReportBlock): ReportBlock | undefined {
    const all = this.#lastByReporter;
    let index = all.length - 1;
    while (index >= 0 && all[index]?.senderSsrc !== block.senderSsrc) index -= 1;
    const previous = all[index];
    if (previous !== undefined && index === all.length - 1) {
      all[index] = block;
      return previous;
    }
    // Another array for each: nearly every stream has one reporter.
    const others = all.filter((one) => one !== previous).slice(1 - MAX_REPORTERS);
    this.#lastByReporter = others.concat(block);
    return previous;
  }

  #observeMetrics(record: XrVoipMetrics): void {
    const last = this.#lastMetrics;
    this.#lastMetrics = record;
    const isCopy =
      last?.senderSsrc === record.senderSsrc && record.atMs - last.atMs < COPY_WINDOW_MS;
    const { roundTripSeconds } = record.metrics;
    if (isCopy || roundTripSeconds === undefined) return;
    this.#roundTrip ??= new RoundTripAccumulator();
    this.#roundTrip.add(roundTripSeconds);
  }
}

/** Whether a mirror port has shown the same block twice. */
function isCopyOf(previous: ReportBlock, block: ReportBlock): boolean {
  return (
    block.atMs - previous.atMs < COPY_WINDOW_MS &&
    block.extendedHighestSequence === previous.extendedHighestSequence &&
    block.packetsLost === previous.packetsLost &&
    block.fractionLost === previous.fractionLost &&
    block.jitterTicks === previous.jitterTicks &&
    block.lsr === previous.lsr &&
    block.dlsr === previous.dlsr
  );
}

class Range {
  #count = 0;
  #sum = 0;
  #last = 0;
  #max = 0;

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#last = value;
    this.#max = Math.max(this.#max, value);
  }

  value(unit = 1): ReportedRange | undefined {
    if (this.#count === 0) return undefined;
    return {
      last: this.#last * unit,
      mean: (this.#sum / this.#count) * unit,
      max: this.#max * unit,
    };
  }
}

class SenderTotals {
  readonly #packets = new UnwrappedCounter();
  readonly #bytes = new UnwrappedCounter();
  #count = 0;
  #last: SenderInfo | undefined;

  observe(info: SenderInfo): void {
    const last = this.#last;
    const isCopy =
      last !== undefined &&
      info.atMs - last.atMs < COPY_WINDOW_MS &&
      info.ntpSeconds === last.ntpSeconds &&
      info.ntpFraction === last.ntpFraction &&
      info.packetsSent === last.packetsSent;
    if (isCopy) return;
    this.#count += 1;
    this.#last = info;
    this.#packets.take(info.packetsSent);
    this.#bytes.take(info.bytesSent);
  }

  /** Of the last report. */
  get path(): Path | undefined {
    return this.#last?.path;
  }

  value(): SenderReports {
    return {
      count: this.#count,
      packetsSent: this.#packets.value,
      bytesSent: this.#bytes.value,
    };
  }
}

/** A 32-bit counter that goes on counting where the field wraps, and starts anew where it resets. */
class UnwrappedCounter {
  #wraps = 0;
  #field = 0;

  get value(): number {
    return this.#wraps * 2 ** 32 + this.#field;
  }

  take(field: number): void {
    if (field < this.#field) {
      // Half the range forward is a wrap; more than that is the sender counting from 0 again.
      const isWrap = field + 2 ** 32 - this.#field < 2 ** 31;
      this.#wraps = isWrap ? this.#wraps + 1 : 0;
    }
    this.#field = field;
  }
}
