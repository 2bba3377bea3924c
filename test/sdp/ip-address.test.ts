import { isIPv4, isIPv6 } from "node:net";
import { describe, expect, it } from "vitest";

import { canonicalAddress, isUnspecified } from "../../src/sdp/ip-address.js";
import { generator } from "./random.js";

describe("canonicalAddress", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["010.001.000.009", "10.1.0.9"],
    ["2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1::", "1::"],
    ["[2001:DB8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::FFFF:192.0.2.128", "::ffff:192.0.2.128"],
    ["::ffff:c000:280", "::ffff:192.0.2.128"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("%s is %s (RFC 5952 §4, §5)", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    "",
    "example.com",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2:3:4:5:6:7:8",
    "12345::",
    "::g",
    "1.2.3.4::",
    "::1.2.3",
    "::1.2.3.4:5",
    "a".repeat(100),
    `::${"1:".repeat(1e5)}`,
  ])("%j is no address", (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });

  it("agrees with Node on what an address is and with URL on how it is spelt", () => {
    const random = generator(5952);
    let addresses = 0;
    for (let i = 0; i < 4000; i += 1) {
      const length = 6 + random(4);
      const groups = Array.from({ length }, () => {
        const digits = random(0x10000).toString(16);
        return ["0", "0", "", digits, digits.toUpperCase().padStart(4, "0")][random(5)] ?? "";
      });
      const text = groups.join(":");
      const canonical = canonicalAddress(text);
      expect(canonical !== undefined, text).toBe(isIPv6(text));
      if (canonical === undefined || canonical.includes(".")) continue;
      addresses += 1;
      expect(`[${canonical}]`).toBe(new URL(`http://[${text}]`).hostname);
    }
    expect(addresses).toBeGreaterThan(100);
    for (let i = 0; i < 4000; i += 1) {
      const text = Array.from({ length: 3 + random(3) }, () => random(300)).join(".");
      expect(canonicalAddress(text) !== undefined, text).toBe(isIPv4(text));
    }
  });
});

describe("isUnspecified", () => {
  it("is true of the addresses that stand for none", () => {
    expect(["0.0.0.0", "::", "0.0.0.1", "::1"].map(isUnspecified)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
