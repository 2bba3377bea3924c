import { describe, expect, it } from "vitest";

import { assessQuality } from "../../src/quality/assess.js";
import type { Quality, QualityInput } from "../../src/quality/assess.js";
import { CODECS } from "../../src/quality/codecs.js";
import type { CodecImpairment } from "../../src/quality/codec-impairment.js";
import { bestRating } from "../../src/quality/e-model.js";

const EXPECTED = 10_000;

/** The conditions of a stream, each in the order in which it gets worse. */
const GRID = {
  packetsNeverReceived: [0, 1, 50, 100, 300, 1000, 2500, 5000, 9000, 10_000],
  packetsDiscarded: [0, 1, 100, 500, 2000, 10_000],
  burstRatio: [1, 1.1, 1.5, 2, 4, 20, 1000],
  rttSeconds: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 5],
} as const;

type Condition = keyof typeof GRID;
const CONDITIONS = Object.keys(GRID) as Condition[];

type Point = Readonly<Record<Condition, number>>;

const POINTS: readonly Point[] = GRID.packetsNeverReceived.flatMap((packetsNeverReceived) =>
  GRID.packetsDiscarded.flatMap((packetsDiscarded) =>
    GRID.burstRatio.flatMap((burstRatio) =>
      GRID.rttSeconds.map((rttSeconds) => ({
        packetsNeverReceived,
        packetsDiscarded,
        burstRatio,
        rttSeconds,
      })),
    ),
  ),
);

function keyOf(point: Point): string {
  return CONDITIONS.map((condition) => point[condition]).join();
}

/** Every pair of points of which the second is one step worse in one condition. */
const STEPS: readonly (readonly [before: string, after: string])[] = POINTS.flatMap((point) =>
  CONDITIONS.flatMap((condition) => {
    const values: readonly number[] = GRID[condition];
    const worse = values[values.indexOf(point[condition]) + 1];
    if (worse === undefined) return [];
    return [[keyOf(point), keyOf({ ...point, [condition]: worse })] as const];
  }),
);

function assess(codec: CodecImpairment, point: Point, more: Partial<QualityInput>): Quality {
  const quality = assessQuality({ codec, packetsExpected: EXPECTED, ...point, ...more });
  if (quality === undefined) throw new Error(`${codec.name} was not assessed`);
  return quality;
}

/** The scores that got better where they must not have; rounding of doubles aside. */
function improvements(before: Quality, after: Quality): string[] {
  const tiny = 1e-11;
  return (["rFactor", "mosCq", "mosLq"] as const).filter(
    (score) => (after[score] ?? Number.NaN) > (before[score] ?? Number.NaN) + tiny,
  );
}

const withLossRobustness = CODECS.filter(({ bpl }) => bpl !== undefined);
const without = CODECS.filter(({ bpl }) => bpl === undefined);

function titled(codec: CodecImpairment): {
  readonly title: string;
  readonly codec: CodecImpairment;
} {
  return { title: `${codec.encodingName}: ${codec.name}`, codec };
}

describe.each(withLossRobustness.map(titled))("$title", ({ codec }) => {
  const qualities = new Map(POINTS.map((point) => [keyOf(point), assess(codec, point, {})]));

  it("never sounds better for more loss, bursts, discards or delay", () => {
    const found: string[] = [];
    for (const [from, to] of STEPS) {
      const [before, after] = [qualities.get(from), qualities.get(to)];
      if (before === undefined || after === undefined) throw new Error(`no ${from} or ${to}`);
      const better = improvements(before, after);
      if (better.length > 0) found.push(`${better.join()} from ${from} to ${to}`);
    }
    expect(found).toEqual([]);
  });

  it("loses what its costs add up to, scores 1 to 4.5, and costs are 0 or more", () => {
    const found: string[] = [];
    for (const [point, { rFactor, mosCq = Number.NaN, mosLq, costs }] of qualities) {
      const { delay = Number.NaN, codec: ie, randomLoss, burstLoss = 0, lateLoss } = costs;
      const rest = bestRating(codec.scale) - (delay + ie + randomLoss + burstLoss + lateLoss);
      const isSum = Math.abs(rFactor - Math.max(0, rest)) < 1e-9;
      const isScore = mosCq >= 1 && mosCq <= mosLq && mosLq <= 4.5;
      const isCost = Object.values(costs).every((cost: number) => cost >= -1e-12);
      if (!isSum || !isScore || !isCost) found.push(JSON.stringify({ point, rFactor, costs }));
    }
    expect(found).toEqual([]);
  });

  it("sounds worse, not merely no better, over the range where people notice", () => {
    const mild = { packetsDiscarded: 0, burstRatio: 1, rttSeconds: 0.05 };
    const [few, some] = [50, 300].map((packetsNeverReceived) =>
      assess(codec, { ...mild, packetsNeverReceived }, {}),
    );
    const slow = assess(codec, { ...mild, packetsNeverReceived: 50, rttSeconds: 0.5 }, {});
    expect(some?.rFactor).toBeLessThan((few?.rFactor ?? 0) - 0.5);
    expect(slow.rFactor).toBeLessThan((few?.rFactor ?? 0) - 5);
  });
});

describe.each([{ telrDb: 25 }, { telrDb: 45 }, { telrDb: 65 }])("with echo, $telrDb dB", (echo) => {
  it.each(withLossRobustness.filter((_, index) => index % 12 === 0))(
    "$name never sounds better for more delay, from none at all",
    (codec) => {
      const still: Point = {
        packetsNeverReceived: 100,
        packetsDiscarded: 0,
        burstRatio: 1.5,
        rttSeconds: 0,
      };
      let before = assess(codec, still, { ...echo, bufferDelayMs: 0, packetizationMs: 0 });
      for (let rttSeconds = 0; rttSeconds < 2; rttSeconds += 0.0005) {
        const conditions = { ...echo, bufferDelayMs: 0, packetizationMs: 0 };
        const after = assess(codec, { ...still, rttSeconds }, conditions);
        expect(improvements(before, after), `${rttSeconds} s`).toEqual([]);
        before = after;
      }
    },
  );
});

describe.each(without.map(titled))("$title", ({ codec }) => {
  it("never sounds better for more delay, and has no score with loss", () => {
    let before: Quality | undefined;
    for (const rttSeconds of GRID.rttSeconds) {
      const still = { packetsNeverReceived: 0, packetsDiscarded: 0, burstRatio: 1, rttSeconds };
      const after = assess(codec, still, {});
      if (before !== undefined) expect(improvements(before, after)).toEqual([]);
      before = after;
      const lossy = { ...still, codec, packetsExpected: EXPECTED, packetsNeverReceived: 1 };
      expect(assessQuality(lossy)).toBeUndefined();
    }
  });
});
