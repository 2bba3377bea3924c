import { describe, expect, it } from "vitest";

import type { DtlsAlert, DtlsAssociation } from "../../src/dtls/association.js";
import { fingerprintsOf } from "../../src/dtls/certificate.js";
import { DtlsObserver } from "../../src/dtls/observer.js";
import {
  type HandshakeContext,
  handshakeResult,
  matchesFingerprint,
  STALLED_AFTER_MS,
  type StatedFingerprint,
} from "../../src/dtls/verdict.js";
import { BEGAN_AT_MS, CLIENT, SERVER, trace } from "./traces.js";

const CLIENT_CERTIFICATE = fingerprintsOf(Uint8Array.of(1, 2, 3));
const SERVER_CERTIFICATE = fingerprintsOf(Uint8Array.of(4, 5, 6));

const COMPLETED: DtlsAssociation = {
  client: CLIENT,
  server: SERVER,
  startedAtMs: BEGAN_AT_MS,
  lastPacketAtMs: BEGAN_AT_MS + 40,
  lastProgressAtMs: BEGAN_AT_MS + 40,
  completedAtMs: BEGAN_AT_MS + 40,
  isInferred: false,
  version: "1.2",
  cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  offersSrtp: true,
  srtpProfile: "SRTP_AES128_CM_HMAC_SHA1_80",
  alerts: [],
  retransmissions: 0,
  clientCertificate: CLIENT_CERTIFICATE,
  serverCertificate: SERVER_CERTIFICATE,
  sawClient: true,
  sawServer: true,
  isClientEncrypted: true,
  isServerEncrypted: true,
  isOneSided: false,
};

/** The association without some of its facts. */
function without(...names: (keyof DtlsAssociation)[]): DtlsAssociation {
  const rest: Partial<Record<keyof DtlsAssociation, unknown>> = { ...COMPLETED };
  for (const name of names) Reflect.deleteProperty(rest, name);
  return rest as unknown as DtlsAssociation;
}

const UNFINISHED: DtlsAssociation = {
  ...without("completedAtMs", "clientCertificate"),
  isClientEncrypted: false,
  isServerEncrypted: false,
};

function alert(fields: Partial<DtlsAlert> = {}): DtlsAlert {
  const atMs = BEGAN_AT_MS + 20;
  return { level: "fatal", code: 40, name: "handshake_failure", by: "server", atMs, ...fields };
}

function result(
  association: DtlsAssociation,
  context: Partial<HandshakeContext> = {},
): string | undefined {
  const call = { endedAtMs: BEGAN_AT_MS + 60_000, isCallOver: true, hasSrtp: false };
  return handshakeResult(association, { ...call, ...context })?.result;
}

function stated(
  certificate: ReadonlyMap<string, string>,
  algorithm = "sha-256",
): StatedFingerprint {
  return { algorithm, value: certificate.get(algorithm) ?? "" };
}

