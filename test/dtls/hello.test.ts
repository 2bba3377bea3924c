import { describe, expect, it } from "vitest";

import { cipherSuiteName } from "../../src/dtls/cipher-suites.js";
import { clientRandom, parseClientHello, parseServerHello } from "../../src/dtls/hello.js";
import { alertName, srtpProfileName } from "../../src/dtls/names.js";
import { clientHello, hex, random, serverHello } from "./build.js";

const RANDOM = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

describe("parseClientHello", () => {
  const body = hex(
    "fefd", // legacy version
    RANDOM,
    "00", // session identifier
    "02 aabb", // cookie
    "0004 c02b c02f", // cipher suites
    "01 00", // compression methods
    "0015", // extensions
    "0017 0000", // extended master secret
    "000e 0007 0004 0001 0007 00", // use_srtp: two profiles, no MKI
    "0036 0002 01 07", // connection identifier of one byte
  );

  it("reads what the client offers", () => {
    expect(parseClientHello(body)).toEqual({
      random: RANDOM,
      offersSrtp: true,
      connectionIdBytes: 1,
    });
  });

  it("takes one without extensions for one without SRTP (RFC 5246 §7.4.1.2)", () => {
    const end = body.length - 0x15 - 2;
    expect(parseClientHello(body.subarray(0, end))).toEqual({ random: RANDOM, offersSrtp: false });
  });

  it("is nothing at any other length", () => {
    const end = body.length - 0x15 - 2;
    for (let length = 0; length < body.length; length += 1) {
      if (length !== end)
        expect(parseClientHello(body.subarray(0, length)), String(length)).toBeUndefined();
    }
  });

  it("shows its random as soon as that is there", () => {
    expect(clientRandom(body.subarray(0, 33))).toBeUndefined();
    expect(clientRandom(body.subarray(0, 34))).toBe(RANDOM);
    expect(parseClientHello(clientHello({ random: random(9) }))?.random).toBe(
      Buffer.from(random(9)).toString("hex"),
    );
  });
});

describe("parseServerHello", () => {
  it("reads what the server selects", () => {
    const body = hex(
      "fefd", // version
      RANDOM,
      "00", // session identifier
      "c02b", // cipher suite
      "00", // compression method
      "0009", // extensions
      "000e 0005 0002 0007 00", // use_srtp: one profile, no MKI
    );
    expect(parseServerHello(body)).toEqual({ version: "1.2", cipherSuite: 0xc02b, srtpProfile: 7 });
  });

  it.each([
    { version: 0xfeff, name: "1.0" },
    { version: 0xfefd, name: "1.2" },
    { version: 0xfefd, versions: [0xfefc], name: "1.3" },
    { version: 0xfe00, name: undefined },
  ])("knows version $name", ({ name, ...fields }) => {
    expect(parseServerHello(serverHello(fields))?.version).toBe(name);
  });

  it("selects no profile with a list of none or of two (RFC 5764 §4.1.1)", () => {
    expect(parseServerHello(serverHello({ srtpProfiles: [] }))?.srtpProfile).toBeUndefined();
    expect(parseServerHello(serverHello({ srtpProfiles: [1, 2] }))?.srtpProfile).toBeUndefined();
    expect(parseServerHello(serverHello({ srtpProfiles: [2] }))?.srtpProfile).toBe(2);
  });

  it("is nothing where its extensions go on beyond it", () => {
    const body = serverHello({ srtpProfiles: [1] });
    expect(parseServerHello(body.subarray(0, body.length - 1))).toBeUndefined();
  });
});

describe("names", () => {
  it.each([
    [0x1301, "TLS_AES_128_GCM_SHA256"],
    [0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"],
    [0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
    [0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    [0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8"],
    [0x0a0a, "0x0a0a"],
  ])("calls cipher suite %i as IANA does: %s", (suite, name) => {
    expect(cipherSuiteName(suite)).toBe(name);
  });

  it("calls profiles and alerts by their registered names, and others by number", () => {
    expect([1, 8, 3].map(srtpProfileName)).toEqual([
      "SRTP_AES128_CM_HMAC_SHA1_80",
      "SRTP_AEAD_AES_256_GCM",
      "0x0003",
    ]);
    expect([40, 48, 121, 200].map(alertName)).toEqual([
      "handshake_failure",
      "unknown_ca",
      "ech_required",
      "alert-200",
    ]);
  });
});
