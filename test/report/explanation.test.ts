import { describe, expect, it } from "vitest";

import type { StreamReport } from "../../src/call/report.js";
import { bestRating } from "../../src/quality/e-model.js";
import { BEST_RATINGS } from "../../src/report/explained-quality.js";
import { explanation } from "../../src/report/explanation.js";
import { at, hurtStream, stream, without } from "./samples.js";

const SETTINGS = { fixedBufferMs: 60 };

function why(report: StreamReport, settings = SETTINGS): string[] {
  return explanation(report, settings).map(({ text }) => text.replaceAll("\u00a0", " "));
}

const lossy = (overrides: Partial<StreamReport>): StreamReport =>
  stream({ packetsReceived: 490, packetsLost: 10, lossRatio: 0.02, ...overrides });

describe("what became of the packets", () => {
  it("takes one short line to say that a stream is clean", () => {
    expect(why(stream())).toEqual(["nothing lost, nothing late"]);
  });

  it("tells lost packets, their runs and bursts, and those too late for the buffer", () => {
    expect(why(hurtStream())[0]).toBe(
      "lost 35 of 500 (7.0 %) in 17 runs, the longest 12 (240 ms), 4 bursts with 55.0 % gone; " +
        "9 more (1.8 %) came too late for a 60 ms buffer, 2 for an adaptive one of 85.0 ms on average",
    );
  });

  it.each([
    { lossRuns: { "1": 10 }, text: "lost 10 of 500 (2.0 %), one at a time" },
    { lossRuns: { "10": 1 }, text: "lost 10 of 500 (2.0 %), all in one run of 10 (200 ms)" },
    { lossRuns: { "2": 5 }, text: "lost 10 of 500 (2.0 %) in 5 runs, the longest 2 (40 ms)" },
    { lossRuns: {}, text: "lost 10 of 500 (2.0 %)" },
  ])("tells the runs $lossRuns", ({ lossRuns, text }) => {
    expect(why(lossy({ lossRuns }))[0]).toBe(text);
  });

  it("gives the longest run as a lower bound where more lengths occurred than are told apart", () => {
    const lossRuns = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [String(i + 1), 1]));
    expect(why(lossy({ lossRuns }))[0]).toContain("in 10 runs, the longest at least 10 (200 ms)");
  });

  it("counts packets never seen: duplicates do not make up for them", () => {
    const report = stream({
      packetsReceived: 500,
      packetsDuplicated: 10,
      packetsLost: 0,
      lossRatio: 0.02,
      lossRuns: { "1": 10 },
    });
    expect(why(report)[0]).toBe("lost 10 of 500 (2.0 %), one at a time");
  });

  it("names the buffer that was simulated", () => {
    const report = stream({ packetsDiscarded: 9 });
    expect(why(report, { fixedBufferMs: 40 })[0]).toBe(
      "nothing lost; 9 (1.8 %) came too late for a 40 ms buffer",
    );
  });

  it("says nothing of lateness where there is no buffer, as for video", () => {
    expect(why(without(stream(), "packetsDiscarded", "quality"))[0]).toMatch(/^nothing lost; /);
  });

  it("gives no time to a run of video packets, many of which come at once", () => {
    const report = without(lossy({ lossRuns: { "2": 5 } }), "packetsDiscarded", "quality");
    expect(why(report)[0]).toBe("lost 10 of 500 (2.0 %) in 5 runs, the longest 2");
  });

  it("recognises mirror copies", () => {
    const report = stream({ packetsReceived: 1000, packetsDuplicated: 500, packetsLost: -500 });
    expect(why(report)[0]).toBe(
      "nothing lost, nothing late; nearly every packet is there twice: the capture holds mirror copies",
    );
  });

  it.each([
    { overrides: { packetsReordered: 4 }, text: undefined },
    { overrides: { packetsReordered: 10 }, text: "2.0 % of the packets came out of order" },
    {
      overrides: { packetsReceived: 600, packetsDuplicated: 100 },
      text: "16.7 % of the packets are duplicates",
    },
    { overrides: { sequenceRestarts: 1 }, text: "the sender began a new sequence once" },
    { overrides: { sequenceRestarts: 3 }, text: "the sender began a new sequence 3 times" },
  ])("mentions of $overrides only what matters", ({ overrides, text }) => {
    expect(why(stream(overrides))[0]).toBe(
      ["nothing lost, nothing late", text].filter((one) => one !== undefined).join("; "),
    );
  });
});

