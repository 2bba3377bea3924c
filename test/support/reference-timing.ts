/**
 * Delay, done slowly and plainly: an independent port that tests hold the engine against. Jitter of
 * RFC 3550 A.8, delay variation of RFC 5481 §4.2, a fixed and an adaptive playout buffer.
 *
 * @module
 */

/** A packet whose timestamp says when its first sample was taken. */
export interface TimedPacket {
  /** Arrival since the stream's first packet. */
  readonly sinceFirstNs: number;
  /** 32 bits. */
  readonly timestamp: number;
  readonly clockRateHz: number;
  /** Nothing before it has timestamps to compare with: the first one, a restart, another codec. */
  readonly startsTimeline: boolean;
  /** A copy of a packet seen before has no delay of its own. */
  readonly isDuplicate: boolean;
  readonly isSpeech: boolean;
  readonly marker: boolean;
}

/** A packet and its transit: arrival less timestamp, the first packet's taken as 0. */
export interface Transit {
  readonly packet: TimedPacket;
  readonly transitNs: number;
}

function stepNs(from: TimedPacket, to: TimedPacket): number {
  // The difference of two 32-bit numbers, signed: right across the wrap.
  const ticks = (to.timestamp - from.timestamp) | 0;
  const played = (ticks / to.clockRateHz) * 1e9;
  return to.sinceFirstNs - from.sinceFirstNs - played;
}

/** Transits in order of arrival. Where a timeline starts, the packet is taken for punctual. */
export function transitsOf(packets: readonly TimedPacket[]): Transit[] {
  const transits: Transit[] = [];
  let transitNs = 0;
  packets.forEach((packet, i) => {
    const before = packets[i - 1];
    if (before && !packet.startsTimeline) transitNs += stepNs(before, packet);
    transits.push({ packet, transitNs });
  });
  return transits;
}

/** Interarrival jitter, the mean and maximum over every update. */
export interface Jitter {
  readonly lastNs: number;
  readonly meanNs: number;
  readonly maxNs: number;
}

/** RFC 3550 A.8 in order of arrival; undefined without two packets to compare. */
export function jitterOf(packets: readonly TimedPacket[]): Jitter | undefined {
  const updates: number[] = [];
  let jitter = 0;
  packets.forEach((packet, i) => {
    const before = packets[i - 1];
    if (!before || packet.startsTimeline) return;
    jitter += (Math.abs(stepNs(before, packet)) - jitter) / 16;
    updates.push(jitter);
  });
  if (updates.length === 0) return undefined;
  const sum = updates.reduce((total, value) => total + value, 0);
  const maxNs = updates.reduce((most, value) => Math.max(most, value), 0);
  return { lastNs: jitter, meanNs: sum / updates.length, maxNs };
}

/** An interval of a stream's life, counted from its first packet. */
export interface DelayInterval {
  readonly index: number;
  readonly transitsNs: readonly number[];
}

/** Transits of all first copies by interval. An interval that ended is not opened again. */
export function delayIntervals(transits: readonly Transit[], intervalNs: number): DelayInterval[] {
  const intervals: { index: number; transitsNs: number[] }[] = [];
  for (const { packet, transitNs } of transits) {
    if (packet.isDuplicate && !packet.startsTimeline) continue;
    const index = Math.floor(packet.sinceFirstNs / intervalNs);
    const last = intervals.at(-1);
    if (last && last.index >= index) last.transitsNs.push(transitNs);
    else intervals.push({ index, transitsNs: [transitNs] });
  }
  return intervals;
}

function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

