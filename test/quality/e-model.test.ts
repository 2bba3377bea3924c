import { describe, expect, it } from "vitest";

import { absoluteDelayImpairment, DELAY_SENSITIVITY } from "../../src/quality/delay-impairment.js";
import { rateFullband } from "../../src/quality/e-model-fullband.js";
import { rateNarrowband } from "../../src/quality/e-model-narrowband.js";
import type { NarrowbandParameters } from "../../src/quality/e-model-narrowband.js";
import { rateWideband } from "../../src/quality/e-model-wideband.js";
import { bestRating, delayCost } from "../../src/quality/e-model.js";
import { effectiveEquipmentImpairment } from "../../src/quality/equipment-impairment.js";
import { mosFromR } from "../../src/quality/mos.js";
import { distance, vectors } from "./vectors.js";
import type { Symbols } from "./vectors.js";

const PARAMETER: Readonly<Record<string, keyof NarrowbandParameters>> = {
  Ie: "ie",
  Bpl: "bpl",
  Ppl: "pplPercent",
  BurstR: "burstRatio",
  Ta: "taMs",
  T: "tMs",
  Tr: "trMs",
  TELR: "telrDb",
  sT: "st",
  mT: "mtMs",
  STMR: "stmrDb",
  qdu: "qdu",
  Ps: "psDb",
  Pr: "prDb",
  A: "a",
};

/** Rating of a vector's input, in the vectors' symbols. */
function rated(input: Symbols): Symbols {
  const parameters: Partial<Record<keyof NarrowbandParameters, number>> = {};
  for (const [symbol, value] of Object.entries(input)) {
    const name = PARAMETER[symbol];
    if (name === undefined) throw new Error(`no parameter for ${symbol}`);
    parameters[name] = value;
  }
  const { r, ro, is, id, idte, idle, idd, ieEff } = rateNarrowband(parameters);
  const MOS = mosFromR(r);
  return { R: r, Ro: ro, Is: is, Id: id, Idte: idte, Idle: idle, Idd: idd, Ieeff: ieEff, MOS };
}

describe("rateNarrowband", () => {
  it.each(vectors.emodel_nb)("reproduces every component: $name", ({ input, expected }) => {
    const actual = rated(input);
    for (const [symbol, value] of Object.entries(expected)) {
      if (symbol === "MOSraw") continue;
      expect(distance(actual[symbol], value), symbol).toBeLessThan(vectors.tolerances.R);
    }
  });

  it.each(vectors.emodel_nb.filter(({ published }) => published !== undefined))(
    "is what is published: $name",
    ({ input, published = {}, published_tolerance = 0 }) => {
      const actual = rated(input);
      for (const [symbol, value] of Object.entries(published)) {
        expect(distance(actual[symbol], value), symbol).toBeLessThan(published_tolerance);
      }
    },
  );

  it("is the sum of its components", () => {
    const { r, ro, is, iolr, ist, iq, id, idte, idle, idd, ieEff, a } = rateNarrowband({
      taMs: 300,
      tMs: 300,
      trMs: 600,
      telrDb: 55,
      ie: 11,
      bpl: 19,
      pplPercent: 3,
      burstRatio: 1.5,
      qdu: 3,
      a: 5,
    });
    expect(r).toBeCloseTo(ro - is - id - ieEff + a, 12);
    expect(is).toBeCloseTo(iolr + ist + iq, 12);
    expect(id).toBeCloseTo(idte + idle + idd, 12);
  });

  it("derives LSTR from STMR and Dr unless it is given", () => {
    expect(rateNarrowband({ lstrDb: 18 }).r).toBe(rateNarrowband().r);
    expect(rateNarrowband({ lstrDb: 8, prDb: 60 }).r).toBeLessThan(rateNarrowband({ prDb: 60 }).r);
  });

  it.each([
    { pplPercent: 101 },
    { pplPercent: -1 },
    { bpl: 0 },
    { burstRatio: 0.9 },
    { ie: 96 },
    { taMs: -1 },
    { tMs: Infinity },
    { qdu: 0 },
    { telrDb: Number.NaN },
    { a: -1 },
  ])("rejects %o, naming it", (outOfRange) => {
    expect(() => rateNarrowband(outOfRange)).toThrow(RangeError);
    expect(() => rateNarrowband(outOfRange)).toThrow(Object.keys(outOfRange)[0]);
  });

  it.each(vectors.emodel_delay_bound_R70.rows)(
    "reaches R = 70 at the delay published for $codec, without echo and with 50 dB echo loss",
    ({ Ie, maxDelayNoEcho_ms, maxDelayEL50_ms }) => {
      const shift = 94.15 - rateNarrowband().r;
      const bound = (withEcho: boolean): number => {
        let [low, high] = [1, 2000];
        while (high - low > 1e-3) {
          const taMs = (low + high) / 2;
          const echo = withEcho ? { telrDb: 60, tMs: taMs, trMs: 2 * taMs } : {};
          const { r } = rateNarrowband({ ie: Ie, taMs, ...echo });
          if (r + shift > 70) low = taMs;
          else high = taMs;
        }
        return low;
      };
      const { tolerance_ms } = vectors.emodel_delay_bound_R70;
      expect(distance(bound(false), maxDelayNoEcho_ms)).toBeLessThan(tolerance_ms);
      expect(distance(bound(true), maxDelayEL50_ms)).toBeLessThan(tolerance_ms);
    },
  );
});

