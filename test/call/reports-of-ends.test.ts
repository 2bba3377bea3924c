/** What the ends of a call report of it, in the record of a capture: RTCP at ports of its own, RTCP without its media, and phones. */

import { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { voiceQualityText } from "../../src/call/voice-quality-text.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { parseVoiceQualityReport } from "../../src/sip/voice-quality.js";
import { analysedFixture } from "../support/analysed.js";
import { type CapturedFrame, pcapFile, rtpPacket, udpFrame } from "../support/packets.js";
import { receiverReport, senderReport } from "../support/rtcp.js";

const CALLER: Endpoint = { address: "192.0.2.1", port: 40_000 };
const CALLEE: Endpoint = { address: "192.0.2.2", port: 50_000 };
const START_NS = 1_700_000_000_000_000_000n;

const rtcpPort = ({ address, port }: Endpoint): Endpoint => ({ address, port: port + 1 });
const sipPort = ({ address }: Endpoint): Endpoint => ({ address, port: 5060 });

function frame(
  ms: number,
  source: Endpoint,
  destination: Endpoint,
  payload: Uint8Array,
): CapturedFrame {
  return {
    atNs: START_NS + BigInt(ms) * 1_000_000n,
    bytes: udpFrame({ source, destination, payload }),
  };
}

interface Message {
  readonly start: string;
  readonly cseq: string;
  readonly callId?: string;
  readonly type?: string;
  readonly body?: string;
}

function sip(
  ms: number,
  { start, cseq, callId = "one", type = "application/sdp", body = "" }: Message,
) {
  const isResponse = start.startsWith("SIP/2.0");
  const [source, destination] = isResponse ? [CALLEE, CALLER] : [CALLER, CALLEE];
  const text = [
    start,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${callId}${cseq.replace(" ", "")}`,
    "From: <sip:a@example.org>;tag=a",
    `To: <sip:b@example.org>${cseq === "1 INVITE" && !isResponse ? "" : ";tag=b"}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    "Max-Forwards: 70",
    ...(body === "" ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
  return frame(ms, sipPort(source), sipPort(destination), Buffer.from(text));
}

const sdp = ({ address, port }: Endpoint): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

const ANSWERED = [
  sip(0, { start: "INVITE sip:b@example.org SIP/2.0", cseq: "1 INVITE", body: sdp(CALLER) }),
  sip(1000, { start: "SIP/2.0 200 OK", cseq: "1 INVITE", body: sdp(CALLEE) }),
  sip(1010, { start: "ACK sip:b@example.org SIP/2.0", cseq: "1 ACK" }),
];
const HUNG_UP = [
  sip(9000, { start: "BYE sip:b@example.org SIP/2.0", cseq: "2 BYE" }),
  sip(9010, { start: "SIP/2.0 200 OK", cseq: "2 BYE" }),
];

const publish = (ms: number, cseq: string, body: string): CapturedFrame =>
  sip(ms, {
    start: "PUBLISH sip:collector@example.org SIP/2.0",
    cseq,
    callId: "publication",
    type: "application/vq-rtcpxr",
    body,
  });

const report = (callId: string, ...lines: readonly string[]): string =>
  ["VQSessionReport: CallTerm", `CallID:${callId}`, ...lines, ""].join("\r\n");

async function callOf(frames: readonly CapturedFrame[]): Promise<CallReport> {
  const stream = Readable.from([pcapFile(frames)]);
  const { calls } = await analyseCapture({ stream, name: "test" });
  const [call] = calls;
  if (call === undefined) throw new Error("no call");
  return call;
}

describe("a capture that holds RTCP without its media", () => {
  const blocks = [{ ssrc: 7, packetsLost: 3, jitterTicks: 80 }];
  const rr = frame(5000, rtcpPort(CALLEE), rtcpPort(CALLER), receiverReport({ ssrc: 8, blocks }));

  it("says what was reported, of which direction, with the clock that was agreed on", async () => {
    const { reportedStreams, streams } = await callOf([...ANSWERED, rr, ...HUNG_UP]);
    expect(streams).toEqual([]);
    expect(reportedStreams).toMatchObject([
      { ssrc: 7, direction: "caller-to-callee", rtcp: { reports: 1, packetsLost: 3 } },
    ]);
    expect(reportedStreams?.[0]?.rtcp.jitterSeconds).toEqual({ last: 0.01, mean: 0.01, max: 0.01 });
  });

  it("says it of the stream where its packets come, even if later", async () => {
    const media = Array.from({ length: 50 }, (_, index) =>
      frame(
        6000 + index * 20,
        CALLER,
        CALLEE,
        rtpPacket({ ssrc: 7, payloadType: 0, sequenceNumber: index, timestamp: index * 160 }),
      ),
    );
    const { reportedStreams, streams } = await callOf([...ANSWERED, rr, ...media, ...HUNG_UP]);
    expect(streams.map(({ ssrc }) => ssrc)).toEqual([7]);
    expect(reportedStreams).toBeUndefined();
  });
});

describe("a capture that holds RTCP", () => {
  const ntp = 0x8000_1234_4000_0000n;
  const answer = { lastSenderReport: 0x1234_4000, delaySinceLastSenderReport: 65_536 };

  /** A call whose ends have their media there, and RTCP there. */
  function reporting(
    [caller, callee]: readonly [number, number],
    [callerRtcp, calleeRtcp]: readonly [number, number],
  ): CapturedFrame[] {
    const end = (of: Endpoint, port: number): Endpoint => ({ ...of, port });
    const [a, b] = [end(CALLER, caller), end(CALLEE, callee)];
    const [aRtcp, bRtcp] = [end(CALLER, callerRtcp), end(CALLEE, calleeRtcp)];
    const media = Array.from({ length: 200 }, (_, index) => {
      const fields = { payloadType: 0, sequenceNumber: index, timestamp: index * 160 };
      const ms = 2000 + index * 20;
      return [
        frame(ms, a, b, rtpPacket({ ...fields, ssrc: 1 })),
        frame(ms, b, a, rtpPacket({ ...fields, ssrc: 2 })),
      ];
    });
    return [
      sip(0, { start: "INVITE sip:b@example.org SIP/2.0", cseq: "1 INVITE", body: sdp(a) }),
      sip(1000, { start: "SIP/2.0 200 OK", cseq: "1 INVITE", body: sdp(b) }),
      sip(1010, { start: "ACK sip:b@example.org SIP/2.0", cseq: "1 ACK" }),
      ...media.flat(),
      frame(5000, aRtcp, bRtcp, senderReport({ ssrc: 1, ntp })),
      frame(5000, bRtcp, aRtcp, senderReport({ ssrc: 2, ntp })),
      // Both keep the other's report for a second, and are 30 and 50 ms away and back.
      frame(6030, bRtcp, aRtcp, receiverReport({ ssrc: 2, blocks: [{ ssrc: 1, ...answer }] })),
      frame(6050, aRtcp, bRtcp, receiverReport({ ssrc: 1, blocks: [{ ssrc: 2, ...answer }] })),
      ...HUNG_UP,
    ];
  }

  it.each([
    ["at the media's ports", [40_000, 50_000], [40_000, 50_000]],
    ["next to them", [40_000, 50_000], [40_001, 50_001]],
    ["next to odd ones", [40_001, 50_001], [40_002, 50_002]],
    ["anywhere else (RFC 3605)", [40_000, 50_000], [41_234, 51_234]],
    ["where a NAT has put one end's", [40_000, 50_000], [33_333, 50_001]],
  ] as const)("measures the round trip by RTCP %s", async (_where, media, rtcp) => {
    const { streams, rtt, quality } = await callOf(reporting(media, rtcp));
    const [ofCaller, ofCallee] = streams.map(({ rtt: ofStream }) => ofStream);
    expect(ofCaller?.toReceiver?.meanSeconds).toBeCloseTo(0.03, 5);
    expect(ofCallee?.toReceiver?.meanSeconds).toBeCloseTo(0.05, 5);
    for (const one of [ofCaller, ofCallee, rtt]) {
      expect(one?.measured?.samples).toBe(1);
      expect(one?.measured?.meanSeconds).toBeCloseTo(0.08, 5);
    }
    expect(quality?.worst?.mosCq).toBeDefined();
  });

  /** A call whose caller alone is heard, while the callee's RTCP comes from that port. */
  function halfHeard(port: number, report: Uint8Array): Promise<CallReport> {
    const at = `${sdp(CALLEE)}a=rtcp:${port}\r\n`;
    const media = Array.from({ length: 300 }, (_, index) => {
      const fields = { payloadType: 0, sequenceNumber: index, timestamp: index * 160, ssrc: 1 };
      return frame(2000 + index * 20, CALLER, CALLEE, rtpPacket(fields));
    });
    return callOf([
      sip(0, { start: "INVITE sip:b@example.org SIP/2.0", cseq: "1 INVITE", body: sdp(CALLER) }),
      sip(1000, { start: "SIP/2.0 200 OK", cseq: "1 INVITE", body: at }),
      sip(1010, { start: "ACK sip:b@example.org SIP/2.0", cseq: "1 ACK" }),
      ...media,
      frame(5000, { ...CALLEE, port }, { ...CALLER, port: 33_333 }, report),
      ...HUNG_UP,
    ]);
  }

  it("takes it for a proof of media that is not there, wherever it is", async () => {
    for (const port of [50_001, 51_235, 51_234]) {
      const { confidence, issues } = await halfHeard(port, senderReport({ ssrc: 2, packets: 90 }));
      expect(confidence.map(({ kind }) => kind)).toContain("one-sided-media");
      expect(issues).toEqual([]);
    }
  });

  it("takes a report of nothing sent for no proof", async () => {
    const { confidence, issues } = await halfHeard(50_001, senderReport({ ssrc: 2, packets: 0 }));
    expect(confidence.map(({ kind }) => kind)).not.toContain("one-sided-media");
    expect(issues.map(({ kind }) => kind)).toEqual(["one-way-audio"]);
  });
});

describe("a capture that holds phones' reports", () => {
  it("brings each to the call that it names, once, and says whose it is", async () => {
    const heard = [
      "LocalMetrics:",
      "PacketLoss:NLR=5.0 JDR=0.5",
      "Delay:RTD=80",
      "QualityEst:MOSCQ=35",
    ];
    const byCallee = report(
      "one",
      `LocalAddr:IP=${CALLEE.address} PORT=${CALLEE.port} SSRC=8`,
      ...heard,
    );
    const byName = report(
      "one",
      "LocalID:<sip:a@example.org;user=phone>",
      "LocalMetrics:",
      "Delay:RTD=100",
    );
    const { voiceQualityReports, rtt, quality } = await callOf([
      ...ANSWERED,
      ...HUNG_UP,
      publish(9100, "1 PUBLISH", byCallee),
      publish(9600, "1 PUBLISH", byCallee),
      publish(9700, "2 PUBLISH", byName),
      publish(9800, "3 PUBLISH", report("another", "LocalMetrics:", "Delay:RTD=900")),
    ]);
    expect(voiceQualityReports).toEqual([
      {
        at: "2023-11-14T22:13:29.100000Z",
        kind: "session",
        by: "callee",
        heard: { lossRatio: 0.05, discardRatio: 0.005, roundTripSeconds: 0.08, mosCq: 3.5 },
      },
      {
        at: "2023-11-14T22:13:29.700000Z",
        kind: "session",
        by: "caller",
        heard: { roundTripSeconds: 0.1 },
      },
    ]);
    expect(rtt).toMatchObject({ reported: { meanSeconds: 0.09, samples: 2 } });
    expect(quality).toBeUndefined();
  });
});

describe("voiceQualityText", () => {
  it.each(["caller", "callee"] as const)("writes what the %s would report", async (by) => {
    const [call] = (await analysedFixture("impaired-call")).calls;
    if (call === undefined) throw new Error("no call");
    const [heard, spoken] = ["callee-to-caller", "caller-to-callee"].map((flow) =>
      call.streams.find(({ direction }) => direction === flow),
    );
    const [own, other] = by === "caller" ? [heard, spoken] : [spoken, heard];
    const parsed = parseVoiceQualityReport(voiceQualityText(call, by) ?? "");
    expect(parsed).toMatchObject({
      kind: "session",
      callId: call.callId,
      originator: `<${call.caller?.uri ?? ""}>`,
      local: { id: `<${call[by]?.uri ?? ""}>`, endpoint: own?.destination, ssrc: other?.ssrc },
      remote: { endpoint: own?.source, ssrc: own?.ssrc },
    });
    const pairs = [
      [parsed?.localMetrics, own],
      [parsed?.remoteMetrics, other],
    ] as const;
    for (const [metrics, stream] of pairs) {
      expect(metrics?.lossRatio).toBeCloseTo(stream?.lossRatio ?? NaN, 4);
      expect(metrics?.jitterSeconds).toBeCloseTo(stream?.jitterSeconds?.mean ?? NaN, 3);
      expect(metrics?.mosLq).toBeCloseTo(stream?.quality?.mosLq ?? NaN, 1);
      expect(metrics?.rFactorCq).toBe(Math.round(stream?.quality?.rFactor ?? NaN));
      expect(metrics?.roundTripSeconds).toBeCloseTo(stream?.rtt?.measured?.meanSeconds ?? NaN, 3);
      expect(
        Math.abs((metrics?.startedAtMs ?? 0) - Date.parse(stream?.firstPacketAt ?? "")),
      ).toBeLessThan(1000);
    }
  });

  it("has nothing to say of a call without audio", async () => {
    expect(voiceQualityText(await callOf([...ANSWERED, ...HUNG_UP]))).toBeUndefined();
  });
});
