import { describe, expect, it } from "vitest";

import type { StreamReport } from "../../../src/call/report.js";
import type { ReportedRange } from "../../../src/rtcp/reported-view.js";
import { call, G729, iso, issuesOf, scopesOf, stream, VP8 } from "./call-facts.js";

type Streamed = Parameters<typeof stream>[1];
type Rtcp = NonNullable<StreamReport["rtcp"]>;

const of = (streamed: Streamed): ReturnType<typeof stream> => stream("caller-to-callee", streamed);
/** Of which no RTCP was seen. */
const unreported = (streamed: Streamed): ReturnType<typeof stream> => {
  const one = of(streamed);
  const report: StreamReport & { rtcp?: Rtcp } = { ...one.stream };
  delete report.rtcp;
  return { ...one, stream: report };
};

describe("rtcp-missing", () => {
  it("begins with a stream of 15 s", () => {
    const lasting = (seconds: number): unknown =>
      scopesOf("rtcp-missing", { streams: [unreported({ to: 5 + seconds })] });
    expect(lasting(14.99)).toEqual([]);
    expect(lasting(15)).toEqual([{ direction: "caller-to-callee", from: iso(5), to: iso(20) }]);
  });

  it("is found for video, and says so once", () => {
    const streams = [
      unreported({ to: 30, mediaType: "video", types: [VP8] }),
      unreported({ from: 30, ssrc: 2 }),
    ];
    expect(issuesOf("rtcp-missing", { streams })).toEqual([
      {
        kind: "rtcp-missing",
        direction: "caller-to-callee",
        from: iso(5),
        to: iso(65),
        detail:
          "Neither sender reports of the caller nor reports of the callee were seen for 2 streams of 15.0 s or more.",
      },
    ]);
  });

  it("is one thing where nobody reports either way", () => {
    const streams = [unreported({}), stream("callee-to-caller", {})].map((one) => ({
      ...one,
      stream: unreported({}).stream,
    }));
    expect(issuesOf("rtcp-missing", { streams })).toEqual([
      {
        kind: "rtcp-missing",
        from: iso(5),
        to: iso(65),
        detail: "No reports of either party were seen for 2 streams of 15.0 s or more.",
      },
    ]);
  });

  it.each<[string, Rtcp]>([
    ["a report about it", { reports: 1 }],
    [
      "a report of its sender",
      { reports: 0, senderReports: { count: 1, packetsSent: 9, bytesSent: 9 } },
    ],
  ])("is not found with %s", (_name, rtcp) => {
    expect(scopesOf("rtcp-missing", { streams: [of({ rtcp })] })).toEqual([]);
  });

  it("is found where only the sender's name is known", () => {
    const streams = [of({ rtcp: { reports: 0, cname: "alice" } })];
    expect(scopesOf("rtcp-missing", { streams })).toHaveLength(1);
  });

  it("is not found where RTCP is encrypted", () => {
    const changes = { streams: [unreported({})], hasEncryptedRtcp: true };
    expect(scopesOf("rtcp-missing", changes)).toEqual([]);
  });
});