describe("absoluteDelayImpairment", () => {
  it.each([
    { ms: 0, idd: 0 },
    { ms: 100, idd: 0 },
    { ms: 150, idd: 0.164 },
    { ms: 177.3, idd: 1.172 },
    { ms: 200, idd: 3.044 },
    { ms: 250, idd: 8.917 },
    { ms: 300, idd: 14.761 },
    { ms: 400, idd: 24.07 },
    { ms: 500, idd: 30.636 },
  ])("is $idd at $ms ms: not 0 beyond 100 ms, as 1/6 in integers makes it", ({ ms, idd }) => {
    expect(distance(absoluteDelayImpairment(ms), idd)).toBeLessThan(6e-4);
  });

  it.each(Object.entries(DELAY_SENSITIVITY))(
    "never falls as delay rises and never is below 0, for users of class %s",
    (_name, sensitivity) => {
      let previous = 0;
      for (let ms = 0; ms <= 20_000; ms += 7) {
        const idd = absoluteDelayImpairment(ms, sensitivity);
        expect(idd).toBeGreaterThanOrEqual(previous);
        previous = idd;
      }
      expect(previous).toBeGreaterThan(40);
    },
  );

  it.each([
    { name: "default", sensitivity: DELAY_SENSITIVITY.default },
    { name: "low", sensitivity: DELAY_SENSITIVITY.low },
    { name: "very low", sensitivity: DELAY_SENSITIVITY.veryLow },
  ])("has the constants of the vectors for users of class $name", ({ name, sensitivity }) => {
    const cases = vectors.emodel_nb.filter((vector) =>
      vector.name.startsWith(`delay class ${name} `),
    );
    expect(cases).toHaveLength(3);
    for (const { input, expected } of cases) {
      const idd = absoluteDelayImpairment(input["Ta"] ?? Number.NaN, sensitivity);
      expect(distance(idd, expected["Idd"] ?? Number.NaN)).toBeLessThan(vectors.tolerances.R);
    }
  });

  it.each([-1, Infinity, Number.NaN])("rejects a delay of %d", (ms) => {
    expect(() => absoluteDelayImpairment(ms)).toThrow(RangeError);
  });
});

