import { describe, expect, it } from "vitest";

import { NetworkSet } from "../../src/net/network.js";

describe("NetworkSet", () => {
  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["192.0.2.128/25", "192.0.2.127", false],
    ["192.0.2.128/25", "192.0.2.128", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.6", false],
    ["0.0.0.0/0", "198.51.100.1", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["::/0", "2001:db8::1", true],
  ])("%s holds %s: %s", (network, address, isHeld) => {
    expect(NetworkSet.of([network]).holds(address)).toBe(isHeld);
  });

  it("holds what any of its networks holds, and no host names", () => {
    const networks = NetworkSet.of(["10.0.0.0/8", "2001:db8::/32"]);
    expect(
      ["10.1.2.3", "2001:db8::5", "192.0.2.1", "pbx.example"].map((a) => networks.holds(a)),
    ).toEqual([true, true, false, false]);
    expect(NetworkSet.of([]).isEmpty).toBe(true);
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0/8",
    "2001:db8::/129",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "",
    "lan",
    "10.0.0.0/-1",
  ])("refuses %j and says how to write a network", (text) => {
    expect(() => NetworkSet.of([text])).toThrow(
      new RangeError(
        `${JSON.stringify(text)} is no network; write an address and a prefix length, as in 10.0.0.0/8`,
      ),
    );
  });
});
