import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { DtlsAssociation } from "../../src/dtls/association.js";
import { HANDSHAKE_TYPE as TYPE } from "../../src/dtls/handshake.js";
import { type DtlsDatagram, DtlsObserver } from "../../src/dtls/observer.js";
import {
  ALERT,
  APPLICATION_DATA,
  certificates,
  CHANGE_CIPHER_SPEC,
  clientHello,
  fromClient,
  fromServer,
  HANDSHAKE,
  type HelloFields,
  message,
  random,
  record,
  serverHello,
  TLS12_CID,
  unified,
} from "./build.js";
import { BEGAN_AT_MS, CLIENT, SERVER, trace } from "./traces.js";

const CERTIFICATE = Uint8Array.from({ length: 40 }, (_, i) => i);

function observed(...datagrams: readonly DtlsDatagram[]): DtlsObserver {
  const observer = new DtlsObserver();
  for (const datagram of datagrams) observer.observe(datagram);
  return observer;
}

/** The one association that the datagrams make. */
function association(...datagrams: readonly DtlsDatagram[]): DtlsAssociation {
  const [first, ...more] = observed(...datagrams).associations();
  expect(more).toEqual([]);
  if (first === undefined) throw new Error("There is no association.");
  return first;
}

/** A plaintext handshake record with one whole message. */
function said(type: number, sequence: number, body: Uint8Array | number[], number = 0): Uint8Array {
  return record(HANDSHAKE, message(type, sequence, body), { number });
}

function hello(fields: HelloFields = {}, number = 0): Uint8Array {
  return said(TYPE.clientHello, 0, clientHello(fields), number);
}

function answer(fields: HelloFields = {}, number = 0): Uint8Array {
  return said(TYPE.serverHello, 0, serverHello(fields), number);
}

/** Change of cipher and Finished. */
function finish(number = 8): Uint8Array[] {
  return [
    record(CHANGE_CIPHER_SPEC, [1], { number }),
    record(HANDSHAKE, new Uint8Array(40), { epoch: 1, number: number - 8 }),
  ];
}

const keyExchange = said(TYPE.clientKeyExchange, 1, [1, 2, 3], 1);

describe("recorded handshakes", () => {
  it("reads all there is in a handshake with two certificates in fragments", () => {
    const datagrams = trace("ok");
    const seen = association(...datagrams);
    expect(seen).toMatchObject({
      client: CLIENT,
      server: SERVER,
      version: "1.2",
      cipher: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      offersSrtp: true,
      srtpProfile: "SRTP_AES128_CM_HMAC_SHA1_80",
      retransmissions: 0,
      alerts: [],
      isInferred: false,
      isOneSided: false,
      sawClient: true,
      sawServer: true,
    });
    // As `openssl x509 -fingerprint -sha256` prints them.
    expect(seen.serverCertificate?.get("sha-256")).toBe(
      "0D:8D:EF:F9:D6:F2:4A:70:95:7D:36:17:5D:14:0E:E7:C9:6B:18:59:A5:B9:FB:2D:5D:6A:D4:4A:9B:F0:BE:1F",
    );
    expect(seen.clientCertificate?.get("sha-256")).toBe(
      "7C:73:B9:42:41:5A:BC:BE:00:D1:7D:91:CA:E3:91:47:F2:D2:DC:72:55:C7:8F:CF:71:4D:21:5A:09:6F:0B:39",
    );
    expect([...(seen.serverCertificate?.keys() ?? [])].sort()).toEqual([
      "sha-1",
      "sha-224",
      "sha-256",
      "sha-384",
      "sha-512",
    ]);
    expect(seen.startedAtMs).toBe(datagrams[0]?.atMs);
    expect(datagrams.map(({ atMs }) => atMs)).toContain(seen.completedAtMs);
  });

  it("gives the same for its datagrams cut into one record each", () => {
    const whole = association(...trace("ok"));
    const single = trace("ok").flatMap((datagram) => {
      const parts: DtlsDatagram[] = [];
      const view = new DataView(datagram.payload.buffer, datagram.payload.byteOffset);
      for (let at = 0; at < datagram.payload.length;) {
        const end = at + 13 + view.getUint16(at + 11);
        parts.push({ ...datagram, payload: datagram.payload.subarray(at, end) });
        at = end;
      }
      return parts;
    });
    expect(single.length).toBeGreaterThan(trace("ok").length);
    expect(association(...single)).toEqual(whole);
  });

  it.each([
    { name: "unknown-ca", alert: { code: 48, name: "unknown_ca", by: "client" } },
    { name: "no-cipher", alert: { code: 40, name: "handshake_failure", by: "server" } },
  ])("reads the fatal alert of $name and whose it is", ({ name, alert }) => {
    const seen = association(...trace(name));
    expect(seen.alerts).toMatchObject([{ level: "fatal", ...alert }]);
    expect(seen.completedAtMs).toBeUndefined();
  });

  it("counts the ClientHello that came again because it was lost", () => {
    expect(association(...trace("drop"))).toMatchObject({
      retransmissions: 1,
      srtpProfile: "SRTP_AES128_CM_HMAC_SHA1_80",
    });
  });

  it("sees a handshake end that selected no profile", () => {
    const seen = association(...trace("noprofile"));
    expect(seen.completedAtMs).toBeDefined();
    expect(seen.offersSrtp).toBe(true);
    expect(seen.srtpProfile).toBeUndefined();
  });

  it("sees a client that nobody answers", () => {
    expect(association(...trace("dead"))).toMatchObject({
      client: CLIENT,
      sawServer: false,
      isOneSided: false,
      retransmissions: 3,
      startedAtMs: trace("dead")[0]?.atMs,
      lastProgressAtMs: trace("dead")[0]?.atMs,
      lastPacketAtMs: trace("dead")[3]?.atMs,
    });
  });
});

