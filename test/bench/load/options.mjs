/**
 * What a generated load consists of.
 *
 * @module
 */

const DEFAULTS = {
  seed: 1,
  ipv6Share: 0.2,
  lossRatio: 0.005,
  burstRatio: 0.0002,
  longestBurstPackets: 8,
  reorderRatio: 0.001,
  duplicateRatio: 0.0005,
  jitterSigmaMs: 1.5,
  rtcpIntervalSeconds: 5,
  startSpread: 0.5,
  startAtMs: Date.UTC(2026, 0, 5, 9),
};

/** The loads that the benchmark reads. Names: calls or streams, then packets. */
export const PRESETS = {
  c1k_1m: { calls: 1000, packets: 1_000_000 },
  c1k_5m: { calls: 1000, packets: 5_000_000 },
  n10k: { calls: 5000, packets: 3_000_000 },
  n100k: { calls: 50_000, packets: 4_000_000 },
};

const WHOLE = ["calls", "packets", "seed", "longestBurstPackets", "startAtMs"];
const RANGES = {
  calls: [1, 200_000],
  packets: [1, 100_000_000],
  seed: [0, 0xffffffff],
  ipv6Share: [0, 1],
  lossRatio: [0, 0.5],
  burstRatio: [0, 0.1],
  longestBurstPackets: [2, 255],
  reorderRatio: [0, 0.2],
  duplicateRatio: [0, 0.2],
  jitterSigmaMs: [0, 5],
  rtcpIntervalSeconds: [0.5, 600],
  startSpread: [0, 1000],
  startAtMs: [0, 4_000_000_000_000],
};

/** Sent every 20 ms. */
export const PACKET_US = 20_000;
export const SIP_MESSAGES = 7;
export const SLOWEST_REORDER_US = 65_000;
export const SLOWEST_COPY_US = 30_000;

/**
 * Options with every default filled in, and the packets an average stream sends.
 *
 * @throws {RangeError} If a value is out of its range.
 */
export function completeOptions(options) {
  const complete = { ...DEFAULTS, ...options };
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = complete[name];
    const isWhole = !WHOLE.includes(name) || Number.isInteger(value);
    if (!(value >= least && value <= most) || !isWhole) {
      throw new RangeError(
        `${name} is ${String(value)}; it must be ${WHOLE.includes(name) ? "a whole number " : ""}from ${least} to ${most}.`,
      );
    }
  }
  const meanBurst = (2 + complete.longestBurstPackets) / 2;
  const gone = complete.lossRatio + complete.burstRatio * meanBurst;
  const reports = PACKET_US / 1e6 / complete.rtcpIntervalSeconds;
  const framesAPacket = 1 - gone + complete.duplicateRatio * (1 - gone) + reports;
  const media = complete.packets / complete.calls - SIP_MESSAGES;
  const packetsAStream = Math.round(media / 2 / framesAPacket);
  if (packetsAStream < 4) {
    throw new RangeError(
      `packets is ${complete.packets}; ${complete.calls} calls need at least ${complete.calls * 16}.`,
    );
  }
  return { ...complete, packetsAStream };
}