describe("what it cost", () => {
  it("lists what took how many R points, and of how many", () => {
    expect(why(hurtStream())[1]).toBe(
      "R 66.4 of 93.2: loss −18.3, bursts −6.1, late packets −2.0, delay −0.4",
    );
  });

  it("says what a codec costs that alone dissatisfies", () => {
    const quality = {
      rFactor: 73.2062,
      mosLq: 3.74,
      scale: "narrowband",
      costs: { codec: 20, randomLoss: 0, burstLoss: 0, lateLoss: 0 },
    } as const;
    expect(why(stream({ codec: "GSM", quality }))).toEqual([
      "nothing lost, nothing late; R 73.2 of 93.2: codec −20.0",
    ]);
  });

  it("counts from the best rating of each scale", () => {
    for (const scale of ["narrowband", "wideband", "fullband"] as const) {
      expect(BEST_RATINGS[scale]).toBeCloseTo(bestRating(scale), 3);
    }
  });

  it("points out a stretch that was worse than the whole", () => {
    const report = hurtStream({
      lastPacketAt: at(60),
      worst: { from: at(5), to: at(14.9), mosLq: 2.1 },
    });
    expect(why(report)[1]).toMatch(/; worst 10 s from 12:00:05: MOS 2\.10$/);
  });

  it.each([
    { name: "is the whole stream", worst: { from: at(0), to: at(9.98), mosLq: 2.1 } },
    { name: "is hardly worse", worst: { from: at(0), to: at(5), mosLq: 3.3 } },
    { name: "could not be rated", worst: { from: at(0), to: at(5) } },
  ])("does not point out a stretch that $name", ({ worst }) => {
    expect(why(hurtStream({ worst })).join()).not.toContain("worst");
  });

  it.each([
    { kind: "audio", codec: "iSAC", text: "no MOS: it is not published what iSAC costs" },
    { kind: "video", codec: "VP8", text: "video has no MOS" },
  ] as const)("says why there is no score for $kind", ({ kind, codec, text }) => {
    const payloadTypes = [{ payloadType: 96, packets: 500, codec, clockRateHz: 90_000, kind }];
    const report = without(stream({ payloadType: 96, codec, payloadTypes }), "quality");
    expect(why(report)[0]).toContain(text);
  });

  it("says that a stream of several codecs has no score for that", () => {
    const payloadTypes = ["PCMU", "PCMA"].map(
      (codec, payloadType) => ({ payloadType, packets: 250, codec, kind: "audio" }) as const,
    );
    const report = without(stream({ payloadType: 0, codec: "PCMU", payloadTypes }), "quality");
    expect(why(report)[0]).toContain("no MOS: its codec changed on the way");
  });

  it("says when a score is missing because of loss", () => {
    expect(why(without(lossy({ codec: "iLBC" }), "quality")).at(-1)).toBe(
      "no MOS: it is not published how iLBC bears loss",
    );
  });
});