describe("rateWideband", () => {
  const withCodec = vectors.emodel_wb.cases.filter(({ Ie_wb }) => Ie_wb !== undefined);

  it.each(withCodec)(
    "rates $codec $kbps kbit/s $context at $Ppl % loss as published",
    ({ Ie_wb = 0, Bpl_wb = 1, Ppl = 0, Ie_eff_wb = Ie_wb, R, mos, published_mos = mos }) => {
      const { r, ieEff } = rateWideband({ ie: Ie_wb, bpl: Bpl_wb, pplPercent: Ppl });
      expect(distance(ieEff, Ie_eff_wb)).toBeLessThan(vectors.tolerances.R);
      expect(distance(r, R)).toBeLessThan(vectors.tolerances.R);
      expect(distance(mosFromR(r, "wideband"), mos)).toBeLessThan(vectors.tolerances.MOS);
      expect(distance(mosFromR(r, "wideband"), published_mos)).toBeLessThan(0.0051);
    },
  );

  it.each(vectors.emodel_wb.cases)("scores R = $R as $mos", ({ R, mos }) => {
    expect(distance(mosFromR(R, "wideband"), mos)).toBeLessThan(vectors.tolerances.MOS);
  });

  it("counts pure delay as the narrowband model does", () => {
    expect(rateWideband({ taMs: 300 }).idd).toBe(rateNarrowband({ taMs: 300 }).idd);
    expect(rateWideband({ taMs: 300 }).r).toBeCloseTo(129 - 14.761, 3);
  });

  it.each([
    { tMs: 50, telrDb: 65 },
    { tMs: 150, telrDb: 45 },
    { tMs: 400, telrDb: 40 },
  ])("counts talker echo by the terms of G.107.1: %o", ({ tMs, telrDb }) => {
    const k = tMs < 100 ? 10 + 0.08 * tMs : 18;
    const terv =
      telrDb +
      k -
      40 * Math.log10((1 + tMs / 10) / (1 + tMs / 150)) +
      6 * Math.E ** (-0.3 * tMs ** 2);
    const half = (129 - (80 + 3 * (terv - 14))) / 2;
    const idte = (half + (half ** 2 + 100) ** 0.5 - 1) * (1 - Math.E ** -tMs);
    const rating = rateWideband({ tMs, telrDb, taMs: 300, ie: 10, a: 3 });
    expect(rating.idte).toBeCloseTo(idte, 9);
    expect(rating.r).toBeCloseTo(129 - idte - rateNarrowband({ taMs: 300 }).idd - 10 + 3, 9);
    expect(delayCost("wideband", tMs, telrDb)).toBeCloseTo(
      Math.max(0, idte) + absoluteDelayImpairment(tMs),
      9,
    );
  });

  it.each([{ ie: 96 }, { pplPercent: 101 }, { bpl: 0 }, { a: 21 }, { tMs: -1 }, { telrDb: 1e3 }])(
    "rejects %o",
    (outOfRange) => {
      expect(() => rateWideband(outOfRange)).toThrow(RangeError);
    },
  );
});

describe("rateFullband", () => {
  it.each(vectors.emodel_fb.cases)(
    "rates $codec at Ta $Ta ms and $Ppl % loss as others do",
    ({ Ie_fb, Bpl_fb, Ta, Ppl, R, mos }) => {
      const { r } = rateFullband({ ie: Ie_fb, bpl: Bpl_fb, taMs: Ta, pplPercent: Ppl });
      expect(distance(r, R)).toBeLessThan(vectors.tolerances.R);
      expect(distance(mosFromR(r, "fullband"), mos)).toBeLessThan(vectors.tolerances.MOS);
    },
  );

  it.each([{ ie: 133 }, { pplPercent: 101 }, { bpl: 0 }, { burstRatio: 0 }, { a: 21 }])(
    "rejects %o",
    (outOfRange) => {
      expect(() => rateFullband(outOfRange)).toThrow(RangeError);
    },
  );
});