describe("roles", () => {
  it("takes the sender of a ServerHello for the server where no ClientHello was seen", () => {
    expect(association(fromServer(0, answer()))).toMatchObject({
      client: CLIENT,
      server: SERVER,
      sawClient: false,
      isOneSided: true,
    });
  });

  it("keeps an association to itself until it knows the roles", () => {
    const observer = observed(
      fromServer(0, said(TYPE.certificate, 2, certificates(CERTIFICATE), 1)),
    );
    expect(observer.associations()).toEqual([]);
    observer.observe(fromServer(1, said(TYPE.serverHelloDone, 3, [], 2)));
    const [seen] = observer.associations();
    expect(seen).toMatchObject({ server: SERVER, startedAtMs: BEGAN_AT_MS });
    expect(seen?.serverCertificate?.get("sha-1")?.replaceAll(":", "").toLowerCase()).toBe(
      createHash("sha1").update(CERTIFICATE).digest("hex"),
    );
  });

  it("has no association of application data alone", () => {
    const data = record(APPLICATION_DATA, [1, 2, 3], { epoch: 1 });
    expect(observed(fromClient(0, data), fromServer(1, data)).associations()).toEqual([]);
  });

  it("tells half a capture from a client that nobody answers", () => {
    expect(association(fromClient(0, hello())).isOneSided).toBe(false);
    expect(association(fromClient(0, hello()), fromClient(9, keyExchange)).isOneSided).toBe(true);
    const verified = said(TYPE.clientHello, 1, clientHello({ cookie: [1] }), 1);
    expect(association(fromClient(0, hello()), fromClient(9, verified)).isOneSided).toBe(true);
  });

  it("keeps two sides apart that both take themselves for the client", () => {
    const mine = hello({ random: random(1) });
    const theirs = hello({ random: random(5) });
    const again = [hello({ random: random(1) }, 1), hello({ random: random(5) }, 1)];
    const seen = observed(
      fromClient(0, mine),
      fromServer(1, theirs),
      fromClient(1000, again[0] ?? []),
      fromServer(1001, again[1] ?? []),
    ).associations();
    expect(seen).toMatchObject([
      { client: CLIENT, retransmissions: 1 },
      { client: SERVER, retransmissions: 1 },
    ]);
  });
});

