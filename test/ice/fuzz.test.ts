/** Hostile and random messages: nothing is thrown, everything stays bounded. */
import { describe, expect, it } from "vitest";

import { IceObserver } from "../../src/ice/observer.js";
import { parseStun } from "../../src/ice/stun.js";
import { generator } from "../sdp/random.js";
import { bytesOf } from "../support/packets.js";
import { attribute, stunMessage, transaction, xorAddress } from "./build.js";

const MAX_PAIRS = 10;

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const MESSAGES = ["request", "success", "error", "indication"].map((kind) =>
  stunMessage(
    1,
    kind as "request",
    transaction(1),
    attribute(0x0006, [...Buffer.from("abcd:efgh")]),
    attribute(0x0024, [1, 2, 3, 4]),
    attribute(0x0009, [0, 0, 4, 87]),
    attribute(0x000c, [0x40, 1, 0, 0]),
    xorAddress(0x0020, "203.0.113.7", 5000),
    xorAddress(0x0016, "203.0.113.8", 5001),
    attribute(0x0020, [0, 2, ...new Array<number>(18).fill(5)]),
    attribute(0x0001, [0, 1, 0, 80, 1, 2, 3, 4]),
    attribute(0x0008, new Uint8Array(20)),
  ),
);

function mutatedMessage(pick: (limit: number) => number): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(MESSAGES[pick(MESSAGES.length)] ?? []);
  for (let step = pick(5); step > 0; step -= 1) {
    const at = pick(bytes.length + 1);
    if (pick(8) === 0) bytes = bytes.slice(0, at);
    else if (pick(8) === 0) bytes = bytesOf(bytes, bytes.subarray(at));
    else if (at < bytes.length) bytes[at] = [0, 1, 4, 0x80, 0xff, pick(256)][pick(6)] ?? 0;
  }
  return bytes;
}

describe("a message", () => {
  it("mutated at random does no harm", () => {
    const pick = generator(1);
    const observer = new IceObserver({ maxPairs: MAX_PAIRS });
    for (let round = 0; round < 10_000; round += 1) {
      const [source, destination] = [pick(4), pick(4)].map((port) => ({
        address: "192.0.2.1",
        port,
      }));
      if (source === undefined || destination === undefined) continue;
      observer.observe({ source, destination, atMs: round, payload: mutatedMessage(pick) });
    }
    must(observer.pairs().length <= MAX_PAIRS, "pairs are bounded");
    must(observer.mappings().length <= MAX_PAIRS, "mappings are bounded");
    for (const { checks, responses, errors, firstCheckAtMs, lastMessageAtMs } of observer.pairs()) {
      must(checks >= 1 && responses + errors <= checks, "answers are to checks");
      must(lastMessageAtMs >= firstCheckAtMs, "the last comes after the first");
    }
    const { malformed, evictedPairs, messages } = observer.counters;
    expect(messages).toBe(10_000);
    expect(evictedPairs).toBeGreaterThan(0);
    expect(Math.min(...Object.values(malformed))).toBeGreaterThan(0);
  });

  it("of random bytes has only what its type allows", () => {
    const pick = generator(2);
    for (let round = 0; round < 10_000; round += 1) {
      const bytes = Uint8Array.from({ length: pick(90) }, () => pick(256));
      if (pick(2) === 0 && bytes.length >= 8) bytes.set([0, pick(2), 0, bytes.length - 20]);
      const message = parseStun(bytes);
      if (message === "not-stun") continue;
      const { errorCode = 300, mappedAddress, channelNumber = 0 } = message;
      must(errorCode >= 300 && errorCode <= 699, "an error code is one");
      must((mappedAddress?.port ?? 0) <= 0xffff && channelNumber <= 0xffff, "ports are ports");
    }
  });

  it("of the smallest attributes is read once", () => {
    const attributes = Array.from({ length: 16_000 }, (_, i) => attribute(i & 0xffff, []));
    const message = parseStun(stunMessage(1, "request", transaction(1), ...attributes));
    expect(message).toMatchObject({ class: "request" });
  });
});
