import { describe, expect, it } from "vitest";

import {
  MAX_CONVERSATIONS,
  MAX_PAIRING_AGE_MS,
  MidPathRoundTrip,
} from "../../src/rtcp/mid-path-round-trip.js";
import type { RtcpRecord } from "../../src/rtcp/report.js";
import { MAX_ROUND_TRIP_SECONDS, type RoundTripSample } from "../../src/rtcp/round-trip.js";
import {
  COPY_WINDOW_MS,
  MAX_RECENT_REPORTS,
  MAX_SOURCES_PER_SIDE,
} from "../../src/rtcp/sent-reports.js";
import {
  ALICE,
  ALICE_SSRC,
  BOB,
  BOB_SSRC,
  dlrr,
  referenceTime,
  reportBlock,
  senderReport,
  START_MS,
  TO_ALICE,
  TO_BOB,
  units,
} from "./records.js";

const LSR = 0xb7052000;

function observe(records: readonly RtcpRecord[]) {
  const observer = new MidPathRoundTrip();
  const samples: RoundTripSample[] = [];
  for (const record of records) samples.push(...observer.observe(record));
  return { samples, counters: observer.counters };
}

function halves(records: readonly RtcpRecord[]): number[] {
  return observe(records)
    .samples.filter(({ kind }) => kind === "half")
    .map(({ seconds }) => seconds);
}

/** An exchange in which Alice's report is answered after `halfSeconds` plus Bob's own delay. */
function exchange(atMs: number, halfSeconds: number, lsr = LSR): readonly [RtcpRecord, RtcpRecord] {
  const dlsr = units(1.5);
  const answeredMs = atMs + halfSeconds * 1000 + (dlsr / 65536) * 1000;
  return [senderReport(atMs, lsr), reportBlock(answeredMs, { lsr, dlsr })];
}