describe("the end of a handshake up to 1.2", () => {
  it("comes with the second Finished", () => {
    const begin = [
      fromClient(0, hello()),
      fromServer(5, answer()),
      fromClient(9, keyExchange, ...finish()),
    ];
    expect(association(...begin)).toMatchObject({
      isClientEncrypted: true,
      isServerEncrypted: false,
    });
    expect(association(...begin).completedAtMs).toBeUndefined();
    expect(association(...begin, fromServer(12, ...finish()))).toMatchObject({
      completedAtMs: BEGAN_AT_MS + 12,
      lastProgressAtMs: BEGAN_AT_MS + 12,
    });
  });

  it("does not come with an alert under the new keys", () => {
    const alert = record(ALERT, new Uint8Array(26), { epoch: 1 });
    const seen = association(
      fromClient(0, hello()),
      fromServer(5, answer()),
      fromClient(9, ...finish()),
      fromServer(12, alert),
    );
    expect(seen.completedAtMs).toBeUndefined();
    expect(seen.alerts).toEqual([]);
  });

  it("comes with a Finished that hides its type behind a connection identifier (RFC 9146)", () => {
    const hidden = record(TLS12_CID, new Uint8Array(30), { epoch: 1, connectionId: [7] });
    const seen = association(
      fromClient(0, hello({ connectionId: [] })),
      fromServer(5, answer({ connectionId: [7] })),
      fromClient(9, record(CHANGE_CIPHER_SPEC, [1], { number: 2 }), hidden, hidden),
      fromServer(12, ...finish()),
    );
    expect(seen.completedAtMs).toBe(BEGAN_AT_MS + 12);
  });

  it("is no nearer for a last flight that comes again without an answer", () => {
    const last = [0, 1000, 3000].map((ms, index) => fromClient(ms + 12, ...finish(8 + index)));
    const seen = association(fromClient(0, hello()), fromServer(5, answer()), ...last);
    expect(seen.completedAtMs).toBeUndefined();
    expect(seen.lastProgressAtMs).toBe(BEGAN_AT_MS + 12);
    expect(seen.lastPacketAtMs).toBe(BEGAN_AT_MS + 3012);
  });

  it("is put off by a last flight that comes again, but not by a copy of it", () => {
    const begin = [
      fromClient(0, hello()),
      fromServer(5, answer()),
      fromClient(9, ...finish()),
      fromServer(12, ...finish()),
    ];
    const copy = fromServer(13, ...finish());
    expect(association(...begin, copy).completedAtMs).toBe(BEGAN_AT_MS + 12);
    const again = fromServer(1012, ...finish(9));
    expect(association(...begin, again).completedAtMs).toBe(BEGAN_AT_MS + 1012);
    const renegotiation = fromClient(
      5000,
      record(HANDSHAKE, new Uint8Array(90), { epoch: 1, number: 5 }),
    );
    expect(association(...begin, renegotiation).completedAtMs).toBe(BEGAN_AT_MS + 12);
  });

  it("counts messages in a new record as retransmissions, mirrored copies not", () => {
    const flight = [answer({}, 1), said(TYPE.serverHelloDone, 1, [], 2)];
    const again = [answer({}, 3), said(TYPE.serverHelloDone, 1, [], 4)];
    const begin = [fromClient(0, hello()), fromServer(5, ...flight)];
    expect(association(...begin, fromServer(5, ...flight)).retransmissions).toBe(0);
    expect(association(...begin, fromServer(1005, ...again)).retransmissions).toBe(2);
    expect(
      association(...begin, fromServer(1005, ...again), fromServer(1005, ...again)).retransmissions,
    ).toBe(2);
  });

  it("counts a message in fragments once each time it comes again", () => {
    const body = certificates(CERTIFICATE);
    const parts = (number: number): Uint8Array[] => [
      record(HANDSHAKE, message(TYPE.certificate, 1, body, { from: 0, to: 20 }), { number }),
      record(HANDSHAKE, message(TYPE.certificate, 1, body, { from: 20 }), { number: number + 1 }),
    ];
    const begin = [fromClient(0, hello()), fromServer(5, answer({}, 1))];
    const seen = association(...begin, fromServer(5, ...parts(2)), fromServer(900, ...parts(4)));
    expect(seen.retransmissions).toBe(1);
  });
});

