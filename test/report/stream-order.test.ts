import { describe, expect, it } from "vitest";

import type { StreamReport } from "../../src/call/report.js";
import { worstFirst } from "../../src/report/stream-order.js";
import { stream, without } from "./samples.js";

function scored(ssrc: number, mosLq: number, overrides: Partial<StreamReport> = {}): StreamReport {
  const quality = { rFactor: 0, mosLq, scale: "narrowband", costs: COSTS } as const;
  return stream({ ssrc, quality, ...overrides });
}

const COSTS = { codec: 0, randomLoss: 0, lateLoss: 0 };

function unscored(ssrc: number, lossRatio: number): StreamReport {
  return without(stream({ ssrc, lossRatio }), "quality");
}

const order = (streams: readonly StreamReport[]): number[] =>
  worstFirst(streams).map(({ ssrc }) => ssrc);

describe("worstFirst", () => {
  it("puts the lower score first", () => {
    expect(order([scored(1, 4.4), scored(2, 2.1), scored(3, 3.6)])).toEqual([2, 3, 1]);
  });

  it("goes by the conversation where that is known", () => {
    const quality = {
      rFactor: 0,
      mosCq: 2,
      mosLq: 4.4,
      scale: "narrowband",
      costs: COSTS,
    } as const;
    expect(order([scored(1, 3), stream({ ssrc: 2, quality })])).toEqual([2, 1]);
  });

  it("puts more loss first among equal scores, then more late packets", () => {
    const equal = [
      scored(1, 4, { packetsDiscarded: 1 }),
      scored(2, 4, { lossRatio: 0.1 }),
      scored(3, 4, { packetsDiscarded: 2 }),
    ];
    expect(order(equal)).toEqual([2, 3, 1]);
  });

  it("leaves equal streams in the order in which they came", () => {
    expect(order([scored(3, 4), scored(1, 4), scored(2, 4)])).toEqual([3, 1, 2]);
  });

  it("does not hide a broken stream without a score behind good ones with one", () => {
    expect(order([scored(1, 4.4), unscored(2, 0.3), unscored(3, 0), scored(4, 2)])).toEqual([
      2, 4, 1, 3,
    ]);
  });

  it("leaves the list it was given alone", () => {
    const streams = [scored(1, 4.4), scored(2, 2)];
    worstFirst(streams);
    expect(streams.map(({ ssrc }) => ssrc)).toEqual([1, 2]);
  });
});
