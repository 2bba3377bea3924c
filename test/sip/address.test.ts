import { describe, expect, it } from "vitest";

import { parseAddress } from "../../src/sip/address.js";

describe("parseAddress", () => {
  it.each([
    [
      '"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s',
      { displayName: "A. G. Bell", uri: "sip:agb@bell-telephone.com", parameters: { tag: "a48s" } },
    ],
    [
      "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
      { displayName: "Anonymous", uri: "sip:c8oqz84zk7z@privacy.org", parameters: { tag: "hyh8" } },
    ],
    [
      "sip:+12125551212@server.phone2net.com;tag=887s",
      { uri: "sip:+12125551212@server.phone2net.com", parameters: { tag: "887s" } },
    ],
    [
      '"Mr \\"X\\" \\\\ <y>"<sips:x@example.com;transport=tcp?a=b>;q=0.7;+g.3gpp="<z>;w"',
      {
        displayName: 'Mr "X" \\ <y>',
        uri: "sips:x@example.com;transport=tcp?a=b",
        parameters: { q: "0.7", "+g.3gpp": "<z>;w" },
      },
    ],
    ["<tel:+358-555-1234567>", { uri: "tel:+358-555-1234567", parameters: {} }],
    ["*", { uri: "*", parameters: {} }],
    ["", { uri: "", parameters: {} }],
  ])("takes %s apart (RFC 3261 §20.10, §20.20)", (value, expected) => {
    const { parameters, ...rest } = parseAddress(value);
    expect({ ...rest, parameters: Object.fromEntries(parameters) }).toEqual({
      ...expected,
      isClosed: true,
    });
  });

  it.each(['"open <sip:a@b>;tag=1', "<sip:a@b;tag=1"])(
    "says of %s that it is not closed",
    (value) => {
      const address = parseAddress(value);
      expect(address.isClosed).toBe(false);
      expect(address.uri.startsWith("sip:a@b")).toBe(true);
      expect(address.parameters.get("tag")).toBe("1");
    },
  );
});
