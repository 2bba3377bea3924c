/** Hostile and random datagrams: nothing is thrown, everything stays bounded. */
import { describe, expect, it } from "vitest";

import { type DtlsDatagram, DtlsObserver } from "../../src/dtls/observer.js";
import { handshakeResult } from "../../src/dtls/verdict.js";
import { generator } from "../sdp/random.js";
import { bytesOf } from "../support/packets.js";
import {
  clientHello,
  fromClient,
  fromServer,
  HANDSHAKE,
  message,
  random,
  record,
  unified,
} from "./build.js";
import { trace } from "./traces.js";

const MAX_ASSOCIATIONS = 20;
const TRACES = ["ok", "drop", "unknown-ca", "no-cipher", "noprofile", "dead"].map(trace);

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Reads all there is to read and checks what must hold of any input. */
function checkInvariants(observer: DtlsObserver): void {
  const associations = observer.associations();
  must(associations.length <= MAX_ASSOCIATIONS, "associations are bounded");
  for (const association of associations) {
    const { startedAtMs, lastPacketAtMs, lastProgressAtMs, completedAtMs } = association;
    must(association.alerts.length <= 16, "alerts are bounded");
    must(association.sawClient || association.sawServer, "somebody sent something");
    must(lastProgressAtMs <= lastPacketAtMs, "progress comes with packets");
    must(completedAtMs === undefined || completedAtMs >= startedAtMs, "an end is after a start");
    handshakeResult(association, { endedAtMs: lastPacketAtMs, isCallOver: true, hasSrtp: false });
  }
  const { malformed, incompleteMessages, evictedAssociations } = observer.counters;
  const counts = [...Object.values(malformed), incompleteMessages, evictedAssociations];
  must(counts.every(Number.isSafeInteger), "counters count");
}

function mutatedDatagram(datagram: DtlsDatagram, pick: (limit: number) => number): DtlsDatagram {
  let payload: Uint8Array = Uint8Array.from(datagram.payload);
  for (let step = pick(4); step > 0; step -= 1) {
    const at = pick(payload.length + 1);
    const special = [0, 1, 0x16, 0x2f, 0x3f, 0x7f, 0xfe, 0xff][pick(8)] ?? 0;
    if (pick(6) === 0) payload = payload.slice(0, at);
    else if (pick(6) === 0) payload = bytesOf(payload.subarray(at), payload.subarray(0, at));
    else if (pick(6) === 0) payload = bytesOf(payload, payload.subarray(at));
    else if (at < payload.length) payload[at] = pick(2) === 0 ? special : pick(256);
  }
  const port = pick(3) === 0 ? 40_000 + pick(40) : datagram.source.port;
  const source = { ...datagram.source, port };
  return { ...datagram, payload, source, isTruncated: pick(5) === 0 };
}

describe("a handshake", () => {
  it("mutated, mixed and repeated at random does no harm", () => {
    const pick = generator(1);
    for (let round = 0; round < 150; round += 1) {
      const observer = new DtlsObserver({ maxAssociations: MAX_ASSOCIATIONS });
      for (let i = 0; i < 60; i += 1) {
        const datagrams = TRACES[pick(TRACES.length)] ?? [];
        const datagram = datagrams[pick(datagrams.length)];
        if (datagram !== undefined) observer.observe(mutatedDatagram(datagram, pick));
      }
      checkInvariants(observer);
    }
  });

  it("in random bytes is none", () => {
    const pick = generator(2);
    const observer = new DtlsObserver({ maxAssociations: MAX_ASSOCIATIONS });
    for (let round = 0; round < 5000; round += 1) {
      const payload = Uint8Array.from({ length: pick(80) }, () => pick(256));
      if (pick(2) === 0)
        payload.set([20 + pick(7), 0xfe, 0xfd, 0, pick(2)].slice(0, payload.length));
      observer.observe({ ...fromClient(round), payload });
    }
    checkInvariants(observer);
    expect(observer.counters.datagrams).toBe(5000);
  });
});

describe("a flood", () => {
  it("of first ClientHellos keeps to its bound", () => {
    const observer = new DtlsObserver({ maxAssociations: MAX_ASSOCIATIONS });
    for (let i = 0; i < 1000; i += 1) {
      const body = clientHello({ random: random(i) });
      observer.observe(fromClient(i, record(HANDSHAKE, message(1, 0, body), { number: i })));
    }
    checkInvariants(observer);
    expect(observer.associations()).toHaveLength(MAX_ASSOCIATIONS);
    expect(observer.counters.evictedAssociations).toBe(1000 - MAX_ASSOCIATIONS);
  });

  it("of the smallest fragments and records of a datagram is read once", () => {
    const observer = new DtlsObserver();
    const fragments = Array.from({ length: 5000 }, (_, i) =>
      message(11, i & 0xff, new Uint8Array(600), { from: (i * 2) % 600, to: ((i * 2) % 600) + 1 }),
    );
    observer.observe(fromServer(0, record(HANDSHAKE, bytesOf(...fragments))));
    const records = Array.from({ length: 13_000 }, () => unified(3, []));
    observer.observe(fromServer(1, ...records));
    observer.observe(fromClient(1, ...records));
    expect(observer.counters.malformed["message-limit"]).toBeGreaterThan(0);
    checkInvariants(observer);
  });
});
