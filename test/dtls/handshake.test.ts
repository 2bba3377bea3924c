import { describe, expect, it } from "vitest";

import {
  MAX_MESSAGE_BYTES,
  MAX_PARTIAL_BYTES,
  MAX_PARTIAL_MESSAGES,
  MAX_STRETCHES,
  MessageAssembler,
  PartialMessages,
  readFragments,
  type HandshakeFragment,
} from "../../src/dtls/handshake.js";
import { generator } from "../sdp/random.js";
import { bytesOf } from "../support/packets.js";
import { message } from "./build.js";

const CERTIFICATE = 11;
const BODY = Uint8Array.from({ length: 385 }, (_, i) => i & 0xff);

function fragment(
  from: number,
  to: number,
  fields: Partial<HandshakeFragment> = {},
): HandshakeFragment {
  const whole = { type: CERTIFICATE, length: BODY.length, messageSequence: 2, offset: from };
  return { ...whole, body: BODY.subarray(from, to), ...fields };
}

describe("readFragments", () => {
  it("reads several messages in one record (RFC 6347 §4.2.3)", () => {
    const { fragments, damage } = readFragments(
      bytesOf(message(14, 5, []), message(CERTIFICATE, 2, BODY, { from: 100, to: 110 })),
    );
    expect(damage).toBeUndefined();
    expect(fragments).toEqual([
      { type: 14, length: 0, messageSequence: 5, offset: 0, body: new Uint8Array(0) },
      fragment(100, 110),
    ]);
  });

  it.each([
    { what: "half a header", bytes: [1, 0, 0, 4, 0, 0], damage: "fragment-header" },
    {
      what: "more than its record",
      bytes: [1, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 9],
      damage: "fragment-length",
    },
    {
      what: "more than its message",
      bytes: [1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 9],
      damage: "fragment-length",
    },
  ])("keeps what comes before a fragment of $what", ({ bytes, damage }) => {
    const result = readFragments(bytesOf(message(14, 5, []), bytes));
    expect(result.fragments).toHaveLength(1);
    expect(result.damage).toBe(damage);
  });
});

describe("MessageAssembler", () => {
  it("hands a whole message on without waiting", () => {
    expect(new MessageAssembler(new PartialMessages()).add(fragment(0, 385))).toEqual(BODY);
  });

  it.each([
    {
      how: "in order",
      cuts: [
        [0, 108],
        [108, 311],
        [311, 385],
      ],
    },
    {
      how: "from the end",
      cuts: [
        [311, 385],
        [108, 311],
        [0, 108],
      ],
    },
    {
      how: "with copies",
      cuts: [
        [0, 108],
        [0, 108],
        [311, 385],
        [311, 385],
        [108, 311],
      ],
    },
    {
      how: "overlapping",
      cuts: [
        [50, 200],
        [0, 100],
        [150, 360],
        [300, 385],
      ],
    },
    {
      how: "one inside another",
      cuts: [
        [10, 20],
        [0, 100],
        [90, 385],
      ],
    },
    {
      how: "with empty ones between",
      cuts: [
        [0, 0],
        [0, 200],
        [200, 200],
        [200, 385],
      ],
    },
  ] as const)("joins fragments $how", ({ cuts }) => {
    const all = new PartialMessages();
    const assembler = new MessageAssembler(all);
    const results = cuts.map(([from, to]) => assembler.add(fragment(from, to)));
    expect(results.pop()).toEqual(BODY);
    expect(results.every((result) => result === undefined)).toBe(true);
    expect(all.incomplete).toBe(0);
  });

  it("joins what was cut and mixed at random", () => {
    const pick = generator(7);
    for (let round = 0; round < 300; round += 1) {
      const cuts: [number, number][] = [];
      for (let from = 0; from < BODY.length;) {
        const to = Math.min(BODY.length, from + 10 + pick(60));
        cuts.push([Math.max(0, from - pick(10)), to]);
        from = to;
      }
      cuts.sort(() => pick(3) - 1);
      const assembler = new MessageAssembler(new PartialMessages());
      const results = cuts.map(([from, to]) => assembler.add(fragment(from, to)));
      expect(results.filter((result) => result !== undefined)).toEqual([BODY]);
    }
  });

  it("does not mix a message with another of the same number", () => {
    const assembler = new MessageAssembler(new PartialMessages());
    assembler.add(fragment(0, 100));
    expect(assembler.add(fragment(100, 200, { length: 400 }))).toBe("fragment-mismatch");
    expect(assembler.add(fragment(100, 200, { type: 12 }))).toBe("fragment-mismatch");
    expect(assembler.add(fragment(100, 385))).toEqual(BODY);
  });

  it("refuses a message that is too long, and one in too many stretches", () => {
    const assembler = new MessageAssembler(new PartialMessages());
    const body = new Uint8Array(1);
    expect(assembler.add(fragment(0, 1, { length: MAX_MESSAGE_BYTES + 1 }))).toBe("message-limit");
    let result: unknown;
    for (let i = 0; i <= MAX_STRETCHES; i += 1) {
      result = assembler.add(fragment(0, 1, { length: 60_000, offset: 2 * i, body }));
    }
    expect(result).toBe("message-limit");
  });

  it("has room for as many fragments without bytes as may come", () => {
    const assembler = new MessageAssembler(new PartialMessages());
    assembler.add(fragment(0, 200));
    for (let at = 210; at < 384; at += 2) assembler.add(fragment(at, at));
    expect(assembler.add(fragment(200, 385))).toEqual(BODY);
  });

  it("has the room of a message again once it is whole", () => {
    const all = new PartialMessages();
    const body = new Uint8Array(MAX_MESSAGE_BYTES);
    const [first, second] = [body.subarray(1), body.subarray(0, 1)];
    const whole = { length: body.length };
    for (let i = 0; i < (2 * MAX_PARTIAL_BYTES) / MAX_MESSAGE_BYTES; i += 1) {
      const assembler = new MessageAssembler(all);
      assembler.add(fragment(0, 0, { ...whole, offset: 1, body: first }));
      expect(assembler.add(fragment(0, 0, { ...whole, body: second }))).toHaveLength(body.length);
    }
    expect(all.incomplete).toBe(0);
  });

  it("gives up the oldest of too many incomplete messages of one sender", () => {
    const all = new PartialMessages();
    const assembler = new MessageAssembler(all);
    for (let messageSequence = 0; messageSequence <= MAX_PARTIAL_MESSAGES; messageSequence += 1) {
      assembler.add(fragment(0, 100, { messageSequence }));
    }
    expect(assembler.add(fragment(100, 385, { messageSequence: 0 }))).toBeUndefined();
    expect(assembler.add(fragment(100, 385, { messageSequence: 4 }))).toEqual(BODY);
    expect(all.incomplete).toBeGreaterThan(0);
  });

  it("keeps the memory of all senders within bounds", () => {
    const all = new PartialMessages();
    const body = new Uint8Array(1);
    const fill = fragment(0, 1, { length: MAX_MESSAGE_BYTES, body });
    const first = new MessageAssembler(all);
    first.add(fragment(0, 100));
    const room = MAX_PARTIAL_BYTES / MAX_MESSAGE_BYTES;
    for (let i = 0; i < room; i += 1) new MessageAssembler(all).add(fill);
    expect(first.add(fragment(100, 385))).toBeUndefined();
    // The first, then the oldest of the others for its second half: all that does not fit.
    expect(all.incomplete).toBe(room + 2);
  });
});