describe("divergent-views", () => {
  const range = (mean: number): ReportedRange => ({ last: mean, mean, max: mean });
  const details = (streamed: Streamed, changes = {}): string[] =>
    issuesOf("divergent-views", { streams: [of(streamed)], ...changes }).map(
      ({ detail }) => detail,
    );
  /** 3000 packets expected. */
  const loss = (seen: number, reported: number, more: Partial<StreamReport> = {}): Streamed => ({
    packetsExpected: 3000,
    packetsReceived: 3000 - seen,
    packetsLost: seen,
    packetsMissing: seen,
    lossRatio: seen / 3000,
    rtcp: { reports: 12, packetsLost: reported },
    ...more,
  });

  it("is found where the receiver lost one percent more than is missing here", () => {
    expect(details(loss(10, 39))).toEqual([]);
    expect(details(loss(10, 40))).toEqual([
      "The callee reports 40 (1.3 %) of 3000 packets of SSRC 0x00ca11e4 lost, 10 (0.3 %) are missing " +
        "here: packets were lost between here and the callee.",
    ]);
  });

  it("is found where more is missing here than the receiver lost", () => {
    expect(details(loss(39, 10))).toEqual([]);
    expect(details(loss(40, 10))).toEqual([
      expect.stringMatching(/packets that came to the callee were not seen here/),
    ]);
  });

  it("has the life of its stream and its way", () => {
    expect(scopesOf("divergent-views", { streams: [of(loss(0, 300))] })).toEqual([
      { direction: "caller-to-callee", from: iso(5), to: iso(65) },
    ]);
  });

  it("leaves out what the last report cannot have counted: the last ten seconds", () => {
    const { intervals } = of({}).stream;
    const with40 = (index: number): Partial<StreamReport> => ({
      intervals: intervals.map((one, i) => ({ ...one, packetsMissing: i === index ? 40 : 0 })),
    });
    expect(details(loss(40, 0, with40(intervals.length - 1)))).toEqual([]);
    expect(details(loss(40, 0, with40(intervals.length - 2)))).toEqual([]);
    expect(details(loss(40, 0, with40(intervals.length - 3)))).toHaveLength(1);
  });

  it("lets copies count as the receiver may have counted them", () => {
    const copied = { packetsLost: -2960, packetsDuplicated: 3000 };
    expect(details(loss(40, -2960, copied))).toEqual([]);
    expect(details(loss(40, 0, copied))).toEqual([]);
    expect(details(loss(40, 100, copied))).toHaveLength(1);
  });

  it("leaves out a reporter that lost more than there was", () => {
    expect(details(loss(0, 3001))).toEqual([]);
    expect(details(loss(0, -3001))).toEqual([]);
  });

  it("needs three reports and 250 packets", () => {
    const reported = (reports: number): Streamed =>
      loss(0, 300, { rtcp: { reports, packetsLost: 300 } });
    expect(details(reported(2))).toEqual([]);
    expect(details(reported(3))).toHaveLength(1);
    expect(details(loss(0, 100, { packetsExpected: 249 }))).toEqual([]);
    expect(details(loss(0, 100, { packetsExpected: 250 }))).toHaveLength(1);
  });

  describe("of a stream whose beginning was not seen", () => {
    const fraction = (mean: number, lossRatio: number): Streamed => ({
      lossRatio,
      rtcp: { reports: 12, packetsLost: 900, fractionLost: range(mean) },
    });
    const late = { call: call({ hasInvite: false }) };

    it("goes by the fractions of the reports, which count no time before", () => {
      expect(details(fraction(0.029, 0.01), late)).toEqual([]);
      expect(details(fraction(0.031, 0.01), late)).toHaveLength(1);
      expect(details(fraction(0.01, 0.031), late)).toHaveLength(1);
    });

    it("is so too where the stream runs as the capture begins, or was restarted", () => {
      const running = { ...fraction(0.01, 0.01), from: -10 };
      expect(details(running)).toEqual([]);
      expect(details({ ...fraction(0.01, 0.01), sequenceRestarts: 1 })).toEqual([]);
      expect(details(fraction(0.01, 0.01))).toHaveLength(1);
    });

    it("is not so with a peer connection that was watched before it was up", () => {
      // All of it was lost at once, and is in one report of twelve.
      const outage = { reports: 12, packetsLost: 300, fractionLost: range(1 / 12) };
      const streamed = loss(400, 300, { rtcp: outage });
      const whole = { ...late, observation: { isMediaWhole: true } };
      expect(details(streamed, late)).toHaveLength(1);
      expect(details({ ...streamed, packetsMissing: 300, packetsLost: 300 }, whole)).toEqual([]);
    });

    it("says nothing without them", () => {
      expect(details({ rtcp: { reports: 12, packetsLost: 900 } }, late)).toEqual([]);
    });
  });

  describe("of jitter", () => {
    const jitter = (seen: number, reported: number, more: Streamed = {}): Streamed => ({
      jitterSeconds: { last: seen, mean: seen, max: seen },
      rtcp: { reports: 12, jitterSeconds: range(reported) },
      ...more,
    });

    it("is found from 30 ms and the double on, either way", () => {
      expect(details(jitter(0.01, 0.039))).toEqual([]);
      expect(details(jitter(0.01, 0.041))).toEqual([
        "The callee reports a mean jitter of 41.0 ms for SSRC 0x00ca11e4, measured here are 10.0 ms: " +
          "it was added between here and the callee, or its reports are wrong.",
      ]);
      expect(details(jitter(0.041, 0.01))).toHaveLength(1);
      expect(details(jitter(0.05, 0.09))).toEqual([]);
      expect(details(jitter(0.04, 0.081))).toHaveLength(1);
    });

    it("is not looked for in video, and not found where one view has none", () => {
      expect(details(jitter(0.01, 0.1, { mediaType: "video", types: [VP8] }))).toEqual([]);
      expect(details({ rtcp: { reports: 12, jitterSeconds: range(0.1) } })).toEqual([]);
    });

    it("stands beside a loss of the same stream", () => {
      const both = {
        ...jitter(0.01, 0.1),
        rtcp: { reports: 12, packetsLost: 300, jitterSeconds: range(0.1) },
      };
      expect(details(both)).toHaveLength(2);
    });
  });

  it("is not found where nobody reported", () => {
    expect(scopesOf("divergent-views", { streams: [unreported({ types: [G729] })] })).toEqual([]);
  });
});
