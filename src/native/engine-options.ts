/**
 * What a host may choose about the statistics, and the check of it.
 *
 * @module
 */

/** What a host may choose about the statistics. */
export interface EngineOptions {
  /** Delay of the simulated fixed buffer. From 1 to 10,000 ms. @default 60 */
  readonly fixedBufferMs?: number;
  /** Least delay of the simulated adaptive buffer. From 0 to 10,000 ms. @default 20 */
  readonly adaptiveBufferMinMs?: number;
  /** Most delay of the simulated adaptive buffer. From its least to 10,000 ms. @default 200 */
  readonly adaptiveBufferMaxMs?: number;
  /** Length of an interval of the series. From 100 to 3,600,000 ms. @default 5000 */
  readonly intervalMs?: number;
  /** Intervals kept for each stream; more are merged pairwise. From 2 to 100,000. @default 720 */
  readonly intervalsKept?: number;
  /** Streams kept in all; packets of more are counted as evicted. From 1 to 4,194,304. @default 262144 */
  readonly maxStreams?: number;
}

/**
 * The options in the addon's order, defaults filled in.
 *
 * @throws {RangeError} If one is outside its range.
 */
export function checkedOptions(options: EngineOptions): Float64Array {
  const {
    fixedBufferMs = 60,
    adaptiveBufferMinMs = 20,
    adaptiveBufferMaxMs = 200,
    intervalMs = 5000,
    intervalsKept = 720,
    maxStreams = 262_144,
  } = options;
  requireWithin("fixedBufferMs", fixedBufferMs, 1, 10_000);
  requireWithin("adaptiveBufferMinMs", adaptiveBufferMinMs, 0, 10_000);
  requireWithin("adaptiveBufferMaxMs", adaptiveBufferMaxMs, adaptiveBufferMinMs, 10_000);
  requireWithin("intervalMs", intervalMs, 100, 3_600_000);
  requireWithin("intervalsKept", intervalsKept, 2, 100_000);
  requireWithin("maxStreams", maxStreams, 1, 4_194_304);
  return Float64Array.of(
    fixedBufferMs,
    adaptiveBufferMinMs,
    adaptiveBufferMaxMs,
    intervalMs,
    intervalsKept,
    maxStreams,
  );
}

/** @throws {RangeError} If the value is outside the range, both ends of which are in it. */
export function requireWithin(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new RangeError(
    `${name} is ${String(value)}; it must be from ${String(low)} to ${String(high)}`,
  );
}
