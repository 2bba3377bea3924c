import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { CaptureReport, HandshakeReport, StreamReport } from "../../src/call/report.js";
import { captureText, type CaptureTextOptions, legend } from "../../src/report/capture-text.js";
import { displayWidth } from "../../src/report/display-text.js";
import { plain } from "../../src/report/tone.js";
import {
  at,
  call,
  capture,
  cleanCall,
  counters,
  failedCall,
  hurtStream,
  rated,
  stream,
  without,
} from "./samples.js";

const OPTIONS: CaptureTextOptions = {
  width: 140,
  paint: plain,
  maxCalls: 40,
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

  it.each([50, 60, 80, 100, 140, 200])("keeps every line within %i columns", (width) => {
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

  it("has figures that do not fit beside each other below each other", () => {
    expect(text(capture([hurtStream()]), { width: 40 })).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from
        2024-05-03 12:00:00 UTC, 485 frames,
        99.5 kB
        465 RTP in 1 stream, 8 RTCP, 12 SIP

        length packets lost loss dup reord
                               %
        late  jitter   max  PDV95   RTT    MOS
                  ms    ms     ms    ms     LQ
          MOS
           CQ
        10.0.2.2:50002 → 10.0.1.1:40000
        0x00beef01  PCMU/8000
        9.98 s     465   35  7.0   0     0
           9    1.20  4.30   6.10  41.2  3.44N
        3.43N
          lost 35 of 500 (7.0 %) in 17 runs,
            the longest 12 (240 ms), 4 bursts
            with 55.0 % gone; 9 more (1.8 %)
            came too late for a 60 ms buffer,
            2 for an adaptive one of 85.0 ms
            on average
          R 66.4 of 93.2: loss −18.3,
            bursts −6.1, late packets −2.0,
            delay −0.4"
    `);
  });

  it("marks a round-trip time that is only reported", () => {
    const summary = hurtStream().rtt?.measured;
    const report = stream({ rtt: { ...(summary && { reported: summary }) } });
    expect(text(capture([report]))).toContain("41.2*");
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

describe("calls", () => {
  const calls = [
    cleanCall(),
    failedCall({ reasons: [{ protocol: "Q.850", cause: 17, text: "User busy" }] }),
    call({
      issues: [
        {
          kind: "one-way-audio",
          direction: "caller-to-callee",
          from: at(2),
          detail: "The callee received nothing for 4 s.",
        },
      ],
    }),
  ];

  it("come first, worst first, each over its streams; then the streams without a call", () => {
    const report = capture([stream({ ssrc: 7 })], { calls });
    expect(text(report)).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from 2024-05-03 12:00:00 UTC, 520 frames, 107 kB
        3 calls (2 answered, 1 not answered), 500 RTP in 3 streams, 8 RTCP, 12 SIP

        caller → callee  at        outcome        kind    length     PDD   setup    MOS    MOS  loss  jitter   RTT  DTLS  STIR  issues
                         UTC                                                          →      ←     %      ms    ms
            source → destination            SSRC       codec     length packets lost loss dup reord late jitter  max PDV95  RTT   MOS   MOS
                                                                                        %                    ms   ms    ms   ms    LQ    CQ

        alice → bob      11:59:56  200 OK         sip     10.0 s  1.20 s  3.40 s  4.41N  3.43N   7.0    1.20  41.2     –     –       1
          Call-ID a84b4c76e66710@pc33.atlanta.example.com
          the callee hung up
          one-way-audio caller to callee at 12:00:02: The callee received nothing for 4 s.
          → 10.0.1.1:40000 → 10.0.2.2:50002 0x1a2b3c4d PCMU/8000 9.98 s     500    0    0   0     0    0   1.20 4.30  6.10    – 4.41N     –
            nothing lost, nothing late
          ← 10.0.2.2:50002 → 10.0.1.1:40000 0x00beef01 PCMU/8000 9.98 s     465   35  7.0   0     0    9   1.20 4.30  6.10 41.2 3.44N 3.43N
            lost 35 of 500 (7.0 %) in 17 runs, the longest 12 (240 ms), 4 bursts with 55.0 % gone; 9 more (1.8 %) came too late for a 60 ms
              buffer, 2 for an adaptive one of 85.0 ms on average
            R 66.4 of 93.2: loss −18.3, bursts −6.1, late packets −2.0, delay −0.4

        alice → bob      12:00:20  486 Busy Here  sip          –   43 ms       –      –      –     –       –     –     –     –       0
          Call-ID busy@atlanta.example.com
          reason: Q.850 17 User busy

        alice → bob      11:59:56  200 OK         webrtc  10.0 s  1.20 s  3.40 s  4.41N  4.41N     0    1.20  41.2    ok    A?       0
          Call-ID clean@atlanta.example.com
          the callee hung up
          → 10.0.1.1:40000 → 10.0.2.2:50002 0x1a2b3c4d PCMU/8000 9.98 s     500    0    0   0     0    0   1.20 4.30  6.10    – 4.41N     –
            nothing lost, nothing late

        Streams without a call

        source → destination            SSRC       codec     length packets lost loss dup reord late jitter  max PDV95 RTT   MOS MOS
                                                                                    %                    ms   ms    ms  ms    LQ  CQ
        10.0.1.1:40000 → 10.0.2.2:50002 0x00000007 PCMU/8000 9.98 s     500    0    0   0     0    0   1.20 4.30  6.10   – 4.41N   –
          nothing lost, nothing late"
    `);
  });

  it("have their names over their figures at 80 columns", () => {
    const report = capture([], { calls: [call()] });
    expect(text(report, { width: 80 })).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from 2024-05-03 12:00:00 UTC, 20 frames, 0 B
        1 call (1 answered), 8 RTCP, 12 SIP

        length     PDD   setup    MOS    MOS  loss  jitter   RTT  DTLS  STIR  issues
                                    →      ←     %      ms    ms
          length packets lost loss dup reord late jitter  max PDV95  RTT   MOS   MOS
                                 %                    ms   ms    ms   ms    LQ    CQ

        alice → bob  11:59:56  200 OK  sip
        10.0 s  1.20 s  3.40 s  4.41N  3.43N   7.0    1.20  41.2     –     –       0
          Call-ID a84b4c76e66710@pc33.atlanta.example.com
          the callee hung up
          → 10.0.1.1:40000 → 10.0.2.2:50002  0x1a2b3c4d  PCMU/8000
          9.98 s     500    0    0   0     0    0   1.20 4.30  6.10    – 4.41N     –
            nothing lost, nothing late
          ← 10.0.2.2:50002 → 10.0.1.1:40000  0x00beef01  PCMU/8000
          9.98 s     465   35  7.0   0     0    9   1.20 4.30  6.10 41.2 3.44N 3.43N
            lost 35 of 500 (7.0 %) in 17 runs, the longest 12 (240 ms), 4 bursts with
              55.0 % gone; 9 more (1.8 %) came too late for a 60 ms buffer, 2 for an
              adaptive one of 85.0 ms on average
            R 66.4 of 93.2: loss −18.3, bursts −6.1, late packets −2.0, delay −0.4"
    `);
  });

  it("share the heading's count of streams with those that joined none, each counted once", () => {
    const [shared] = calls;
    const report = capture([stream({ ssrc: 7 })], {
      calls: [...calls, ...(shared ? [shared] : [])],
    });
    expect(text(report)).toContain(
      "4 calls (3 answered, 1 not answered), 500 RTP in 3 streams, 8 RTCP, 12 SIP",
    );
  });

  it("are told to have no media when there is none", () => {
    const found = counters({ packets: 9, sip: 9 });
    const report = capture([], { calls: [failedCall({ cancelled: true })], counters: found });
    expect(text(report)).toContain("\n  1 call (1 cancelled), no RTP stream, 9 SIP\n");
  });

  it("that began before the capture are counted as such, not as not answered", () => {
    const outcome = { attempts: 0, cancelled: false, endedBy: "caller" } as const;
    const before = call({ outcome, course: { endedAt: at(9) } });
    const shown = text(capture([], { calls: [call(), before, failedCall()] }));
    expect(shown).toContain(
      "\n  3 calls (1 answered, 1 not answered, 1 began before the capture), 8 RTCP",
    );
    expect(shown).toMatch(/alice → bob +– +before capture +sip /);
    expect(shown).toContain("\n    the caller hung up\n");
    const hidden = (...calls: CallReport[]): string =>
      text(capture([], { calls: [failedCall(), ...calls] }), { maxCalls: 0 });
    expect(hidden(before)).toContain(", 1 of them not answered: --all");
    expect(text(capture([], { calls: [before] }), { maxCalls: 0 })).toContain(
      ", all answered or begun before the capture: --all",
    );
  });

  it("have loss and jitter of the worst stream that carries speech", () => {
    const codec = "rtx";
    const lossy = { lossRatio: 0.25, jitterSeconds: { last: 0, mean: 0.0777, max: 1 } };
    const rtx = [{ payloadType: 97, packets: 500, codec, kind: "retransmission" }] as const;
    const unknown = [{ payloadType: 97, packets: 500 }] as const;
    const row = (...streams: StreamReport[]): string =>
      text(capture([], { calls: [call({ streams })] }))
        .split("\n")
        .find((line) => line.includes("alice → bob")) ?? "";
    const figures = (...streams: StreamReport[]): (string | undefined)[] =>
      / 3\.43N +(\S+) +(\S+) /.exec(row(...streams))?.slice(1) ?? [];
    const repair = stream({ payloadType: 97, codec, payloadTypes: rtx, ...lossy });
    const anything = stream({ payloadType: 97, payloadTypes: unknown, ...lossy });
    const clean = ["0", "1.20"];
    const worst = ["25.0", "77.7"];
    const blank = ["–", "–"];
    expect(figures(stream(), repair)).toEqual(clean);
    expect(figures(stream(), { ...anything, mediaType: "video" })).toEqual(clean);
    expect(figures(stream(), { ...anything, mediaType: "audio" })).toEqual(worst);
    expect(figures(stream(), { ...repair, mediaType: "audio" })).toEqual(clean);
    expect(figures(stream({ mediaType: "audio" }), stream(lossy))).toEqual(worst);
    expect(figures(repair)).toEqual(blank);
    expect(figures({ ...anything, mediaType: "video" })).toEqual(blank);
    expect(figures({ ...stream(lossy), mediaType: "video" })).toEqual(blank);
    expect(figures(anything)).toEqual(worst);
    expect(figures()).toEqual(blank);
  });

  it("mark their streams by which way they flow, as far as that is known", () => {
    const streams = [
      stream({ direction: "caller-to-callee" }),
      hurtStream({ direction: "callee-to-caller" }),
      stream({ ssrc: 9 }),
    ];
    const shown = text(capture([stream({ ssrc: 7 })], { calls: [call({ streams })] }));
    expect(shown).toMatch(/\n {4}→ 10\.0\.1\.1:40000 → 10\.0\.2\.2:50002 +0x1a2b3c4d /);
    expect(shown).toMatch(/\n {4}← 10\.0\.2\.2:50002 → 10\.0\.1\.1:40000 +0x00beef01 /);
    expect(shown).toMatch(/\n {4}– 10\.0\.1\.1:40000 → 10\.0\.2\.2:50002 +0x00000009 /);
    expect(shown).toMatch(/\n {2}10\.0\.1\.1:40000 → 10\.0\.2\.2:50002 +0x00000007 /);
  });

  it("that are hidden are counted, with the way to see them", () => {
    const many = Array.from({ length: 12 }, () => cleanCall());
    const shown = text(capture([], { calls: [...many, failedCall(), call()] }), { maxCalls: 1 });
    expect(shown.match(/Call-ID/g)).toEqual(["Call-ID"]);
    expect(shown).toContain("Call-ID a84b4c76e66710@");
    expect(shown).toContain(
      "\n  13 more calls with no MOS under 4.41, 1 of them not answered: --all shows them",
    );
  });

  it("have a caveat that is true of all of them said once", () => {
    const confidence = [{ kind: "side-assumed", detail: "The side was assumed." }] as const;
    const own = [...confidence, { kind: "capture-ended", detail: "It goes on." }] as const;
    const shown = text(capture([], { calls: [call({ confidence }), call({ confidence: own })] }));
    expect(shown.match(/The side was assumed/g)).toHaveLength(1);
    expect(shown).toMatch(/\n\n {2}of all calls: caveat: The side was assumed\.$/);
    expect(shown).toContain("\n    caveat: It goes on.\n");
  });

  it("do not change what is shown of a capture without any", () => {
    expect(text(capture([stream()]))).not.toMatch(/call(?!\.pcap)/i);
  });

  it.each([80, 140, 200])("keep every line within %i columns", (width) => {
    const long = call({
      callId: "x".repeat(500),
      caller: { uri: `sip:${"y".repeat(300)}@example.com` },
      linkedCallIds: ["z".repeat(70), "w"],
      outcome: { ...call().outcome, attempts: 2, statusCode: 555 },
    });
    const options = { ...OPTIONS, width };
    const report = capture([stream({ ssrc: 7 })], { calls: [...calls, long] });
    const lines = [...captureText(report, options), ...legend(options, true)];
    expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
  });
});

describe("handshakes without a call", () => {
  const handshake: HandshakeReport = {
    client: { address: "10.0.1.1", port: 40000 },
    server: { address: "10.0.2.2", port: 50002 },
    startedAt: at(1),
    offersSrtp: true,
    result: "ok",
    durationSeconds: 0.045,
    version: "1.2",
    srtpProfile: "SRTP_AES128_CM_HMAC_SHA1_80",
    retransmissions: 0,
  };
  const failed: HandshakeReport = {
    client: handshake.client,
    server: handshake.server,
    startedAt: at(2),
    offersSrtp: true,
    result: "fail",
    retransmissions: 2,
    alert: { level: "fatal", code: 40, name: "handshake_failure", by: "server" },
  };

  it("stand below everything else, the failed ones first and why", () => {
    expect(text(capture([], { handshakes: [handshake, failed] }))).toMatchInlineSnapshot(`
      "call.pcap: 12.4 s from 2024-05-03 12:00:00 UTC, 20 frames, 0 B
        No RTP stream. Found: 8 RTCP, 12 SIP

        DTLS handshakes without a call

        client → server                  at        result   took  again  DTLS  SRTP profile
                                         UTC
        10.0.1.1:40000 → 10.0.2.2:50002  12:00:02  fail        –      2     –  –
          fatal alert handshake_failure (40) from the server
        10.0.1.1:40000 → 10.0.2.2:50002  12:00:01  ok      45 ms      0   1.2  SRTP_AES128_CM_HMAC_SHA1_80"
    `);
  });

  it("that are hidden are counted", () => {
    const handshakes = [handshake, failed, handshake, failed];
    const shown = text(capture([], { handshakes }), { maxStreams: 1 });
    expect(shown).toContain("\n  3 more handshakes, 1 of them not ok: --all shows them");
  });
});

describe("the heading", () => {
  const heading = (overrides: Partial<CaptureReport>, streams: StreamReport[] = []): string =>
    text(capture(streams, overrides));

  it("says from when to when a capture is that lasts for days", () => {
    const instants = { firstPacketAt: at(-2 * 365 * 86_400), lastPacketAt: at(12) };
    expect(heading(instants, [stream()])).toMatch(
      /^call\.pcap: 2022-05-04 12:00:00 to 2024-05-03 12:00:12 UTC, 520 frames, 107 kB\n/,
    );
  });

  it("gives no length of a capture whose last frame is earlier than its first", () => {
    const instants = { firstPacketAt: at(93.891), lastPacketAt: at(0) };
    expect(heading(instants, [stream()])).toMatch(
      /^call\.pcap: first frame at 2024-05-03 12:01:33 UTC, not in order of time, 520 frames, 107 kB\n/,
    );
  });

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
  const hostile = "\u001b]0;gone\u0007\r\n\u202e";
  const report = capture(
    [stream({ codec, payloadTypes: [{ payloadType: 0, packets: 500, codec, kind: "audio" }] })],
    {
      file: "\u001b]0;gone\u0007.pcap",
      calls: [
        call({
          callId: hostile,
          caller: { uri: `sip:${hostile}@x` },
          callee: { uri: hostile },
          linkedCallIds: [hostile],
          outcome: {
            ...call().outcome,
            reasons: [{ protocol: hostile, cause: 16, text: hostile }],
          },
          security: {
            dtls: [
              {
                result: "fail",
                retransmissions: 0,
                alert: { level: "fatal", code: 1, name: hostile, by: "client" },
              },
            ],
            stir: {
              result: "unverified",
              peer: { result: "failed", reason: hostile, claimedBy: "reason" },
            },
          },
          issues: [{ kind: "no-media", detail: hostile }],
          confidence: [{ kind: "capture-ended", detail: hostile }],
        }),
      ],
      damage: { reason: "x", offset: 0, sentence: "cut\u001b[31m\nshort" },
      counters: counters({ packets: 1, malformed: { "a\u001b[0m": 1 } }),
    },
  );
  expect([...captureText(report, OPTIONS)].join("")).not.toMatch(
    /[\u0000-\u001f\u007f-\u009f\u202e]/,
  );
});
