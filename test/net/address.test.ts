import { describe, expect, it } from "vitest";

import { addressBytes, addressText } from "../../src/net/address.js";
import { isoMicroseconds } from "../../src/net/time.js";

describe("addressText and addressBytes", () => {
  it.each([
    "192.0.2.1",
    "255.255.255.255",
    "::",
    "::1",
    "2001:db8::1",
    "2001:db8:0:1:1:1:1:1", // RFC 5952 §4.2.2: a single zero group is not shortened
    "2001:0:0:1::1", // §4.2.3: the longest run is
    "2001:db8::1:0:0:1", // §4.2.3: of equals, the first
    "fe80::1ff:fe23:4567:890a",
    "::ffff:192.0.2.128", // §5
  ])("turn %s into bytes and back", (text) => {
    const address = addressBytes(text);
    expect(address && addressText(address.bytes, address.isIpv6)).toBe(text);
  });

  it.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::13.1.68.3", "::d01:4403"],
    ["0:0:0:0:0:0:0:0", "::"],
  ])("give %s as %s", (text, canonical) => {
    const address = addressBytes(text);
    expect(address && addressText(address.bytes, address.isIpv6)).toBe(canonical);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.4.5",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::g",
    "fe80::1%eth0",
    "a.local",
    "1:2:3:4:5:6:7::8:9",
  ])("take %j for no address", (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });
});

describe("isoMicroseconds", () => {
  it.each([
    [0, "1970-01-01T00:00:00.000000Z"],
    [1_700_000_000_123.456, "2023-11-14T22:13:20.123456Z"],
    [1_700_000_000_999.9999, "2023-11-14T22:13:21.000000Z"],
  ])("writes %d ms as %s", (atMs, text) => {
    expect(isoMicroseconds(atMs)).toBe(text);
  });
});
