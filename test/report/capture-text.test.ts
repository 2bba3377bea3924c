import { describe, expect, it } from "vitest";

import type { CaptureReport, StreamReport } from "../../src/call/report.js";
import { captureText, type CaptureTextOptions, legend } from "../../src/report/capture-text.js";
import { displayWidth } from "../../src/report/display-text.js";
import { plain } from "../../src/report/tone.js";
import { at, capture, counters, hurtStream, rated, stream, without } from "./samples.js";

const OPTIONS: CaptureTextOptions = {
  width: 140,
  paint: plain,
  maxStreams: 40,
  showIntervals: false,
  fixedBufferMs: 60,
};

function text(report: CaptureReport, overrides: Partial<CaptureTextOptions> = {}): string {
  return [...captureText(report, { ...OPTIONS, ...overrides })].join("\n");
}

function unknownStream(): StreamReport {
  return without(
    stream({ payloadType: 96, payloadTypes: [{ payloadType: 96, packets: 500 }] }),
    "codec",
    "clockRateHz",
    "quality",
    "packetsDiscarded",
    "jitterSeconds",
    "delayVariationSeconds",
  );
}

describe("the table", () => {
  it("has one line a stream where there is room, worst first, each explained below", () => {
    expect(text(capture([stream(), hurtStream()]))).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from 2024-05-03 12:00:00 UTC, 985 frames, 207 kB
        965 RTP in 2 streams, 8 RTCP, 12 SIP

        source → destination            SSRC       codec     length packets lost loss dup reord late jitter  max PDV95  RTT   MOS   MOS
                                                                                    %                    ms   ms    ms   ms    LQ    CQ
        10.0.2.2:50002 → 10.0.1.1:40000 0x00beef01 PCMU/8000 9.98 s     465   35  7.0   0     0    9   1.20 4.30  6.10 41.2 3.44N 3.43N
          lost 35 of 500 (7.0 %) in 17 runs, the longest 12 (240 ms), 4 bursts with 55.0 % gone; 9 more (1.8 %) came too late for a 60 ms buffer,
            2 for an adaptive one of 85.0 ms on average
          R 66.4 of 93.2: loss −18.3, bursts −6.1, late packets −2.0, delay −0.4
        10.0.1.1:40000 → 10.0.2.2:50002 0x1a2b3c4d PCMU/8000 9.98 s     500    0    0   0     0    0   1.20 4.30  6.10    – 4.41N     –
          nothing lost, nothing late"
    `);
  });

  it("has the name of a stream over its figures at 80 columns", () => {
    expect(text(capture([stream(), hurtStream()]), { width: 80 })).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from 2024-05-03 12:00:00 UTC, 985 frames, 207 kB
        965 RTP in 2 streams, 8 RTCP, 12 SIP

        length packets lost loss dup reord late jitter  max PDV95  RTT   MOS   MOS
                               %                    ms   ms    ms   ms    LQ    CQ
        10.0.2.2:50002 → 10.0.1.1:40000  0x00beef01  PCMU/8000
        9.98 s     465   35  7.0   0     0    9   1.20 4.30  6.10 41.2 3.44N 3.43N
          lost 35 of 500 (7.0 %) in 17 runs, the longest 12 (240 ms), 4 bursts with
            55.0 % gone; 9 more (1.8 %) came too late for a 60 ms buffer, 2 for an
            adaptive one of 85.0 ms on average
          R 66.4 of 93.2: loss −18.3, bursts −6.1, late packets −2.0, delay −0.4

        10.0.1.1:40000 → 10.0.2.2:50002  0x1a2b3c4d  PCMU/8000
        9.98 s     500    0    0   0     0    0   1.20 4.30  6.10    – 4.41N     –
          nothing lost, nothing late"
    `);
  });

  it("says what it does not know, and what would help", () => {
    expect(text(capture([unknownStream()]))).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from 2024-05-03 12:00:00 UTC, 520 frames, 107 kB
        500 RTP in 1 stream, 8 RTCP, 12 SIP

        source → destination             SSRC        codec    length  packets  lost  loss  dup  reord  late  jitter  max  PDV95  RTT  MOS  MOS
                                                                                        %                        ms   ms     ms   ms   LQ   CQ
        10.0.1.1:40000 → 10.0.2.2:50002  0x1a2b3c4d  type 96  9.98 s      500     0     0    0      0     –       –    –      –    –    –    –
          nothing lost; no clock known for payload type 96: say --payload 96=NAME/RATE"
    `);
  });

  it.each([80, 100, 140, 200])("keeps every line within %i columns", (width) => {
    const streams = [
      hurtStream({ intervals: rated([4.4, 2, 3, 4.4]), lastPacketAt: at(3600), clockDriftPpm: 90 }),
      stream({ source: { address: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", port: 65535 } }),
      unknownStream(),
    ];
    const report = capture(streams, {
      damage: { reason: "truncated", offset: 9, sentence: "The capture is cut short at byte 9." },
    });
    const options = { ...OPTIONS, width };
    const lines = [...captureText(report, options), ...legend(options)];
    expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
  });

  it("rather has wider lines than cut a figure off", () => {
    const narrow = text(capture([hurtStream()]), { width: 40 });
    expect(narrow).toContain("9.98 s     465   35  7.0");
    expect(narrow).toContain("3.44N 3.43N");
  });

  it("marks a round-trip time that is only reported", () => {
    const summary = hurtStream().rtt?.measured;
    const report = stream({ rtt: { ...(summary && { reported: summary }) } });
    expect(text(capture([report]))).toContain("41.2r");
  });

  it("gives each score the letter of its scale", () => {
    const quality = { ...hurtStream().quality, scale: "fullband" } as NonNullable<
      StreamReport["quality"]
    >;
    expect(text(capture([hurtStream({ quality })]))).toContain("3.44F 3.43F");
  });

  it("paints scores by what users would say", () => {
    const painted = text(capture([hurtStream()]), { paint: (tone, part) => `<${tone}:${part}>` });
    expect(painted).toContain("<poor:3.43N>");
    expect(painted).toContain("<bad:7.0>");
  });

  it("shows the worst streams, and says how many are hidden and how to see them", () => {
    const streams = Array.from({ length: 50 }, (_, ssrc) => stream({ ssrc }));
    const shown = text(capture([...streams, hurtStream()]), { maxStreams: 10 });
    expect(shown.match(/0x[0-9a-f]{8}/g)).toHaveLength(10);
    expect(shown).toContain("0x00beef01");
    expect(shown).toContain(
      "41 more streams with no MOS under 4.41, nothing lost: --all shows them",
    );
  });

  it("does not speak of hidden streams when there are none", () => {
    expect(text(capture([stream()]), { maxStreams: 1 })).not.toContain("--all");
  });

  it("lists the intervals of a stream when asked to", () => {
    const report = capture([stream({ intervals: rated([4.4, 2.1]) })]);
    expect(text(report, { showIntervals: true })).toContain("12:00:05      250");
    expect(text(report)).not.toContain("12:00:05");
  });
});

describe("the heading", () => {
  const heading = (overrides: Partial<CaptureReport>, streams: StreamReport[] = []): string =>
    text(capture(streams, overrides));

  it("says what is in a capture without media", () => {
    const found = counters({ packets: 51, sip: 40, dtls: 1, ignored: 10 });
    expect(heading({ counters: found })).toContain("  No RTP stream. Found: 40 SIP, 1 DTLS\n");
    expect(heading({ counters: found })).toContain("  also 10 other frames");
  });

  it("says when there is nothing of a call in it, or nothing at all", () => {
    expect(heading({ counters: counters({ packets: 3, ignored: 3 }) })).toContain(
      "No RTP stream, nor anything else of a call.",
    );
    const empty = without(capture([]), "firstPacketAt", "lastPacketAt");
    expect(text({ ...empty, counters: counters() })).toBe(
      "call.pcap: 0 frames\n  The capture is empty.",
    );
  });

  it("mentions only the flaws there are", () => {
    expect(heading({}, [stream()])).not.toMatch(/also|given up/);
    const flawed = counters({
      packets: 9,
      unconfirmedRtp: 3,
      fragments: 1,
      tcpBytesSkipped: 2048,
      malformed: { udpHeader: 2, rtp: 0, ipLength: 1 },
      evicted: { streams: 12, candidates: 0 },
    });
    const flaws = heading({ counters: flawed });
    expect(flaws).toContain(
      "also 3 like RTP that form no stream, 1 fragment, 2.05 kB of SIP over TCP missing, " +
        "3 malformed (UDP header 2, IP length 1)",
    );
    expect(flaws).toContain(
      "12 given up for lack of time or room (streams); --streams N makes room for more streams",
    );
  });

  it.each([
    { rtcpEncrypted: 8, text: "8 RTCP (all encrypted)" },
    { rtcpEncrypted: 3, text: "8 RTCP (3 encrypted)" },
    { rtcpEncrypted: 0, text: "8 RTCP\n" },
  ])("says how much of the RTCP can be read: $text", ({ rtcpEncrypted, text: expected }) => {
    const found = counters({ packets: 508, rtp: 500, rtcp: 8, rtcpEncrypted });
    expect(heading({ counters: found }, [stream()])).toContain(expected);
  });

  it("gives the damage of a capture", () => {
    const damage = { reason: "truncated", offset: 7, sentence: "The capture is cut short." };
    expect(heading({ damage }, [stream()])).toContain("\n  The capture is cut short.\n");
  });

  it("sums up many streams by what users would say", () => {
    const streams = [stream(), stream(), stream(), stream(), hurtStream(), unknownStream()];
    expect(heading({}, streams)).toContain(
      "Users by MOS: 4 very satisfied, 1 many dissatisfied, 1 without a MOS",
    );
  });
});

it("lets no name from the capture command the terminal", () => {
  const codec = "PCMU\u001b[2J";
  const report = capture(
    [stream({ codec, payloadTypes: [{ payloadType: 0, packets: 500, codec, kind: "audio" }] })],
    {
      file: "\u001b]0;gone\u0007.pcap",
      damage: { reason: "x", offset: 0, sentence: "cut\u001b[31m\nshort" },
      counters: counters({ packets: 1, malformed: { "a\u001b[0m": 1 } }),
    },
  );
  expect([...captureText(report, OPTIONS)].join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