describe("DTLS 1.3", () => {
  const begin = [
    fromClient(0, hello({ versions: [0xfefc], srtpProfiles: [1] })),
    fromServer(
      3,
      answer({ versions: [0xfefc], cipherSuite: 0x1301 }),
      unified(2, new Uint8Array(500)),
    ),
    fromClient(9, unified(2, new Uint8Array(400))),
  ];

  it("ends with the first record of epoch 3 once both sides are encrypted", () => {
    expect(association(...begin)).toMatchObject({
      version: "1.3",
      cipher: "TLS_AES_128_GCM_SHA256",
      offersSrtp: true,
      isInferred: false,
      isClientEncrypted: true,
      isServerEncrypted: true,
    });
    expect(association(...begin).completedAtMs).toBeUndefined();
    const acknowledged = fromServer(14, unified(3, new Uint8Array(30)));
    const later = fromServer(400, unified(3, new Uint8Array(30)));
    expect(association(...begin, acknowledged, later)).toMatchObject({
      completedAtMs: BEGAN_AT_MS + 14,
      isInferred: true,
    });
  });

  it("does not end with data that the server sends before the client is done", () => {
    const early = fromServer(4, unified(3, [1, 2, 3]));
    expect(association(...begin.slice(0, 2), early).completedAtMs).toBeUndefined();
  });

  it("is one handshake with a HelloRetryRequest in it", () => {
    const retry = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"; // RFC 8446 §4.1.3
    const second = said(TYPE.clientHello, 1, clientHello({ versions: [0xfefc] }), 1);
    const seen = association(
      fromClient(0, hello({ versions: [0xfefc] })),
      fromServer(1, answer({ versions: [0xfefc], random: [...Buffer.from(retry, "hex")] })),
      fromClient(2, second),
      fromServer(3, said(TYPE.serverHello, 1, serverHello({ versions: [0xfefc] }), 1)),
    );
    expect(seen).toMatchObject({ version: "1.3", retransmissions: 0 });
  });
});

describe("another handshake between the same endpoints", () => {
  const first = [
    fromClient(0, hello({ random: random(1), srtpProfiles: [1] })),
    fromServer(5, answer({ srtpProfiles: [1] })),
    fromClient(9, ...finish()),
    fromServer(12, ...finish()),
  ];

  it("is another association when a first ClientHello has another random", () => {
    const seen = observed(
      ...first,
      fromClient(9000, hello({ random: random(3) })),
      fromServer(9005, answer({ version: 0xfeff })),
    ).associations();
    expect(seen).toMatchObject([
      { completedAtMs: BEGAN_AT_MS + 12, srtpProfile: "SRTP_AES128_CM_HMAC_SHA1_80" },
      { startedAtMs: BEGAN_AT_MS + 9000, version: "1.0", offersSrtp: false, retransmissions: 0 },
    ]);
  });

  it("may have its roles the other way round", () => {
    const seen = observed(...first, fromServer(9000, hello({ random: random(3) }))).associations();
    expect(seen.map(({ client }) => client)).toEqual([CLIENT, SERVER]);
  });

  it("is found though its ClientHello comes in fragments", () => {
    const body = clientHello({ random: random(3), srtpProfiles: [1] });
    const parts = [
      message(TYPE.clientHello, 0, body, { to: 40 }),
      message(TYPE.clientHello, 0, body, { from: 40 }),
    ];
    const datagrams = parts.map((part, i) =>
      fromClient(9000 + i, record(HANDSHAKE, part, { number: i })),
    );
    expect(observed(...first, ...datagrams).associations()).toMatchObject([
      { retransmissions: 0 },
      { offersSrtp: true, lastPacketAtMs: BEGAN_AT_MS + 9001 },
    ]);
  });

  it("is found though the ClientHello before it never became whole", () => {
    const part = (seed: number): Uint8Array =>
      message(TYPE.clientHello, 0, clientHello({ random: random(seed) }), { to: 40 });
    const datagrams = [1, 3].map((seed) => fromClient(seed, record(HANDSHAKE, part(seed))));
    expect(observed(...datagrams).associations()).toHaveLength(2);
  });

  it("is not made by a ClientHello that comes late", () => {
    const late = fromClient(9000, hello({ random: random(1), srtpProfiles: [1] }, 1));
    expect(observed(...first, late).associations()).toHaveLength(1);
  });

  it("begins after encrypted records of a handshake that was before the capture", () => {
    const encrypted = record(APPLICATION_DATA, [1, 2, 3], { epoch: 1 });
    const seen = association(fromServer(0, encrypted), fromClient(50, hello()));
    expect(seen.startedAtMs).toBe(BEGAN_AT_MS + 50);
  });
});

