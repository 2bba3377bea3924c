import { describe, expect, it } from "vitest";

import { readRecords } from "../../src/dtls/record.js";
import { bytesOf } from "../support/packets.js";
import { HANDSHAKE, hex, record, TLS12_CID, unified } from "./build.js";

describe("records up to DTLS 1.2 (RFC 6347 §4.1)", () => {
  it("reads each field of the header", () => {
    const datagram = hex(
      "15", // alert
      "fefd", // version 1.2
      "0001", // epoch
      "010203040506", // sequence number
      "0002", // length
      "0228",
    );
    expect(readRecords(datagram, false)).toEqual({
      records: [
        {
          contentType: 21,
          epoch: 1,
          sequenceNumber: 0x010203040506,
          isUnified: false,
          body: hex("0228"),
        },
      ],
      isCut: false,
    });
  });

  it("reads all records of a datagram", () => {
    const datagram = bytesOf(record(20, [1]), record(HANDSHAKE, [1, 2, 3], { epoch: 1 }));
    const { records } = readRecords(datagram, false);
    expect(records.map(({ contentType, body }) => [contentType, body.length])).toEqual([
      [20, 1],
      [22, 3],
    ]);
  });

  it.each([
    { what: "a type that is none", bytes: "13fefd0000000000000000000100", damage: "content-type" },
    { what: "a version of TLS", bytes: "160303000000000000000000010000", damage: "version" },
    { what: "half a header", bytes: "16fefd0000000000", damage: "record-header" },
    {
      what: "a length beyond the datagram",
      bytes: "16fefd0000000000000000000201",
      damage: "record-length",
    },
  ])("keeps what comes before $what and says why it stopped", ({ bytes, damage }) => {
    const good = record(HANDSHAKE, [1, 2]);
    const { records, damage: found } = readRecords(bytesOf(good, hex(bytes)), false);
    expect(records).toHaveLength(1);
    expect(found).toBe(damage);
  });

  it("takes a record that the snap length cut for cut, not for damaged", () => {
    const whole = record(HANDSHAKE, [1, 2, 3, 4]);
    const { records, damage, isCut } = readRecords(whole.subarray(0, 15), true);
    expect(records[0]?.body).toEqual(hex("0102"));
    expect(damage).toBeUndefined();
    expect(isCut).toBe(true);
    expect(readRecords(whole.subarray(0, 9), true)).toEqual({ records: [], isCut: true });
  });
});

describe("records with a connection identifier (RFC 9146 §4)", () => {
  const datagram = bytesOf(
    record(TLS12_CID, [9, 9, 9], { epoch: 1, connectionId: [0xc1, 0xc2] }),
    record(TLS12_CID, [8], { epoch: 1, connectionId: [0xc1, 0xc2] }),
  );

  it("finds the length behind an identifier of known length", () => {
    const { records } = readRecords(datagram, false, 2);
    expect(records.map(({ body }) => [...body])).toEqual([[9, 9, 9], [8]]);
  });

  it("takes the rest of the datagram where the identifier's length is not known", () => {
    const { records, damage } = readRecords(datagram, false);
    expect(records).toHaveLength(1);
    expect(records[0]?.epoch).toBe(1);
    expect(damage).toBeUndefined();
  });
});

describe("the unified header (RFC 9147 §4)", () => {
  it.each([
    { hasLongNumber: true, hasLength: true },
    { hasLongNumber: false, hasLength: true },
    { hasLongNumber: true, hasLength: true, connectionId: [1, 2, 3] },
    { hasLongNumber: false, hasLength: true, connectionId: [] },
  ])("finds the next record behind %o", (fields) => {
    const datagram = bytesOf(unified(2, [7, 7, 7, 7], fields), unified(3, [6], fields));
    const { records, damage } = readRecords(datagram, false, fields.connectionId?.length);
    expect(damage).toBeUndefined();
    expect(records).toEqual([
      { epoch: 2, isUnified: true, body: hex("07070707") },
      { epoch: 3, isUnified: true, body: hex("06") },
    ]);
  });

  it("fills the datagram where it has no length", () => {
    const { records } = readRecords(unified(2, [1, 2, 3], { hasLength: false }), false);
    expect(records[0]?.body).toEqual(hex("010203"));
  });

  it("fills the datagram behind an identifier of unknown length", () => {
    const { records } = readRecords(unified(2, [1, 2, 3], { connectionId: [5, 5] }), false);
    expect(records).toHaveLength(1);
    expect(records[0]?.epoch).toBe(2);
  });

  it("stops where its length goes on beyond the datagram", () => {
    const { damage } = readRecords(hex("2e aabb 0005 01"), false);
    expect(damage).toBe("record-length");
    expect(readRecords(hex("2e aabb 00"), false).damage).toBe("record-header");
  });
});
