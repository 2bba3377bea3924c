import { describe, expect, it } from "vitest";

import { BucketIndex } from "../../src/metrics/bucket-index.js";

/** By definition: how many edges a value is above. */
function bucketOf(edges: readonly number[], value: number): number {
  return edges.filter((edge) => value > edge).length;
}

const EDGES: readonly (readonly [string, readonly number[]])[] = [
  ["delays", [0.1, 0.25, 0.5, 1, 2, 3, 5, 6, 8, 11, 15, 20, 30]],
  ["edges that lie close together", [4.03, 4.2, 4.34, 4.34000001, 4.41, 4.5]],
  ["edges from zero", [0, 0.001, 0.0025, 1]],
  ["edges below zero", [-1000, -1, -0.5, 0, 3]],
  ["powers of two", [0.5, 1, 2, 4, 1024]],
  ["the smallest and the largest", [5e-324, 1e-300, 1e300, 1.7e308]],
  ["a single edge", [7]],
  ["no edge", []],
];

describe("the bucket of a sample", () => {
  it.each(EDGES)("is the first whose edge is not below it: %s", (_, edges) => {
    const index = BucketIndex.for(Float64Array.from(edges));
    const near = [...edges, ...edges.map((edge) => edge / 2), ...edges.map((edge) => edge * 1.1)];
    const values = near.flatMap((value) => {
      const step = Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
      return [value, value - step, value + step, -value];
    });
    for (const value of [...values, 0, -0, 1e9, -1e9, Number.MAX_VALUE, Number.MIN_VALUE]) {
      if (Number.isNaN(value)) continue;
      expect(index.of(value), String(value)).toBe(bucketOf(edges, value));
    }
  });

  it("is the same for many numbers over all octaves", () => {
    const edges = EDGES[0]?.[1] ?? [];
    const index = BucketIndex.for(Float64Array.from(edges));
    for (let value = 1e-4; value < 1e4; value *= 1.003) {
      expect(index.of(value)).toBe(bucketOf(edges, value));
    }
  });
});