describe("handshakeResult", () => {
  it("is ok when the handshake ended with a profile", () => {
    expect(result(COMPLETED)).toBe("ok");
    const context = {
      clientFingerprints: [stated(CLIENT_CERTIFICATE)],
      serverFingerprints: [stated(SERVER_CERTIFICATE)],
    };
    expect(result(COMPLETED, context)).toBe("ok");
  });

  it("is ok when SRTP flows though its end was not captured", () => {
    expect(result(UNFINISHED, { hasSrtp: true })).toBe("ok");
    expect(result(without("completedAtMs", "version", "srtpProfile"), { hasSrtp: true })).toBe(
      "ok",
    );
    expect(result({ ...UNFINISHED, isOneSided: true }, { hasSrtp: true })).toBe("ok");
  });

  it("is no-srtp-profile when the server selected none (RFC 5764 §4.1)", () => {
    expect(result(without("srtpProfile"))).toBe("no-srtp-profile");
    expect(result(without("srtpProfile"), { hasSrtp: true })).toBe("no-srtp-profile");
  });

  it("does not miss a profile that nobody could see", () => {
    expect(result({ ...without("srtpProfile"), version: "1.3", isInferred: true })).toBe("ok");
    expect(result(without("srtpProfile", "version"))).toBeUndefined();
  });

  it("is no-fingerprint when a description has none to check against (RFC 5763 §5)", () => {
    expect(result(COMPLETED, { clientFingerprints: [] })).toBe("no-fingerprint");
    expect(result(COMPLETED, { serverFingerprints: [] })).toBe("no-fingerprint");
    expect(result(COMPLETED, { serverFingerprints: undefined })).toBe("ok");
  });

  describe("fingerprint-mismatch", () => {
    it("is one of either side's certificate", () => {
      const other = [stated(CLIENT_CERTIFICATE)];
      expect(result(COMPLETED, { serverFingerprints: other })).toBe("fingerprint-mismatch");
      expect(result(COMPLETED, { clientFingerprints: other })).toBe("ok");
      const swapped = [stated(SERVER_CERTIFICATE)];
      expect(result(COMPLETED, { clientFingerprints: swapped })).toBe("fingerprint-mismatch");
    });

    it("outweighs the alert that follows from it, and tells it", () => {
      const refused = alert({ code: 42, name: "bad_certificate", by: "client" });
      const outcome = handshakeResult(
        { ...UNFINISHED, alerts: [refused] },
        {
          serverFingerprints: [stated(CLIENT_CERTIFICATE)],
          endedAtMs: BEGAN_AT_MS + 1000,
          isCallOver: false,
          hasSrtp: false,
        },
      );
      expect(outcome).toEqual({ result: "fingerprint-mismatch", alert: refused });
    });

    it("is none where no certificate was seen", () => {
      const context = { clientFingerprints: [stated(SERVER_CERTIFICATE)] };
      expect(result(without("clientCertificate"), context)).toBe("ok");
    });
  });

  describe("fail", () => {
    it.each([
      { when: "after the ServerHello", association: UNFINISHED },
      { when: "before it", association: { ...UNFINISHED, ...without("version", "completedAtMs") } },
      {
        when: "of one whose peer was not captured",
        association: { ...UNFINISHED, isOneSided: true },
      },
    ])("is a fatal alert $when", ({ association }) => {
      const context = { endedAtMs: BEGAN_AT_MS + 1000, isCallOver: false, hasSrtp: false };
      expect(handshakeResult({ ...association, alerts: [alert()] }, context)).toEqual({
        result: "fail",
        alert: alert(),
      });
    });

    it("is any error of 1.3, where the level means nothing (RFC 8446 §6)", () => {
      const warning = alert({ level: "warning", code: 71, name: "insufficient_security" });
      expect(result({ ...UNFINISHED, version: "1.3", alerts: [warning] })).toBe("fail");
      expect(result({ ...COMPLETED, alerts: [warning] })).toBe("ok");
    });

    it("is not what comes in plaintext after the end, from whoever sent it", () => {
      const late = alert({ atMs: BEGAN_AT_MS + 41 });
      expect(result({ ...COMPLETED, alerts: [late] })).toBe("ok");
    });
  });

  describe("an unfinished handshake", () => {
    const dead = { ...without("completedAtMs", "version", "srtpProfile"), sawServer: false };

    it("is a timeout when nothing new came for three timers (RFC 6347 §4.2.4.1)", () => {
      const at = (waitedMs: number): Partial<HandshakeContext> => ({
        endedAtMs: UNFINISHED.lastProgressAtMs + waitedMs,
        isCallOver: false,
      });
      expect(result(UNFINISHED, at(STALLED_AFTER_MS))).toBe("timeout");
      expect(result(dead, at(STALLED_AFTER_MS))).toBe("timeout");
      expect(result(UNFINISHED, at(STALLED_AFTER_MS - 1))).toBeUndefined();
    });

    it("is aborted when the call ended while it was still going", () => {
      expect(result(UNFINISHED, { endedAtMs: BEGAN_AT_MS + 2000 })).toBe("aborted");
      expect(result(UNFINISHED, { endedAtMs: BEGAN_AT_MS + 60_000 })).toBe("timeout");
    });

    it.each([
      alert({ level: "warning", code: 0, name: "close_notify" }),
      alert({ level: "warning", code: 90, name: "user_canceled" }),
    ])("is aborted when a side sent $name", (closure) => {
      expect(result({ ...UNFINISHED, alerts: [closure] })).toBe("aborted");
    });

    it("goes on after other warnings", () => {
      const warning = alert({ level: "warning", code: 41, name: "no_certificate" });
      expect(result({ ...UNFINISHED, alerts: [warning] })).toBe("timeout");
    });

    it("cannot be told where a side or the beginning was not captured", () => {
      expect(result({ ...dead, isOneSided: true })).toBeUndefined();
      expect(result({ ...UNFINISHED, sawClient: false })).toBeUndefined();
    });

    it("of 1.3 can be told only where the server alone went on encrypted", () => {
      const since = { ...UNFINISHED, version: "1.3" } as const;
      expect(result(since)).toBeUndefined();
      expect(result({ ...since, isServerEncrypted: true })).toBe("timeout");
      const both = { ...since, isServerEncrypted: true, isClientEncrypted: true };
      expect(result(both)).toBeUndefined();
      expect(result(both, { hasSrtp: true })).toBe("ok");
    });
  });

  it.each([
    { name: "ok", expected: "ok" },
    { name: "drop", expected: "ok" },
    { name: "unknown-ca", expected: "fail" },
    { name: "no-cipher", expected: "fail" },
    { name: "noprofile", expected: "no-srtp-profile" },
    { name: "dead", expected: "timeout" },
  ])("is $expected for the recorded handshake $name", ({ name, expected }) => {
    const observer = new DtlsObserver();
    const datagrams = trace(name);
    for (const datagram of datagrams) observer.observe(datagram);
    const [association] = observer.associations();
    const endedAtMs = datagrams.at(-1)?.atMs ?? 0;
    expect(association && result(association, { endedAtMs, isCallOver: false })).toBe(expected);
  });
});

describe("matchesFingerprint (RFC 8122 §5)", () => {
  const right = (algorithm: string): StatedFingerprint => stated(SERVER_CERTIFICATE, algorithm);
  const wrong = (algorithm: string): StatedFingerprint => stated(CLIENT_CERTIFICATE, algorithm);

  it.each([
    {
      what: "one of several with the same hash",
      list: [wrong("sha-256"), right("sha-256")],
      is: true,
    },
    { what: "the strongest hash", list: [wrong("sha-1"), right("sha-512")], is: true },
    { what: "only a weaker hash", list: [right("sha-1"), wrong("sha-256")], is: false },
    { what: "sha-224 and no other", list: [right("sha-224")], is: true },
    {
      what: "a hash that nobody computes",
      list: [{ algorithm: "md2", value: "00" }],
      is: undefined,
    },
    {
      what: "a known hash beside md5",
      list: [{ algorithm: "md5", value: "00" }, right("sha-1")],
      is: true,
    },
  ])("with $what: $is", ({ list, is }) => {
    expect(matchesFingerprint(SERVER_CERTIFICATE, list)).toBe(is);
  });

  it("does not mind the case of either part", () => {
    const { value } = right("sha-256");
    const fingerprint = { algorithm: "SHA-256", value: value.toLowerCase() };
    expect(matchesFingerprint(SERVER_CERTIFICATE, [fingerprint])).toBe(true);
  });
});
