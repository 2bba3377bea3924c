/** STUN of recorded traffic against what other tools read out of it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { IcePair } from "../../src/ice/pair.js";
import { parseStun, type StunMessage } from "../../src/ice/stun.js";
import { fixtureBytes, observeBytes, observeCapture } from "../dtls/observed-capture.js";
import { describeCaptures } from "../support/public-captures.js";
import { messageType } from "./build.js";

describe("fixtures/webrtc-websocket", () => {
  const capture = fixtureBytes("webrtc-websocket");

  it("shows the pair of the fragments that its descriptions name", async () => {
    const { ice } = await observeBytes(capture);
    const [pair, ...more] = ice.pairs();
    expect(more).toEqual([]);
    // The caller's side of a WebSocket is masked; the server's is plain.
    const named = [...capture.toString("latin1").matchAll(/a=ice-ufrag:([\w+/]+)/g)].map(
      ([, ufrag]) => ufrag,
    );
    expect(named).toContain(pair?.sourceUfrag);
    expect(pair).toMatchObject({ checks: 16, responses: 16, errors: 0 });
    const { firstCheckAtMs = 0, succeededAtMs = 0, nominatedAtMs = 0 } = pair ?? {};
    expect(succeededAtMs).toBeGreaterThan(firstCheckAtMs);
    expect(nominatedAtMs).toBeGreaterThanOrEqual(succeededAtMs);
    expect(ice.counters).toMatchObject({ messages: 32, unmatchedResponses: 0 });
  });
});

describe("fixtures/webrtc-turn", () => {
  it("shows the relay's address, and the checks that it relayed", async () => {
    const { ice } = await observeBytes(fixtureBytes("webrtc-turn"));
    expect(ice.mappings()).toMatchObject([
      { kind: "server-reflexive", mapped: { address: "10.77.1.2" } },
      { kind: "relayed", mapped: { address: "10.77.2.1" } },
    ]);
    expect(ice.pairs()).toMatchObject([{ checks: 13, responses: 13 }]);
  });
});

interface KnownStun {
  readonly frames: number;
  readonly types: Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

/** Whose STUN is in plain datagrams: what a relay wraps, tshark counts twice. */
const CAPTURES = [
  "arkime_ice_call",
  "lab_rtc_audio",
  "ndpi_lru_ipv6",
  "ndpi_msteams_unidir",
  "ndpi_stun_classic",
  "ndpi_stun_dtls_uni_client",
  "ndpi_zoom_stun",
  "zeek_webrtc_stun",
];

function knownMessages(
  folder: string,
): { readonly name: string; readonly path: string; readonly stun: KnownStun }[] {
  const files = new Set(readdirSync(folder));
  return CAPTURES.flatMap((name) => {
    const file = [`${name}.pcap`, `${name}.pcapng`].find((candidate) => files.has(candidate));
    const truth = `${folder}/truth/${name}.json`;
    if (file === undefined || !existsSync(truth)) return [];
    const { stun } = JSON.parse(readFileSync(truth, "utf8")) as { stun: KnownStun };
    return [{ name, path: `${folder}/${file}`, stun }];
  });
}

/** How often each value comes. */
function counted(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function typeText({ class: kind, method, isClassic }: StunMessage): string {
  const type = `0x${messageType(method, kind).toString(16).padStart(4, "0")}`;
  return isClassic ? `classic:${type}` : type;
}

describeCaptures("STUN in the public captures", knownMessages, (known) => {
  it.each(known)("$name: agrees with what tshark reads", async ({ path, stun: truth }) => {
    const { stun, ice } = await observeCapture(path);
    const messages = stun.map(({ payload }) => parseStun(payload));
    const parsed = messages.filter((message) => typeof message === "object");
    expect(parsed).toHaveLength(truth.frames);
    expect(counted(parsed.map(typeText))).toEqual(truth.types);
    const having = (has: (message: StunMessage) => boolean): number => parsed.filter(has).length;
    expect({
      "0x0006": having(({ username }) => username !== undefined),
      "0x0024": having(({ priority }) => priority !== undefined),
      "0x0025": having(({ useCandidate }) => useCandidate),
      "0x8029": having(({ iceRole }) => iceRole === "controlled"),
      "0x802a": having(({ iceRole }) => iceRole === "controlling"),
    }).toEqual(
      Object.fromEntries(
        ["0x0006", "0x0024", "0x0025", "0x8029", "0x802a"].map((type) => {
          return [type, truth.attributes[type] ?? 0];
        }),
      ),
    );
    const errors = parsed.flatMap(({ errorCode }) => errorCode ?? []);
    const asThere = errors.map(
      (code) => `${String(Math.floor(code / 100))}xx ${String(code % 100)}`,
    );
    expect(counted(asThere)).toEqual(truth.errors);
    const total = (of: (pair: IcePair) => number): number =>
      ice.pairs().reduce((sum, pair) => sum + of(pair), 0);
    expect(total(({ checks }) => checks)).toBeLessThanOrEqual(having((m) => m.class === "request"));
    expect(total(({ responses }) => responses)).toBeLessThanOrEqual(total(({ checks }) => checks));
  });
});