/** Delay above the least one of the same interval: RFC 5481 §4.2 with that evaluation interval. */
export interface DelayVariation {
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** Quantiles by nearest rank, over the packets of all intervals together. */
export function delayVariationOf(intervals: readonly DelayInterval[]): DelayVariation | undefined {
  const above = intervals
    .flatMap(({ transitsNs }) => {
      const least = leastOf(transitsNs);
      return transitsNs.map((transit) => transit - least);
    })
    .sort((a, b) => a - b);
  const most = above.at(-1);
  if (most === undefined) return undefined;
  const quantile = (share: number): number => above[Math.ceil(share * above.length) - 1] ?? most;
  return { p50Ns: quantile(0.5), p95Ns: quantile(0.95), p99Ns: quantile(0.99), maxNs: most };
}

/** Fewest intervals that a line through their least delays says something about a clock. */
export const DRIFT_INTERVALS = 6;
/** A line less sure than this says nothing either. */
export const DRIFT_STANDARD_ERROR_PPM = 50;

/**
 * How much the sender's clock falls behind ours, in parts per million: the least-squares slope of
 * the intervals' least transits over their middles. Undefined below six intervals, or when the
 * slope's standard error is above 50 ppm.
 */
export function clockDriftPpm(
  intervals: readonly DelayInterval[],
  intervalNs: number,
): number | undefined {
  const count = intervals.length;
  if (count < DRIFT_INTERVALS) return undefined;
  const points = intervals.map(({ index, transitsNs }) => ({
    x: (index + 0.5) * intervalNs,
    y: leastOf(transitsNs),
  }));
  const mean = (pick: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / count;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const varianceX = mean(({ x }) => (x - meanX) ** 2);
  const varianceY = mean(({ y }) => (y - meanY) ** 2);
  const covariance = mean(({ x, y }) => (x - meanX) * (y - meanY));
  const slope = covariance / varianceX;
  const unexplained = Math.max(0, varianceY - slope * covariance);
  const standardError = Math.sqrt(unexplained / varianceX / (count - 2));
  return standardError * 1e6 > DRIFT_STANDARD_ERROR_PPM ? undefined : slope * 1e6;
}

const LATE_BEFORE_RESYNC = 10;

/**
 * Packets too late for a buffer of fixed length, which plays each packet `bufferNs` after what would
 * be the arrival of one as punctual as its anchor. The anchor is the first packet, and anew: a
 * packet with the marker bit, one so early that the buffer overflows, the tenth late one in a row.
 * Each with how much later it came than a punctual one, in nanoseconds.
 */
export function lateForFixedBuffer(
  transits: readonly Transit[],
  bufferNs: number,
): Map<TimedPacket, number> {
  const late = new Map<TimedPacket, number>();
  let anchorNs: number | undefined;
  let lateInARow = 0;
  for (const { packet, transitNs } of transits) {
    anchorNs ??= transitNs;
    // Where a timeline starts there is no lateness to judge.
    if (!packet.isSpeech || packet.isDuplicate || packet.startsTimeline) continue;
    const lateness = transitNs - anchorNs;
    const isLate = lateness > bufferNs;
    if (isLate && !packet.marker && lateInARow + 1 < LATE_BEFORE_RESYNC) {
      late.set(packet, lateness);
      lateInARow += 1;
      continue;
    }
    lateInARow = 0;
    if (isLate || packet.marker || lateness < -bufferNs) anchorNs = transitNs;
  }
  return late;
}

/**
 * Packets too late for an adaptive buffer: Ramjee et al. 1994, algorithm 1, whose smoothed delay
 * begins with the first packet's and whose smoothed variation begins with a quarter of `leastNs`.
 */
export function lateForAdaptiveBuffer(
  transits: readonly Transit[],
  leastNs: number,
  mostNs: number,
): number {
  const alpha = 0.998002;
  let delay: number | undefined;
  let variation = leastNs / 4;
  let late = 0;
  for (const { packet, transitNs } of transits) {
    delay ??= transitNs;
    if (!packet.isSpeech || packet.isDuplicate || packet.startsTimeline) continue;
    // The time to play it was set before it came.
    if (transitNs > delay + Math.max(leastNs, Math.min(mostNs, 4 * variation))) late += 1;
    delay = alpha * delay + (1 - alpha) * transitNs;
    variation = alpha * variation + (1 - alpha) * Math.abs(delay - transitNs);
  }
  return late;
}