describe("what the far end says", () => {
  const rtcp = (packetsLost: number): Partial<StreamReport> => ({
    rtcp: { reports: 3, packetsLost },
  });

  it.each([
    { lost: 0, reported: 0, said: undefined },
    { lost: 0, reported: 4, said: undefined },
    {
      lost: 0,
      reported: 16,
      said: "the receiver reports 16 packets lost (3.2 %): all of them beyond this point of the network",
    },
    {
      lost: 10,
      reported: 26,
      said: "the receiver reports 26 packets lost (5.2 %): 16 of them beyond this point of the network",
    },
    {
      lost: 10,
      reported: 0,
      said: "the receiver reports no packet lost: did the capture itself drop packets?",
    },
    {
      lost: 10,
      reported: 3,
      said: "the receiver reports only 3 packets lost: did the capture itself drop packets?",
    },
    {
      lost: 0,
      reported: 9000,
      said: "the receiver reports 9,000 packets lost, more than the 500 due here: it counts from before, or is wrong",
    },
  ])("of $lost lost here, when it reports $reported", ({ lost, reported, said }) => {
    const report = stream({
      packetsReceived: 500 - lost,
      packetsLost: lost,
      lossRatio: lost / 500,
      ...rtcp(reported),
    });
    expect(why(report).filter((text) => text.includes("receiver"))).toEqual(
      said === undefined ? [] : [said],
    );
  });

  it("is not contradicted by duplicates, which its signed count takes off", () => {
    const report = stream({
      packetsReceived: 500,
      packetsDuplicated: 20,
      packetsLost: 0,
      lossRatio: 0.04,
      ...rtcp(2),
    });
    expect(why(report).join()).not.toContain("receiver");
  });

  it("stands out where the listener lost more than passed by here", () => {
    const tones = explanation(stream(rtcp(16)), SETTINGS).map(({ tone }) => tone);
    expect(tones).toEqual([undefined, "fair"]);
  });

  it("gives its own score, and what its buffer dropped", () => {
    const burst = { density: 0, durationSeconds: 0 };
    const voipMetrics = {
      lossRatio: 0,
      discardRatio: 0.02,
      burst,
      gap: burst,
      gmin: 16,
      mosLq: 3.8,
      mosCq: 3.6,
      jitterBuffer: {},
    } as unknown as NonNullable<NonNullable<StreamReport["rtcp"]>["voipMetrics"]>;
    expect(why(stream({ rtcp: { reports: 0, voipMetrics } })).at(-1)).toBe(
      "the receiver states 2.0 % too late for its buffer, MOS-CQ 3.60",
    );
  });
});

describe("the sender's clock", () => {
  const hour = { lastPacketAt: at(3600) };

  it.each([
    { clockDriftPpm: 85.2, said: "the sender's clock is 85 ppm slow" },
    { clockDriftPpm: -40, said: "the sender's clock is 40 ppm fast" },
    { clockDriftPpm: 12, said: undefined },
    { clockDriftPpm: 728_172, said: undefined },
  ])("is mentioned when it drifts by $clockDriftPpm ppm", ({ clockDriftPpm, said }) => {
    expect(why(stream({ ...hour, clockDriftPpm }))[0]).toBe(
      ["nothing lost, nothing late", said].filter((one) => one !== undefined).join("; "),
    );
  });

  it("is not blamed for what the network may have done", () => {
    const delayVariationSeconds = { p50: 0.01, p95: 0.028, p99: 0.03, max: 0.04 };
    const report = stream({ lastPacketAt: at(30), clockDriftPpm: 524, delayVariationSeconds });
    expect(why(report).join()).not.toContain("clock");
  });
});

describe("payload types", () => {
  const typed = (payloadTypes: StreamReport["payloadTypes"]): string[] =>
    why(
      without(
        stream({ payloadType: 96, payloadTypes }),
        "codec",
        "clockRateHz",
        "quality",
        "packetsDiscarded",
      ),
    );

  it("are to be told by the user where nothing else tells them", () => {
    expect(typed([{ payloadType: 96, packets: 500 }])).toEqual([
      "nothing lost; no clock known for payload type 96: say --payload 96=NAME/RATE",
    ]);
  });

  it("are asked for together, and the rare ones not at all", () => {
    const said = typed([
      { payloadType: 96, packets: 300 },
      { payloadType: 97, packets: 190 },
      { payloadType: 101, packets: 10 },
    ]);
    expect(said[0]).toContain("no clock known for payload types 96, 97: say --payload 96=");
  });

  it("are counted by codec where it changed, one type in several maps once", () => {
    const said = why(
      stream({
        payloadTypes: [
          { payloadType: 0, packets: 200, codec: "PCMU", kind: "audio" },
          { payloadType: 8, packets: 180, codec: "PCMA", kind: "audio" },
          { payloadType: 0, packets: 100, codec: "PCMU", kind: "audio" },
          { payloadType: 101, packets: 20, codec: "telephone-event", kind: "telephone-event" },
        ],
      }),
    );
    expect(said[0]).toContain("packets by codec: PCMU (type 0) 300, PCMA (type 8) 180");
    const again = { payloadType: 0, packets: 250, codec: "PCMU", kind: "audio" } as const;
    expect(why(stream({ payloadTypes: [again, again] }))).toEqual(["nothing lost, nothing late"]);
  });
});
