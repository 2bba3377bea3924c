/** Handshakes of recorded traffic against what other tools read out of it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { DtlsAssociation } from "../../src/dtls/association.js";
import { cipherSuiteName } from "../../src/dtls/cipher-suites.js";
import { srtpProfileName } from "../../src/dtls/names.js";
import { DtlsObserver } from "../../src/dtls/observer.js";
import { handshakeResult } from "../../src/dtls/verdict.js";
import { endpointKey } from "../../src/net/endpoint.js";
import { describeCaptures } from "../support/public-captures.js";
import { fixtureBytes, observeBytes, observeCapture } from "./observed-capture.js";
import { udpDatagrams } from "./udp-datagrams.js";

interface KnownOutcome {
  readonly result: string;
  readonly alert?: { readonly code: number; readonly by: string };
  readonly seconds?: number;
  readonly version?: string;
  readonly cipher?: string;
  readonly retransmissions?: number;
}

describe("fixtures/openssl-dtls-outcomes", () => {
  /** As the two ends printed it: see the fixture's known.json. */
  const known = new Map<number, KnownOutcome>([
    [14401, { result: "ok", cipher: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" }],
    [14402, { result: "ok", cipher: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" }],
    [14403, { result: "fail", alert: { code: 40, by: "server" } }],
    [14404, { result: "fail", alert: { code: 48, by: "client" } }],
    [14405, { result: "timeout", retransmissions: 3 }],
    [14406, { result: "ok", seconds: 18.5 }],
    [14407, { result: "fail", alert: { code: 40, by: "server" } }],
    [
      14408,
      { result: "no-srtp-profile", version: "1.0", cipher: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA" },
    ],
  ]);

  it("has the outcome that both ends saw", async () => {
    const { dtls, lastAtMs } = await observeBytes(fixtureBytes("openssl-dtls-outcomes"));
    const associations = dtls.associations();
    expect(associations.map(({ server }) => server.port)).toEqual([...known.keys()]);
    for (const association of associations) {
      const { result, alert, seconds, ...facts }: Partial<KnownOutcome> =
        known.get(association.server.port) ?? {};
      const context = { endedAtMs: lastAtMs, isCallOver: false, hasSrtp: false };
      const outcome = handshakeResult(association, context);
      expect(outcome?.result, String(association.server.port)).toBe(result);
      if (alert !== undefined) expect(outcome?.alert).toMatchObject(alert);
      expect(association).toMatchObject(facts);
      if (seconds === undefined) continue;
      const { startedAtMs, completedAtMs = 0 } = association;
      expect((completedAtMs - startedAtMs) / 1000).toBeCloseTo(seconds, 1);
    }
  });
});

describe.each(["webrtc-websocket", "webrtc-video"])("fixtures/%s", (name) => {
  const capture = fixtureBytes(name);

  it("shows a DTLS 1.3 handshake of two browsers, its ClientHello in two fragments", async () => {
    const { dtls } = await observeBytes(capture);
    expect(dtls.associations()).toMatchObject([
      { version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", offersSrtp: true },
    ]);
    expect(dtls.counters.incompleteMessages).toBe(0);
  });

  it("shows its end where the encrypted records are handed out", () => {
    const observer = new DtlsObserver();
    const all = udpDatagrams(capture).filter(({ payload }) => {
      const first = payload[0] ?? 0;
      return first >= 20 && first <= 63;
    });
    for (const datagram of all) observer.observe(datagram);
    const [association, ...more] = observer.associations();
    expect(more).toEqual([]);
    expect(association).toMatchObject({
      version: "1.3",
      isInferred: true,
      isClientEncrypted: true,
      isServerEncrypted: true,
    });
    const { startedAtMs = 0, completedAtMs = 0 } = association ?? {};
    expect(completedAtMs - startedAtMs).toBeGreaterThan(0);
    expect(completedAtMs - startedAtMs).toBeLessThan(1000);
    expect(Object.values(observer.counters.malformed).every((count) => count === 0)).toBe(true);
  });
});

describe("fixtures/baresip-dtls-srtp", () => {
  it("shows the certificates whose fingerprints its descriptions give", async () => {
    const capture = fixtureBytes("baresip-dtls-srtp");
    const written = [
      ...capture.toString("latin1").matchAll(/a=fingerprint:\s*sha-256 ([\dA-F:]{95})/gi),
    ].map(([, value]) => value?.toUpperCase());
    const { dtls } = await observeBytes(capture);
    expect(new Set(written).size).toBe(2);
    expect(dtls.associations()).toHaveLength(2);
    for (const { clientCertificate, serverCertificate } of dtls.associations()) {
      expect(written).toContain(clientCertificate?.get("sha-256"));
      expect(written).toContain(serverCertificate?.get("sha-256"));
      expect(clientCertificate?.get("sha-256")).not.toBe(serverCertificate?.get("sha-256"));
    }
  });
});

interface KnownHandshake {
  readonly endpoints: readonly string[];
  readonly client: string | null;
  readonly alerts: readonly {
    readonly level: string;
    readonly desc: string;
    readonly src: string;
  }[];
  readonly client_offers_srtp?: readonly string[];
  readonly server_version?: string;
  readonly server_selected_versions?: readonly string[];
  readonly cipher?: string;
  readonly srtp_profile?: string;
  readonly looks_complete: boolean;
  readonly handshake_ms?: number;
}

function knownHandshakes(
  folder: string,
): { readonly name: string; readonly path: string; readonly dtls: readonly KnownHandshake[] }[] {
  return readdirSync(`${folder}/truth`).flatMap((file) => {
    if (file.startsWith("_") || !file.endsWith(".json")) return [];
    const name = file.replace(/\.json$/, "");
    const path = [".pcap", ".pcapng"].map((end) => `${folder}/${name}${end}`).find(existsSync);
    const text = readFileSync(`${folder}/truth/${file}`, "utf8");
    const { dtls } = JSON.parse(text) as { dtls?: readonly KnownHandshake[] };
    const withRoles = dtls?.filter(({ client }) => client !== null) ?? [];
    return path === undefined || withRoles.length === 0 ? [] : [{ name, path, dtls: withRoles }];
  });
}

const VERSIONS = new Map([
  ["0xfeff", "1.0"],
  ["0xfefd", "1.2"],
  ["0xfefc", "1.3"],
]);

/** tshark writes IPv6 endpoints without brackets. */
function plainKey(endpoint: DtlsAssociation["client"]): string {
  return endpointKey(endpoint).replace(/[[\]]/g, "");
}

function summary(association: DtlsAssociation): object {
  const { version, cipher, srtpProfile, startedAtMs, completedAtMs } = association;
  return {
    client: plainKey(association.client),
    server: plainKey(association.server),
    version,
    cipher,
    srtpProfile,
    offersSrtp: association.offersSrtp,
    // The truth goes by the change of cipher, which DTLS 1.3 does not have.
    ...(version !== "1.3" && {
      isComplete: completedAtMs !== undefined,
      handshakeMs:
        completedAtMs === undefined ? undefined : Math.round(completedAtMs - startedAtMs),
    }),
    alerts: association.alerts.map(({ level, code, by }) => `${level} ${String(code)} ${by}`),
  };
}

function expected(known: KnownHandshake, isDecrypted: boolean): object {
  const { client, cipher = "", srtp_profile: profile = "", handshake_ms: ms } = known;
  const selected = known.server_selected_versions?.[0] ?? known.server_version ?? "";
  const side = (src: string): string => (src === client ? "client" : "server");
  return {
    client,
    server: known.endpoints.find((endpoint) => endpoint !== client),
    version: VERSIONS.get(selected),
    cipher: cipher === "" ? undefined : cipherSuiteName(Number(cipher)),
    srtpProfile: profile === "" ? undefined : srtpProfileName(Number(profile)),
    offersSrtp: (known.client_offers_srtp ?? []).length > 0,
    ...(VERSIONS.get(selected) !== "1.3" && {
      isComplete: known.looks_complete,
      handshakeMs: known.looks_complete && ms !== undefined ? Math.round(ms) : undefined,
    }),
    alerts: isDecrypted
      ? []
      : known.alerts.map(({ level, desc, src }) => {
          return `${level === "2" ? "fatal" : "warning"} ${desc} ${side(src)}`;
        }),
  };
}

describeCaptures("DTLS in the public captures", knownHandshakes, (truths) => {
  it.each(truths)("$name: agrees with what tshark reads", async ({ name, path, dtls: known }) => {
    const { dtls } = await observeCapture(path);
    const byClient = (a: object, b: object): number =>
      JSON.stringify(a).localeCompare(JSON.stringify(b));
    // This one holds its keys: tshark reads the alert at its end, which nobody else can.
    const isDecrypted = name === "wireshark_dtls12_ccm8_dsb";
    expect(dtls.associations().map(summary).sort(byClient)).toEqual(
      known.map((handshake) => expected(handshake, isDecrypted)).sort(byClient),
    );
  });
});