describe("MidPathRoundTrip", () => {
  it("gives the half beyond the observer, less the reporter's own delay", () => {
    const [sent, answer] = exchange(START_MS, 0.04);
    const { samples } = observe([sent, answer]);
    expect(samples).toEqual([
      {
        atMs: answer.atMs,
        path: TO_ALICE,
        ssrc: ALICE_SSRC,
        kind: "half",
        seconds: expect.closeTo(0.04, 9) as number,
        source: "sr",
        sinceMs: sent.atMs,
      },
    ]);
  });

  it("adds up the halves of both sides, whatever the clocks of the ends show", () => {
    // Alice and Bob are 12 and 30 ms from the observer, and each way back takes longer.
    const clockOf = { alice: 0.75 + 12_000, bob: 61_000 };
    const middle = (clock: number, seconds: number) => units((clock + seconds) % 65536);
    const records: RtcpRecord[] = [];
    let toAlice: { middle: number; heardAt: number } | undefined;
    for (let second = 0; second < 30; second += 5) {
      const bobSaid = toAlice;
      const atAlice = second;
      const aliceMiddle = middle(clockOf.alice, atAlice);
      const seenMs = START_MS + (atAlice + 0.012) * 1000;
      records.push(senderReport(seenMs, aliceMiddle));
      if (bobSaid !== undefined) {
        const dlsr = units(atAlice - bobSaid.heardAt);
        records.push(
          reportBlock(seenMs, {
            path: TO_BOB,
            senderSsrc: ALICE_SSRC,
            subjectSsrc: BOB_SSRC,
            lsr: bobSaid.middle,
            dlsr,
          }),
        );
      }
      const heardByBob = atAlice + 0.012 + 0.03;
      const atBob = second + 2.5;
      const bobMiddle = middle(clockOf.bob, atBob);
      const backMs = START_MS + (atBob + 0.035) * 1000;
      records.push(
        senderReport(backMs, bobMiddle, { path: TO_ALICE, senderSsrc: BOB_SSRC }),
        reportBlock(backMs, { lsr: aliceMiddle, dlsr: units(atBob - heardByBob) }),
      );
      toAlice = { middle: bobMiddle, heardAt: atBob + 0.035 + 0.014 };
    }
    const { samples, counters } = observe(records);
    const full = samples.filter(({ kind }) => kind === "full").map(({ seconds }) => seconds);
    expect(full).toHaveLength(10);
    for (const seconds of full) expect(seconds).toBeCloseTo(0.03 + 0.035 + 0.014 + 0.012, 4);
    expect(Object.values(counters).every((count) => count === 0)).toBe(true);
  });

  it("counts a report and an answer once that a mirror port shows twice", () => {
    const [sent, answer] = exchange(START_MS, 0.04);
    const later = (record: RtcpRecord) => ({ ...record, atMs: record.atMs + 3 });
    const { samples, counters } = observe([sent, later(sent), answer, later(answer)]);
    expect(samples.map(({ seconds }) => seconds)).toEqual([expect.closeTo(0.04, 9)]);
    expect(counters.copies).toBe(2);
  });

  it("does not let an SSRC of one call answer that of another", () => {
    const others = [
      { source: BOB, destination: { address: "192.0.2.9", port: ALICE.port } },
      { source: BOB, destination: { address: ALICE.address, port: ALICE.port + 2 } },
      { source: { address: BOB.address, port: BOB.port + 2 }, destination: ALICE },
      TO_BOB,
    ];
    for (const path of others) {
      const [sent, answer] = exchange(START_MS, 0.04);
      const { samples, counters } = observe([sent, { ...answer, path }]);
      expect(samples).toEqual([]);
      expect(counters.unmatched).toBe(1);
    }
  });

  it("keeps concurrent calls apart that send the same reports", () => {
    const records = [0, 2, 4].flatMap((offset) => {
      const alice = { address: ALICE.address, port: ALICE.port + offset };
      const [sent, answer] = exchange(START_MS + offset, 0.01 * (offset + 1));
      return [
        { ...sent, path: { source: alice, destination: BOB } },
        { ...answer, path: { source: BOB, destination: alice } },
      ];
    });
    records.sort((a, b) => a.atMs - b.atMs);
    expect(halves(records)).toEqual(
      [0.01, 0.03, 0.05].map((it) => expect.closeTo(it, 9) as number),
    );
  });

  it("takes RTP's port and RTCP's for the same end", () => {
    const [sent, answer] = exchange(START_MS, 0.04);
    const path = { source: BOB, destination: { ...ALICE, port: ALICE.port - 1 } };
    expect(halves([sent, { ...answer, path }])).toEqual([expect.closeTo(0.04, 9)]);
  });

  it("prefers the exact ports, and gives nothing where ports do not decide", () => {
    const [sent, answer] = exchange(START_MS, 0.04);
    const lowAlice = { ...ALICE, port: ALICE.port - 1 };
    const twin = { ...sent, atMs: sent.atMs + 7, path: { source: lowAlice, destination: BOB } };
    expect(halves([sent, twin, answer])).toEqual([expect.closeTo(0.04, 9)]);
    const path = { source: { ...BOB, port: BOB.port - 1 }, destination: ALICE };
    const { samples, counters } = observe([sent, twin, { ...answer, path }]);
    expect(samples).toEqual([]);
    expect(counters.ambiguous).toBe(1);
  });

  it("tells two ends apart that share a host and a port pair", () => {
    const low = { address: "127.0.0.1", port: 4000 };
    const high = { address: "127.0.0.1", port: 4001 };
    const [sent, answer] = exchange(START_MS, 0.04);
    for (const [source, destination] of [
      [low, high],
      [high, low],
    ] as const) {
      expect(
        halves([
          { ...sent, path: { source, destination } },
          { ...answer, path: { source: destination, destination: source } },
        ]),
      ).toEqual([expect.closeTo(0.04, 9)]);
    }
  });

  it("matches IPv6 paths", () => {
    const source = { address: "2001:db8::1", port: 5001 };
    const destination = { address: "2001:db8::2", port: 6001 };
    const [sent, answer] = exchange(START_MS, 0.04);
    const records = [
      { ...sent, path: { source, destination } },
      { ...answer, path: { source: destination, destination: source } },
    ];
    expect(halves(records)).toEqual([expect.closeTo(0.04, 9)]);
  });

  it("matches every block of a report, not only the first", () => {
    const other = 0x0ddba11;
    const records = [
      senderReport(START_MS, LSR),
      senderReport(START_MS + 10, LSR + 9, { senderSsrc: other }),
      reportBlock(START_MS + 100, { lsr: LSR, dlsr: units(0.05) }),
      reportBlock(START_MS + 100, { lsr: LSR + 9, dlsr: units(0.05), subjectSsrc: other }),
    ];
    expect(halves(records)).toEqual([expect.closeTo(0.05, 4), expect.closeTo(0.04, 4)]);
  });

  it("matches an answer to an older report than the newest, as on a long path", () => {
    const sent = Array.from({ length: 5 }, (_, n) => senderReport(START_MS + n * 1000, LSR + n));
    const answer = reportBlock(START_MS + 4500, { lsr: LSR + 1, dlsr: units(0.5) });
    expect(halves([...sent, answer])).toEqual([expect.closeTo(3, 4)]);
  });

  it("takes the newest that fits of reports that carry the same NTP time", () => {
    // A held call: the sender stamps with the time of the last RTP packet.
    const sent = [0, 1000, 2000].map((afterMs) => senderReport(START_MS + afterMs, LSR));
    const dlsr = units(0.9);
    expect(halves([...sent, reportBlock(START_MS + 2930, { lsr: LSR, dlsr })])).toEqual([
      expect.closeTo(0.03, 4),
    ]);
    // Here the answer left before the third report could have arrived.
    expect(halves([...sent, reportBlock(START_MS + 2010, { lsr: LSR, dlsr })])).toEqual([
      expect.closeTo(0.11, 4),
    ]);
  });

  it("takes an equal report after the copy window for a new one", () => {
    const sent = [senderReport(START_MS, LSR), senderReport(START_MS + COPY_WINDOW_MS, LSR)];
    const answer = reportBlock(START_MS + COPY_WINDOW_MS + 40, { lsr: LSR });
    const { samples, counters } = observe([...sent, answer]);
    expect(samples.map(({ seconds }) => seconds)).toEqual([expect.closeTo(0.04, 9)]);
    expect(counters.copies).toBe(0);
  });

  it("does not measure again from a reporter that does not count its delay", () => {
    const records = [
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 40, { lsr: LSR }),
      reportBlock(START_MS + 5040, { lsr: LSR }),
    ];
    expect(halves(records)).toEqual([expect.closeTo(0.04, 9)]);
  });

  it("measures again from each new delay since the same report", () => {
    const records = [
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 1040, { lsr: LSR, dlsr: units(1) }),
      reportBlock(START_MS + 2050, { lsr: LSR, dlsr: units(2) }),
    ];
    expect(halves(records)).toEqual([expect.closeTo(0.04, 9), expect.closeTo(0.05, 9)]);
  });

  it("clamps what the reporter's coarse clock makes negative to 0", () => {
    const records = [
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 999, { lsr: LSR, dlsr: units(1) }),
    ];
    expect(halves(records)).toEqual([0]);
  });

  it("discards and counts what is far from any round trip", () => {
    const negative = observe([
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 500, { lsr: LSR, dlsr: units(1) }),
    ]);
    expect(negative.samples).toEqual([]);
    expect(negative.counters.negative).toBe(1);
    const tooLong = observe([
      senderReport(START_MS, LSR),
      reportBlock(START_MS + MAX_ROUND_TRIP_SECONDS * 1000 + 1, { lsr: LSR }),
    ]);
    expect(tooLong.samples).toEqual([]);
    expect(tooLong.counters.tooLong).toBe(1);
  });

  it("counts reports that answer nothing, or nothing that was seen", () => {
    const { samples, counters } = observe([
      reportBlock(START_MS, { dlsr: units(3) }),
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 40, { lsr: LSR + 1 }),
      reportBlock(START_MS + 41, { lsr: LSR, subjectSsrc: 5 }),
    ]);
    expect(samples).toEqual([]);
    expect(counters).toMatchObject({ noReport: 1, unmatched: 2 });
  });

  it("does not let a sender without a clock be answered", () => {
    const clockless = senderReport(START_MS, 0, { ntpSeconds: 0, ntpFraction: 0 });
    const { counters } = observe([clockless, reportBlock(START_MS + 40)]);
    expect(counters.noReport).toBe(1);
  });

  it("measures from reference times too, and never across the two", () => {
    const { samples, counters } = observe([
      referenceTime(START_MS, LSR),
      reportBlock(START_MS + 10, { lsr: LSR }),
      dlrr(START_MS + 1030, { lrr: LSR, dlrr: units(1) }),
      dlrr(START_MS + 1031),
    ]);
    expect(samples).toMatchObject([{ kind: "half", source: "xr", ssrc: ALICE_SSRC }]);
    expect(samples[0]?.seconds).toBeCloseTo(0.03, 9);
    expect(counters).toMatchObject({ unmatched: 1, noReport: 1 });
  });

  it("adds a half out of reference times to one out of sender reports", () => {
    const back = { path: TO_ALICE, senderSsrc: BOB_SSRC };
    const forth = { path: TO_BOB, senderSsrc: ALICE_SSRC, subjectSsrc: BOB_SSRC };
    const { samples } = observe([
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 30, { lsr: LSR }),
      referenceTime(START_MS + 100, LSR, back),
      dlrr(START_MS + 120, { ...forth, lrr: LSR }),
    ]);
    expect(samples.map(({ kind, seconds }) => [kind, Math.round(seconds * 1000)])).toEqual([
      ["half", 30],
      ["half", 20],
      ["full", 50],
    ]);
    expect(samples[2]).toMatchObject({ atMs: START_MS + 120, source: "xr", ssrc: BOB_SSRC });
  });

  it.each([
    [MAX_PAIRING_AGE_MS, 1],
    [MAX_PAIRING_AGE_MS + 1, 0],
  ])("adds up halves that are up to 30 s apart: %d ms", (apartMs, expected) => {
    const back = { path: TO_ALICE, senderSsrc: BOB_SSRC };
    const forth = { path: TO_BOB, senderSsrc: ALICE_SSRC, subjectSsrc: BOB_SSRC };
    const { samples } = observe([
      senderReport(START_MS, LSR),
      reportBlock(START_MS + 30, { lsr: LSR }),
      senderReport(START_MS + apartMs, LSR, back),
      reportBlock(START_MS + 30 + apartMs, { ...forth, lsr: LSR }),
    ]);
    expect(samples.filter(({ kind }) => kind === "full")).toHaveLength(expected);
  });

  it("does not add the half of a call that had the same ports before", () => {
    const [ofAlice, ofBob] = [ALICE_SSRC + 100, BOB_SSRC + 100];
    const again = { path: TO_ALICE, subjectSsrc: ofAlice };
    const records = (senderSsrc: number): RtcpRecord[] => [
      ...exchange(START_MS, 0.04),
      senderReport(START_MS + 5000, LSR + 1, { path: TO_ALICE, senderSsrc: BOB_SSRC }),
      reportBlock(START_MS + 5030, {
        path: TO_BOB,
        senderSsrc: ALICE_SSRC,
        subjectSsrc: BOB_SSRC,
        lsr: LSR + 1,
      }),
      senderReport(START_MS + 9000, LSR + 2, { path: TO_BOB, senderSsrc: ofAlice }),
      reportBlock(START_MS + 9040, { ...again, senderSsrc, lsr: LSR + 2 }),
    ];
    const full = (reporter: number): number =>
      observe(records(reporter)).samples.filter(({ kind }) => kind === "full").length;
    expect(full(BOB_SSRC)).toBe(2);
    expect(full(ofBob)).toBe(1);
  });

  it("forgets the oldest reports of a source", () => {
    const sent = Array.from({ length: MAX_RECENT_REPORTS + 1 }, (_, n) =>
      senderReport(START_MS + n, LSR + n),
    );
    const atMs = START_MS + 100;
    expect(halves([...sent, reportBlock(atMs, { lsr: LSR })])).toEqual([]);
    expect(halves([...sent, reportBlock(atMs, { lsr: LSR + 1 })])).toHaveLength(1);
  });

  it("forgets the source that was silent for longest, and counts it", () => {
    const sent = Array.from({ length: MAX_SOURCES_PER_SIDE + 1 }, (_, n) =>
      senderReport(START_MS, LSR, { senderSsrc: n }),
    );
    const answers = [0, 1, 2].map((subjectSsrc) =>
      reportBlock(START_MS + 1040, { lsr: LSR, subjectSsrc }),
    );
    const again = senderReport(START_MS + 1000, LSR, { senderSsrc: 0 });
    const last = sent.splice(-1);
    const { samples, counters } = observe([...sent, again, ...last, ...answers]);
    expect(samples.map(({ ssrc }) => ssrc)).toEqual([0, 2]);
    expect(counters.evictedSources).toBe(1);
  });

  it("forgets the conversation that was silent for longest, and counts it", () => {
    const paths = Array.from({ length: MAX_CONVERSATIONS + 1 }, (_, n) => ({
      source: { address: `10.0.${n >> 8}.${n & 255}`, port: 5001 },
      destination: BOB,
    }));
    const sent = paths.map((path) => senderReport(START_MS, LSR, { path }));
    const answerTo = (n: number) =>
      reportBlock(START_MS + 40, {
        lsr: LSR,
        path: { source: BOB, destination: paths[n]?.source ?? ALICE },
      });
    const last = sent.splice(-1);
    const { samples, counters } = observe([
      ...sent,
      answerTo(0),
      ...last,
      answerTo(2),
      answerTo(1),
    ]);
    expect(samples.map(({ path }) => path.destination.address)).toEqual(["10.0.0.0", "10.0.0.2"]);
    expect(counters).toMatchObject({ evictedConversations: 2, unmatched: 1 });
  });
});
