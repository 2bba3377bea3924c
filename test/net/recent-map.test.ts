import { describe, expect, it } from "vitest";

import { RecentMap } from "../../src/net/recent-map.js";

describe("RecentMap", () => {
  it("forgets what was not used for longest, as a Map does in which each use adds anew", () => {
    const map = new RecentMap<number, string>();
    const reference = new Map<number, string>();
    let state = 1;
    for (let step = 0; step < 5000; step++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const key = (state >>> 16) % 24;
      const known = reference.get(key);
      expect(map.touch(key)).toBe(known);
      if (known === undefined) map.add(key, `value ${String(step)}`);
      reference.delete(key);
      reference.set(key, known ?? `value ${String(step)}`);
      if (reference.size > 16) {
        const [oldest] = reference.keys();
        reference.delete(oldest ?? NaN);
        map.forgetOldest();
      }
      expect(map.size).toBe(reference.size);
    }
  });

  it("can be emptied and filled again", () => {
    const map = new RecentMap<string, number>();
    map.forgetOldest();
    for (const key of ["a", "b"]) map.add(key, 1);
    map.forgetOldest();
    map.forgetOldest();
    expect(map.size).toBe(0);
    map.add("c", 3);
    expect([map.touch("a"), map.touch("c")]).toEqual([undefined, 3]);
  });
});