describe("effectiveEquipmentImpairment", () => {
  it("takes loss in percent: as a fraction, 20 % would cost next to nothing", () => {
    const conditions = { ie: 0, bpl: 25.1, burstRatio: 1 };
    const cost = effectiveEquipmentImpairment("narrowband", { ...conditions, lossPercent: 20 });
    expect(cost).toBeCloseTo((95 * 20) / 45.1, 10);
    expect(mosFromR(93.2 - cost)).toBeCloseTo(2.63, 2);
  });

  it("stays within the scale for an outage far beyond any validated burst ratio", () => {
    const outage = { ie: 0, bpl: 4.3, lossPercent: 30, burstRatio: 1000 };
    expect(effectiveEquipmentImpairment("narrowband", outage)).toBe(95);
    expect(effectiveEquipmentImpairment("fullband", outage)).toBe(132);
  });

  it("takes no account of bursts on the wideband scale, which has no term for them", () => {
    const conditions = { ie: 8, bpl: 4.6, lossPercent: 5 };
    expect(effectiveEquipmentImpairment("wideband", { ...conditions, burstRatio: 4 })).toBe(
      effectiveEquipmentImpairment("wideband", { ...conditions, burstRatio: 1 }),
    );
  });
});

describe("delayCost", () => {
  it("is Idd alone by default, because nobody measured an echo", () => {
    expect(delayCost("narrowband", 300)).toBeCloseTo(absoluteDelayImpairment(300), 12);
    expect(delayCost("wideband", 300)).toBe(absoluteDelayImpairment(300));
    expect(delayCost("fullband", 300)).toBeCloseTo(1.48 * absoluteDelayImpairment(300), 12);
  });

  it("is what the full G.107 takes with T = Ta and Tr = 2T when an echo loss is stated", () => {
    for (const telrDb of [45, 50, 65]) {
      for (const taMs of [80, 150, 400]) {
        const { r } = rateNarrowband({ telrDb, taMs, tMs: taMs, trMs: 2 * taMs });
        const cost = delayCost("narrowband", taMs, telrDb);
        expect(distance(bestRating("narrowband") - cost, r)).toBeLessThan(1e-6);
      }
    }
  });

  // Mean opinion scores at 1 % random loss, G.711 with PLC, half the round-trip time as delay.
  it.each([
    { rttMs: 0, noEcho: 4.33, echo: 4.33 },
    { rttMs: 200, noEcho: 4.33, echo: 4.26 },
    { rttMs: 400, noEcho: 4.24, echo: 4.1 },
    { rttMs: 600, noEcho: 3.81, echo: 3.55 },
    { rttMs: 1000, noEcho: 3.04, echo: 2.64 },
  ])("leaves $noEcho at $rttMs ms round trip, or $echo with echo", ({ rttMs, noEcho, echo }) => {
    const rest = bestRating("narrowband") - 95 / (1 + 25.1);
    const mos = (telrDb?: number): number =>
      mosFromR(rest - delayCost("narrowband", rttMs / 2, telrDb));
    expect(distance(mos(), noEcho)).toBeLessThan(0.0051);
    expect(distance(mos(65), echo)).toBeLessThan(0.0051);
  });

  it.each(["narrowband", "wideband", "fullband"] as const)(
    "is never below 0 and never falls on the %s scale, whatever the echo loss",
    (scale) => {
      for (const telrDb of [undefined, 5, 20, 45, 65]) {
        let previous = 0;
        for (let ms = 0; ms <= 3000; ms += ms < 20 ? 0.25 : 5) {
          const cost = delayCost(scale, ms, telrDb);
          expect(cost, `${ms} ms, TELR ${telrDb ?? "none"}`).toBeGreaterThanOrEqual(previous);
          previous = cost;
        }
      }
    },
  );
});

describe("bestRating", () => {
  it("differs by scale: 93.2, 129 and 148 must never be mixed", () => {
    expect(bestRating("narrowband")).toBeCloseTo(93.20620772327571, 10);
    expect(bestRating("wideband")).toBe(129);
    expect(bestRating("fullband")).toBe(148);
  });
});
