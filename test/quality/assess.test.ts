import { describe, expect, it } from "vitest";

import { assessQuality, oneWayDelayMs } from "../../src/quality/assess.js";
import type { Quality, QualityCosts, QualityInput } from "../../src/quality/assess.js";
import type { CodecImpairment } from "../../src/quality/codec-impairment.js";
import { findCodec } from "../../src/quality/codecs.js";
import { rateFullband } from "../../src/quality/e-model-fullband.js";
import { rateNarrowband } from "../../src/quality/e-model-narrowband.js";
import { bestRating } from "../../src/quality/e-model.js";
import { mosFromR } from "../../src/quality/mos.js";

function codec(name: string, clockRateHz: number, parameters?: string): CodecImpairment {
  const found = findCodec({ name, clockRateHz, parameters });
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const pcmu = codec("PCMU", 8000);
const opus = codec("opus", 48_000);
const amrWb = codec("AMR-WB", 16_000, "mode-set=2");
const amrWbWithoutBpl = codec("AMR-WB", 16_000, "mode-set=4");

const clean: QualityInput = {
  codec: pcmu,
  packetsExpected: 1000,
  packetsNeverReceived: 0,
  packetsDiscarded: 0,
};

function assess(changes: Partial<QualityInput> = {}): Quality {
  const quality = assessQuality({ ...clean, ...changes });
  if (quality === undefined) throw new Error("not assessed");
  return quality;
}

function sum(costs: QualityCosts): number {
  const { delay = 0, codec: ie, randomLoss, burstLoss = 0, lateLoss } = costs;
  return delay + ie + randomLoss + burstLoss + lateLoss;
}

describe("assessQuality", () => {
  it("gives an undisturbed G.711 call the default rating of G.107", () => {
    const { rFactor, mosCq, mosLq, scale, costs } = assess({ rttSeconds: 0.02 });
    expect(rFactor).toBeCloseTo(93.2062077, 6);
    expect(mosCq).toBeCloseTo(4.4094, 4);
    expect(mosLq).toBe(mosCq);
    expect(scale).toBe("narrowband");
    expect(costs).toEqual({ delay: 0, codec: 0, randomLoss: 0, burstLoss: 0, lateLoss: 0 });
  });

  it("is the full G.107 for loss, bursts, discards and delay together", () => {
    const quality = assess({
      codec: codec("G729", 8000),
      packetsNeverReceived: 20,
      packetsDiscarded: 10,
      burstRatio: 1.8,
      rttSeconds: 0.3,
    });
    const conditions = { ie: 11, bpl: 19, pplPercent: 3, burstRatio: 1.8 };
    const taMs = 150 + 60 + 20 + 5;
    expect(quality.rFactor).toBeCloseTo(rateNarrowband({ ...conditions, taMs }).r, 9);
    expect(quality.mosCq).toBeCloseTo(mosFromR(rateNarrowband({ ...conditions, taMs }).r), 9);
    expect(quality.mosLq).toBeCloseTo(mosFromR(rateNarrowband(conditions).r), 9);
  });

  it("rates Opus on the fullband scale", () => {
    const quality = assess({ codec: opus, packetsNeverReceived: 50, rttSeconds: 0.4 });
    const taMs = 200 + 60 + 20 + 6.5;
    const { r } = rateFullband({ ie: 10.7, bpl: 9.8, pplPercent: 5, taMs });
    expect(quality.scale).toBe("fullband");
    expect(quality.rFactor).toBeCloseTo(r, 9);
    expect(quality.mosCq).toBeCloseTo(mosFromR(r, "fullband"), 9);
  });

  it("takes half the round-trip time as one-way delay, and adds what ends add", () => {
    expect(oneWayDelayMs(pcmu, 0.4)).toBe(200 + 60 + 20);
    expect(oneWayDelayMs(opus, 0.4)).toBe(200 + 60 + 20 + 6.5);
    const buffering = { bufferDelayMs: 100, packetizationMs: 30 };
    expect(oneWayDelayMs(codec("G729", 8000), 0, buffering)).toBe(100 + 30 + 5);
    expect(assess({ rttSeconds: 0.4 }).costs.delay).toBeCloseTo(
      rateNarrowband({ taMs: 280 }).idd,
      12,
    );
  });

  it("leaves out the conversational score and the cost of delay without a round-trip time", () => {
    const quality = assess({ packetsNeverReceived: 10 });
    expect(Object.keys(quality).sort()).toEqual(["costs", "mosLq", "rFactor", "scale"]);
    expect(Object.keys(quality.costs)).not.toContain("delay");
    expect(mosFromR(quality.rFactor)).toBe(quality.mosLq);
  });

  it("leaves out the cost of bursts on the wideband scale, which has no term for them", () => {
    const quality = assess({ codec: amrWb, packetsNeverReceived: 50, burstRatio: 3 });
    expect(Object.keys(quality.costs)).toEqual(["codec", "randomLoss", "lateLoss"]);
    expect(sum(quality.costs)).toBeCloseTo(129 - quality.rFactor, 9);
  });

  it("tells what cost what, in the order codec, random loss, burst loss, late loss, delay", () => {
    const { costs } = assess({
      codec: codec("G729", 8000),
      packetsNeverReceived: 20,
      packetsDiscarded: 30,
      burstRatio: 2,
      rttSeconds: 0.5,
    });
    const ieEff = (percent: number, ratio: number): number =>
      11 + (95 - 11) * (percent / (percent / ratio + 19));
    expect(costs.codec).toBe(11);
    expect(costs.randomLoss).toBeCloseTo(ieEff(2, 1) - 11, 10);
    expect(costs.burstLoss).toBeCloseTo(ieEff(2, 2) - ieEff(2, 1), 10);
    expect(costs.lateLoss).toBeCloseTo(ieEff(5, 2) - ieEff(2, 2), 10);
    expect(costs.delay).toBeCloseTo(rateNarrowband({ taMs: 250 + 60 + 20 + 5 }).idd, 10);
  });

  it("charges bursts nothing when only late packets were missed", () => {
    const { costs } = assess({ packetsDiscarded: 30, burstRatio: 4 });
    expect(costs).toMatchObject({ randomLoss: 0, burstLoss: 0 });
    expect(costs.lateLoss).toBeGreaterThan(0);
  });

  it("shows costs in full where they exceed the rating, which stops at 0", () => {
    const { rFactor, mosCq, costs } = assess({ packetsNeverReceived: 900, rttSeconds: 3 });
    expect(rFactor).toBe(0);
    expect(mosCq).toBe(1);
    expect(costs.randomLoss).toBeCloseTo((95 * 90) / (90 + 25.1), 9);
    expect(sum(costs)).toBeGreaterThan(bestRating("narrowband"));
  });

  it("never scores a hopeless call well: 1 s round trip and 20 % loss are no 4.34", () => {
    const hopeless = assess({ packetsNeverReceived: 200, rttSeconds: 1, bufferDelayMs: 0 });
    expect(hopeless.mosCq).toBeLessThan(1.3);
    expect(assess({ packetsNeverReceived: 350 }).mosLq).toBeLessThan(2);
  });

  it("charges echo only when an echo loss is stated", () => {
    const delayed = { rttSeconds: 0.2, bufferDelayMs: 30 };
    const taMs = 100 + 30 + 20;
    expect(assess(delayed).costs.delay).toBeCloseTo(0.16353119, 6);
    const { r } = rateNarrowband({ telrDb: 45, taMs, tMs: taMs, trMs: 2 * taMs });
    expect(assess({ ...delayed, telrDb: 45 }).rFactor).toBeCloseTo(r, 6);
  });

  it.each([
    { why: "the codec is unknown", changes: { codec: undefined } },
    { why: "nothing was expected", changes: { packetsExpected: 0 } },
    { why: "an interval's count went backwards", changes: { packetsExpected: -2 } },
    {
      why: "packets are missing and the codec has no Bpl",
      changes: { codec: amrWbWithoutBpl, packetsNeverReceived: 1 },
    },
    {
      why: "packets came late and the codec has no Bpl",
      changes: { codec: amrWbWithoutBpl, packetsDiscarded: 1 },
    },
  ])("is absent, not 4.5 and not 0, where $why", ({ changes }) => {
    expect(assessQuality({ ...clean, ...changes })).toBeUndefined();
  });

  it("rates a codec without Bpl as long as nothing is missing", () => {
    const quality = assess({ codec: amrWbWithoutBpl });
    expect(quality.rFactor).toBe(129 - 17);
    expect(quality.costs).toEqual({ codec: 17, randomLoss: 0, lateLoss: 0 });
  });

  it("takes more missing than expected as everything missing", () => {
    const all = assess({ packetsNeverReceived: 1000 });
    expect(assess({ packetsNeverReceived: 1000, packetsDiscarded: 500 })).toEqual(all);
    expect(assess({ packetsNeverReceived: 5000 })).toEqual(all);
  });

  it.each([
    { packetsExpected: Number.NaN },
    { packetsExpected: Infinity },
    { packetsNeverReceived: -3 },
    { packetsDiscarded: -1 },
    { burstRatio: 0.5 },
    { bufferDelayMs: -1 },
    { packetizationMs: Number.NaN },
    { rttSeconds: -0.001 },
    { rttSeconds: Infinity },
    { telrDb: Number.NaN },
  ])("rejects %o, naming it", (wrong) => {
    expect(() => assessQuality({ ...clean, ...wrong })).toThrow(RangeError);
    expect(() => assessQuality({ ...clean, ...wrong })).toThrow(Object.keys(wrong)[0]);
  });

  // Values for G.711 with Ta = RTT/2 + 60 ms; theirs also take points below 100 ms of delay.
  it.each([
    { lossPercent: 1, rttMs: 40, theirs: 4.28 },
    { lossPercent: 5, rttMs: 80, theirs: 3.82 },
    { lossPercent: 10, rttMs: 100, theirs: 3.28 },
    { lossPercent: 20, rttMs: 100, theirs: 2.49 },
  ])("lies near other sound implementations at $lossPercent % loss", (vector) => {
    const quality = assess({
      packetsNeverReceived: vector.lossPercent * 10,
      rttSeconds: vector.rttMs / 1000,
      packetizationMs: 0,
    });
    expect(quality.mosCq).toBeGreaterThanOrEqual(vector.theirs);
    expect(quality.mosCq).toBeLessThan(vector.theirs + 0.15);
  });
});