describe("what is damaged, cut or too much", () => {
  it("counts by reason and goes on", () => {
    const observer = observed(
      fromClient(0, [0x16, 0x03, 0x03, ...new Array<number>(20).fill(0)]),
      fromClient(1, [0x13, 1, 2]),
      fromClient(2, record(HANDSHAKE, [1, 0, 0])),
      fromClient(3, said(TYPE.clientHello, 0, [1, 2, 3])),
      fromClient(4, record(ALERT, [7, 7])),
      fromServer(5, said(TYPE.certificate, 1, [0, 0, 9, 1])),
      fromServer(6, answer({ version: 0xfefd }, 2)),
    );
    expect(observer.counters.malformed).toMatchObject({
      version: 1,
      "content-type": 1,
      "fragment-header": 1,
      hello: 1,
      alert: 1,
      certificate: 1,
    });
    expect(observer.associations()).toMatchObject([{ version: "1.2" }]);
    expect(observer.counters.datagrams).toBe(7);
  });

  it("reads what a snap length left", () => {
    const whole = fromServer(
      5,
      answer({}, 1),
      said(TYPE.certificate, 1, certificates(CERTIFICATE), 2),
    );
    const payload = whole.payload.subarray(0, whole.payload.length - 10);
    const observer = observed({ ...whole, payload, isTruncated: true });
    expect(observer.associations()).toMatchObject([{ version: "1.2" }]);
    expect(observer.counters.cutDatagrams).toBe(1);
    expect(Object.values(observer.counters.malformed).every((count) => count === 0)).toBe(true);
  });

  it("knows of messages that never became whole", () => {
    const part = message(TYPE.certificate, 1, certificates(CERTIFICATE), { to: 20 });
    const observer = observed(fromServer(5, answer(), record(HANDSHAKE, part, { number: 1 })));
    expect(observer.counters.incompleteMessages).toBe(1);
    expect(observer.associations()[0]?.serverCertificate).toBeUndefined();
  });

  it("keeps the alerts of an association within bounds, and copies out", () => {
    const alert = record(ALERT, [1, 0], { number: 3 });
    expect(
      association(fromClient(0, hello()), fromServer(1, alert), fromServer(1, alert)).alerts,
    ).toHaveLength(1);
    const many = Array.from({ length: 40 }, (_, number) => record(ALERT, [1, 0], { number }));
    expect(association(fromClient(0, hello()), fromServer(1, ...many)).alerts).toHaveLength(16);
  });

  it("lets go of the association longest without a packet", () => {
    const observer = new DtlsObserver({ maxAssociations: 2 });
    const from = (port: number): DtlsDatagram => ({
      ...fromClient(port, hello({ random: random(port) })),
      source: { ...CLIENT, port },
    });
    for (const port of [1, 2, 1, 3]) observer.observe(from(port));
    expect(observer.associations().map(({ client }) => client.port)).toEqual([1, 3]);
    expect(observer.counters.evictedAssociations).toBe(1);
  });

  it("keeps the objects that it has handed out up to date", () => {
    const observer = observed(fromClient(0, hello()));
    const [seen] = observer.associations();
    observer.observe(fromServer(5, answer()));
    expect(observer.associations()[0]).toBe(seen);
    expect(seen?.version).toBe("1.2");
  });

  it.each([0, 1.5, Number.NaN, 2 ** 21])("refuses room for %d associations", (maxAssociations) => {
    expect(() => new DtlsObserver({ maxAssociations })).toThrow(RangeError);
  });
});
