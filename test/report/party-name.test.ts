import { describe, expect, it } from "vitest";

import { partiesText, partyName } from "../../src/report/party-name.js";

const endpoint = { address: "2001:db8::1", port: 5060 };

describe("partyName", () => {
  it.each([
    { uri: "sip:alice@atlanta.example.com", name: "alice" },
    { uri: "SIPS:alice@atlanta.example.com:5061;transport=tls", name: "alice" },
    { uri: "sip:alice:secret@atlanta.example.com", name: "alice" },
    { uri: "sip:+15551234;phone-context=x@gw.example.com", name: "+15551234" },
    { uri: "sip:gw.example.com:5060;lr", name: "gw.example.com" },
    { uri: "sip:[2001:db8::9]:5060", name: "[2001:db8::9]" },
    { uri: "sip:gw.example.com?subject=x", name: "gw.example.com" },
    { uri: "tel:+1-555-1234;ext=7", name: "+1-555-1234" },
    { uri: "urn:service:sos", name: "urn:service:sos" },
    { uri: "sip:@host.example.com", name: "host.example.com" },
  ])("calls $uri $name", ({ uri, name }) => {
    expect(partyName({ uri, endpoint })).toBe(name);
  });

  it("says where the signalling comes from when the URI says nothing, else that nobody knows", () => {
    expect(partyName({ uri: "sip:", endpoint })).toBe("[2001:db8::1]:5060");
    expect(partyName({ endpoint })).toBe("[2001:db8::1]:5060");
    expect(partyName(undefined)).toBe("–");
  });

  it("cuts what is too long, and lets nothing command the terminal", () => {
    expect(partyName({ uri: `sip:${"a".repeat(99)}@x` })).toBe(`${"a".repeat(27)}…`);
    expect(partyName({ uri: `sip:${"a".repeat(99)}@x` }, { columns: 80 })).toHaveLength(80);
    expect(partyName({ uri: "sip:a\u001b[2J\u202eb@x" })).toBe("a\ufffd[2J\ufffdb");
  });

  it("takes time in proportion to a URI that is made to be slow", () => {
    const uri = `sip:${"@".repeat(500_000)}`;
    expect(partyName({ uri })).toBe(`${"@".repeat(27)}…`);
  });
});

describe("partiesText", () => {
  it("adds the hosts where the names alone are the same", () => {
    const caller = { uri: "sip:100@a.example" };
    expect(partiesText({ caller, callee: { uri: "sip:200@b.example" } })).toBe("100 → 200");
    expect(partiesText({ caller, callee: { uri: "sip:100@b.example" } })).toBe(
      "100@a.example → 100@b.example",
    );
    expect(partiesText({})).toBe("– → –");
  });
});
