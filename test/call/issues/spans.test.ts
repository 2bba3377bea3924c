import { describe, expect, it } from "vitest";

import { difference, intersection, merged, type Span } from "../../../src/call/issues/spans.js";

const span = (fromMs: number, toMs: number): Span => ({ fromMs, toMs });

describe("merged", () => {
  it("joins what overlaps or touches, in any order, and leaves out what is empty", () => {
    expect(merged([span(5, 7), span(0, 2), span(2, 3), span(6, 9), span(4, 4)])).toEqual([
      span(0, 3),
      span(5, 9),
    ]);
  });

  it("keeps a stretch that holds another", () => {
    expect(merged([span(0, 9), span(1, 2)])).toEqual([span(0, 9)]);
  });
});

describe("intersection and difference", () => {
  const random = (seed: number): (() => number) => {
    let state = seed;
    return () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  };
  const milliseconds = (spans: readonly Span[]): Set<number> =>
    new Set(
      spans.flatMap(({ fromMs, toMs }) =>
        Array.from({ length: toMs - fromMs }, (_, i) => fromMs + i),
      ),
    );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("agree with sets of milliseconds (seed %d)", (seed) => {
    const next = random(seed);
    const some = (): Span[] =>
      merged(
        Array.from({ length: 6 }, () => {
          const fromMs = Math.floor(next() * 60);
          return span(fromMs, fromMs + Math.floor(next() * 12));
        }),
      );
    const [a, b] = [some(), some()];
    const inB = milliseconds(b);
    expect(milliseconds(intersection(a, b))).toEqual(
      new Set([...milliseconds(a)].filter((ms) => inB.has(ms))),
    );
    expect(milliseconds(difference(a, b))).toEqual(
      new Set([...milliseconds(a)].filter((ms) => !inB.has(ms))),
    );
  });

  it("leave what is open at an end as it is", () => {
    expect(difference([span(0, Infinity)], [span(3, 4)])).toEqual([span(0, 3), span(4, Infinity)]);
  });
});
