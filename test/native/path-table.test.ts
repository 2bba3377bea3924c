import { describe, expect, it } from "vitest";

import { PathTable } from "../../src/native/path-table.js";

/** Two addresses one behind the other, as event rows have them. */
function words(source: readonly number[], destination: readonly number[], before = 0): Uint32Array {
  const bytes = new Uint8Array(4 * before + 32);
  bytes.set(source, 4 * before);
  bytes.set(destination, 4 * before + 16);
  return new Uint32Array(bytes.buffer);
}

describe("PathTable", () => {
  it("reads IPv4 and IPv6 addresses wherever they lie", () => {
    const table = new PathTable();
    expect(table.path(words([192, 0, 2, 1], [192, 0, 2, 255], 5), 5, false, 1, 65_535)).toEqual({
      source: { address: "192.0.2.1", port: 1 },
      destination: { address: "192.0.2.255", port: 65_535 },
    });
    const network = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const [one, two] = [
      [...network, 1],
      [...network, 2],
    ];
    expect(table.path(words(one, two), 0, true, 5060, 5062)).toEqual({
      source: { address: "2001:db8::1", port: 5060 },
      destination: { address: "2001:db8::2", port: 5062 },
    });
  });

  it("gives one object for the same path, and others for all that differ from it", () => {
    const table = new PathTable();
    const there = words([10, 0, 0, 1], [10, 0, 0, 2]);
    const path = table.path(there, 0, false, 4000, 4002);
    const others = [
      table.path(there, 0, false, 4002, 4000),
      table.path(there, 0, true, 4000, 4002),
      table.path(words([10, 0, 0, 2], [10, 0, 0, 1]), 0, false, 4000, 4002),
      table.path(words([10, 0, 0, 1], [10, 0, 0, 3]), 0, false, 4000, 4002),
    ];
    expect(new Set([path, ...others]).size).toBe(5);
    expect(table.path(words([10, 0, 0, 1], [10, 0, 0, 2]), 0, false, 4000, 4002)).toBe(path);
  });

  it("gives the same objects when it has grown", () => {
    const table = new PathTable();
    const pathOf = (number: number): unknown =>
      table.path(words([10, 0, number >> 8, number & 255], [10, 0, 0, 1]), 0, false, 4000, 5000);
    const paths = Array.from({ length: 20_000 }, (_, number) => pathOf(number));
    const again = paths.filter((path, number) => path === pathOf(number));
    // A few may have had no place near their own.
    expect(again.length).toBeGreaterThan(19_900);
  });

  it("stays right for more paths than it has room for", () => {
    const table = new PathTable();
    for (let number = 0; number < 200_000; number++) {
      const source = [10, number >> 16, (number >> 8) & 255, number & 255];
      const { source: from } = table.path(words(source, [10, 0, 0, 1]), 0, false, 4000, 5000);
      expect(from.address).toBe(source.join("."));
    }
  });
});
