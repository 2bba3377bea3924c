import { gzipSync } from "node:zlib";

import { afterEach, describe, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { CallRtcp } from "../../src/call/observer.js";
import { encodeHep } from "../../src/hep/codec.js";
import { HepSource, type HepSourceOptions, MAX_AGENTS } from "../../src/hep/in.js";
import type { HepPacket } from "../../src/hep/packet.js";
import { HepServer } from "../../src/hep/server.js";
import { decodeRtcp } from "../../src/native/rtcp-decoder.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { receiverReport, senderReport } from "../support/rtcp.js";

const CALLER: Endpoint = { address: "192.0.2.1", port: 5060 };
const CALLEE: Endpoint = { address: "198.51.100.2", port: 5060 };
const [CALLER_RTP, CALLEE_RTP] = [40_000, 50_000];
const START_MS = 1_700_000_000_000;
const LIMIT = { timeout: 20_000 };

// Sockets share the machine with other tests.
vi.setConfig({ testTimeout: 60_000 });

function encoded(packet: HepPacket): Buffer {
  const bytes = encodeHep(packet);
  if (bytes === undefined) throw new Error("too long");
  return bytes;
}

const sdp = ({ address }: Endpoint, port: number): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

interface Sip {
  readonly start: string;
  readonly cseq: string;
  readonly body?: string;
  readonly type?: string;
}

/** A message of the call, by its caller unless it is a response. */
function sip(ms: number, { start, cseq, body = "", type = "application/sdp" }: Sip): HepPacket {
  const isResponse = start.startsWith("SIP/2.0");
  const isFirst = cseq === "1 INVITE" && !isResponse;
  const [source, destination] = isResponse ? [CALLEE, CALLER] : [CALLER, CALLEE];
  const text = [
    start,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${cseq.replace(" ", "")}`,
    "From: <sip:a@example.org>;tag=a",
    `To: <sip:b@example.org>${isFirst ? "" : ";tag=b"}`,
    `Call-ID: ${type === "application/sdp" ? "one" : "report"}`,
    `CSeq: ${cseq}`,
    "Max-Forwards: 70",
    ...(body === "" ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
  return packet(ms, source, destination, { protocolType: 1, payload: Buffer.from(text) });
}

function packet(
  ms: number,
  source: Endpoint,
  destination: Endpoint,
  rest: Partial<HepPacket>,
): HepPacket {
  return { ipProtocol: 17, agentId: 1, atMs: START_MS + ms, source, destination, ...rest };
}

const ANSWERED: readonly HepPacket[] = [
  sip(0, {
    start: "INVITE sip:b@example.org SIP/2.0",
    cseq: "1 INVITE",
    body: sdp(CALLER, CALLER_RTP),
  }),
  sip(100, { start: "SIP/2.0 180 Ringing", cseq: "1 INVITE" }),
  sip(1000, { start: "SIP/2.0 200 OK", cseq: "1 INVITE", body: sdp(CALLEE, CALLEE_RTP) }),
  sip(1010, { start: "ACK sip:b@example.org SIP/2.0", cseq: "1 ACK" }),
];
const HUNG_UP: readonly HepPacket[] = [
  sip(11_000, { start: "BYE sip:b@example.org SIP/2.0", cseq: "2 BYE" }),
  sip(11_010, { start: "SIP/2.0 200 OK", cseq: "2 BYE" }),
];

const callerRtcp: Endpoint = { address: CALLER.address, port: CALLER_RTP + 1 };
const calleeRtcp: Endpoint = { address: CALLEE.address, port: CALLEE_RTP + 1 };
const NTP = 0x8000_1234_4000_0000n;

/** The caller's sender report, and what the callee says 50 ms later, 10 ms of which were its own. */
const RAW_RTCP: readonly HepPacket[] = [
  packet(5000, callerRtcp, calleeRtcp, {
    protocolType: 5,
    payload: senderReport({ ssrc: 7, ntp: NTP }),
  }),
  packet(5050, calleeRtcp, callerRtcp, {
    protocolType: 5,
    payload: receiverReport({
      ssrc: 8,
      blocks: [
        {
          ssrc: 7,
          packetsLost: -1,
          lastSenderReport: 0x1234_4000,
          delaySinceLastSenderReport: 655,
        },
      ],
    }),
  }),
];

/** The same as JSON, in the various hands of its writers. */
const JSON_RTCP = (lost: number): readonly HepPacket[] =>
  [
    {
      sender_information: {
        ntp_timestamp_sec: String(Number(NTP >> 32n)),
        ntp_timestamp_usec: Number(NTP & 0xffff_ffffn),
        rtp_timestamp: 160,
        packets: 250,
        octets: 40_000,
      },
      ssrc: 7,
      type: 200,
      report_count: 0,
      report_blocks: null,
      sdes_ssrc: 7,
    },
    {
      sender_information: { ntp_timestamp_sec: 0, rtp_timestamp: 0, packets: 0, octets: 0 },
      ssrc: 8,
      type: 202,
      report_count: 1,
      report_blocks: [
        {
          source_ssrc: 7,
          fraction_lost: 64,
          packets_lost: lost,
          highest_seq_no: 65_786,
          ia_jitter: 80,
          lsr: 0x1234_4000,
          dlsr: 655,
        },
      ],
    },
  ].map((json, index) =>
    packet(
      5000 + index * 50,
      index === 0 ? callerRtcp : calleeRtcp,
      index === 0 ? calleeRtcp : callerRtcp,
      { protocolType: 5, correlationId: "one", payload: Buffer.from(JSON.stringify(json)) },
    ),
  );

interface Told {
  readonly source: HepSource;
  readonly calls: CallReport[];
  readonly rtcp: CallRtcp[];
}

function listening(options: Partial<HepSourceOptions> = {}): Told {
  const calls: CallReport[] = [];
  const rtcp: CallRtcp[] = [];
  const source = new HepSource({
    nowMs: () => 0,
    observer: {
      onCall: (report) => calls.push(report),
      onRtcp: (one) => rtcp.push(one),
    },
    decodeRtcp,
    ...options,
  });
  return { source, calls, rtcp };
}

function taken(packets: readonly HepPacket[], options: Partial<HepSourceOptions> = {}): Told {
  const told = listening(options);
  for (const one of packets) told.source.take(encoded(one));
  told.source.finish();
  return told;
}

describe("HepSource", () => {
  it("follows a call by the agent's clock", () => {
    const { calls, source } = taken([...ANSWERED, ...HUNG_UP]);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      callId: "one",
      observationPoint: "hep 1",
      course: { invitedAt: "2023-11-14T22:13:20.000000Z" },
      outcome: { statusCode: 200, endedBy: "caller" },
      timings: { postDialDelaySeconds: 0.1, setupSeconds: 1, durationSeconds: 10 },
    });
    expect(source.counters).toMatchObject({ packets: 6, sip: 6, malformedSip: 0 });
  });

  it.each([
    { how: "raw", packets: RAW_RTCP, lost: -1 },
    { how: "as JSON", packets: JSON_RTCP(-1), lost: -1 },
    {
      how: "as JSON that takes a signed number for an unsigned one",
      packets: JSON_RTCP(0xffffff),
      lost: -1,
    },
  ])(
    "reads RTCP $how: the reported view, and the half of the round trip it can see",
    ({ packets, lost }) => {
      const { calls, source, rtcp } = taken([...ANSWERED, ...packets, ...HUNG_UP]);
      expect(source.counters).toMatchObject({ rtcp: 2, malformedRtcp: 0, rtcpWithoutCall: 0 });
      expect(rtcp.map(({ callId, path }) => [callId, path.source])).toEqual([
        ["one", callerRtcp],
        ["one", calleeRtcp],
      ]);
      expect(calls[0]?.reportedStreams).toMatchObject([
        {
          ssrc: 7,
          direction: "caller-to-callee",
          rtcp: { reports: 1, packetsLost: lost },
        },
      ]);
      expect(calls[0]?.streams).toEqual([]);
    },
  );

  it("gives a reported jitter the clock that was agreed on", () => {
    const { calls } = taken([...ANSWERED, ...JSON_RTCP(0), ...HUNG_UP]);
    const [stream] = calls[0]?.reportedStreams ?? [];
    expect(stream?.rtcp.jitterSeconds?.last).toBe(80 / 8000);
    expect(stream?.rtcp.fractionLost?.last).toBe(0.25);
    expect(stream?.rtcp.senderReports).toEqual({ count: 1, packetsSent: 250, bytesSent: 40_000 });
  });

  it("measures the round trip by the agent's clock where both ends answer each other", () => {
    const answer = packet(5000, calleeRtcp, callerRtcp, {
      protocolType: 5,
      payload: senderReport({ ssrc: 9, ntp: NTP }),
    });
    const report = packet(5030, callerRtcp, calleeRtcp, {
      protocolType: 5,
      payload: receiverReport({
        ssrc: 7,
        blocks: [{ ssrc: 9, lastSenderReport: 0x1234_4000, delaySinceLastSenderReport: 0 }],
      }),
    });
    const { calls } = taken([...ANSWERED, ...RAW_RTCP, answer, report, ...HUNG_UP]);
    // 50 ms less the 10 ms that the callee took, and 30 ms.
    expect(calls[0]?.rtt?.measured?.lastSeconds).toBeCloseTo(0.07, 4);
  });

  it("counts RTCP of media that no call has, and RTCP that is none", () => {
    const stray = packet(
      1,
      { ...callerRtcp, port: 9 },
      { ...calleeRtcp, port: 9 },
      {
        protocolType: 5,
        payload: senderReport({ ssrc: 7, ntp: NTP }),
      },
    );
    const bad = ["{", "[]", "null", '{"ssrc":1}', "\x80"].map((text) => ({
      ...stray,
      payload: Buffer.from(text, "latin1"),
    }));
    const { source } = taken([...ANSWERED, stray, ...bad]);
    expect(source.counters).toMatchObject({ rtcp: 0, rtcpWithoutCall: 1, malformedRtcp: 5 });
  });

  it("reads a phone's report, from a message and by itself, once", () => {
    const report = (mos: string): string =>
      [
        "VQSessionReport: CallTerm",
        "CallID: one",
        `LocalAddr: IP=${CALLEE.address} PORT=${CALLEE_RTP} SSRC=0x08`,
        "LocalMetrics:",
        "Delay: RTD=120",
        `QualityEst: MOSLQ=${mos}`,
        "",
      ].join("\r\n");
    const publish = sip(12_000, {
      start: "PUBLISH sip:c@example.org SIP/2.0",
      cseq: "9 PUBLISH",
      type: "application/vq-rtcpxr",
      body: report("3.1"),
    });
    const alone = packet(13_000, CALLEE, CALLER, {
      protocolType: 35,
      payload: Buffer.from(report("3.0")),
    });
    const { calls, source } = taken([...ANSWERED, ...HUNG_UP, publish, publish, alone]);
    expect(calls[0]?.voiceQualityReports).toEqual([
      {
        at: "2023-11-14T22:13:32.000000Z",
        kind: "session",
        by: "callee",
        heard: { roundTripSeconds: 0.12, mosLq: 3.1 },
      },
      {
        at: "2023-11-14T22:13:33.000000Z",
        kind: "session",
        by: "callee",
        heard: { roundTripSeconds: 0.12, mosLq: 3 },
      },
    ]);
    expect(calls[0]?.rtt?.reported).toMatchObject({ meanSeconds: 0.12, samples: 2 });
    expect(source.counters.voiceQuality).toBe(1);
  });

  it("takes what is compressed, but not what becomes too large", () => {
    const compressed = ANSWERED.map(({ payload, ...rest }) => ({
      ...rest,
      compressedPayload: gzipSync(payload ?? ""),
    }));
    const bomb = packet(0, CALLER, CALLEE, {
      protocolType: 1,
      compressedPayload: gzipSync(Buffer.alloc(2_000_000)),
    });
    const { calls, source } = taken([...compressed, bomb]);
    expect(calls).toHaveLength(1);
    expect(source.counters).toMatchObject({ sip: 4, incomplete: 1 });
  });

  it("takes each agent for an observation point of its own", () => {
    const other = ANSWERED.map((one) => ({ ...one, agentId: 2, nodeName: "edge" }));
    const { calls } = taken([...ANSWERED, ...other]);
    expect(calls.map(({ observationPoint }) => observationPoint)).toEqual([
      "hep 1",
      "edge (hep 2)",
    ]);
  });

  it("refuses packets without the password it was given", () => {
    const [first, ...rest] = ANSWERED.map((one) => ({ ...one, authenticationKey: "right" }));
    const wrong = rest.map((one) => ({ ...one, authenticationKey: "wrong" }));
    const packets = [...(first ? [first] : []), ...wrong, ...ANSWERED];
    const { source } = taken(packets, { authenticationKey: "right" });
    expect(source.counters).toMatchObject({ packets: 8, sip: 1, unauthenticated: 7 });
  });

  it("counts what it cannot use, and goes on", () => {
    const { source, calls } = listening();
    source.take(Buffer.from("INVITE sip:b@example.org SIP/2.0\r\n\r\n"));
    source.take(Buffer.from("0210021113c413c4c0000201c0000202", "hex"));
    for (const one of [
      packet(0, CALLER, CALLEE, { protocolType: 1 }),
      packet(0, CALLER, CALLEE, { protocolType: 1, payload: Buffer.from("nonsense") }),
      packet(0, CALLER, CALLEE, { protocolType: 100, payload: Buffer.from("log") }),
      packet(0, CALLER, CALLEE, { protocolType: 35, payload: Buffer.from("no report") }),
      ...ANSWERED,
    ]) {
      source.take(encoded(one));
    }
    source.finish();
    expect(source.refused).toEqual(
      new Map([
        ["not-hep", 1],
        ["hep-2", 1],
      ]),
    );
    expect(source.counters).toMatchObject({
      incomplete: 1,
      malformedSip: 1,
      otherTypes: 1,
      malformedVoiceQuality: 1,
      sip: 4,
    });
    expect(calls).toHaveLength(1);
  });

  it("ends a call whose agent fell silent, once its timers say so", () => {
    let nowMs = 0;
    const { source, calls } = listening({ nowMs: () => nowMs });
    for (const one of [...ANSWERED, ...HUNG_UP]) source.take(encoded(one));
    expect(source.snapshot()).toHaveLength(1);
    nowMs = 600_000;
    source.advance();
    expect(calls).toHaveLength(1);
    expect(source.snapshot()).toEqual([]);
  });

  it("gives up the agent that was silent for longest where there are too many", () => {
    let nowMs = 0;
    const { source, calls } = listening({ nowMs: () => nowMs });
    for (let agentId = 0; agentId <= MAX_AGENTS; agentId += 1) {
      nowMs += 1;
      for (const one of ANSWERED.slice(0, 1)) source.take(encoded({ ...one, agentId }));
    }
    expect(source.counters.evictedAgents).toBe(1);
    expect(calls.map(({ observationPoint }) => observationPoint)).toEqual(["hep 0"]);
  });
});

describe("HepServer", () => {
  const open: HepServer[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  async function served(): Promise<Told & { readonly port: number }> {
    const told = listening();
    const server = await HepServer.listen(told.source, { port: 0, host: "127.0.0.1" });
    open.push(server);
    return { ...told, port: server.address.port };
  }

  async function connected(port: number) {
    const { connect } = await import("node:net");
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    return socket;
  }

  it("takes packets over TCP, wherever they are cut", async () => {
    const { source, port } = await served();
    const socket = await connected(port);
    socket.setNoDelay(true);
    const bytes = Buffer.concat(ANSWERED.map(encoded));
    for (let at = 0; at < bytes.length; at += 7) {
      socket.write(bytes.subarray(at, at + 7));
      if (at % 70 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => {
      expect(source.counters.sip).toBe(4);
    }, LIMIT);
    socket.destroy();
  });

  it("hangs up on who speaks something else, and still hears the others", async () => {
    const { source, port } = await served();
    const [stranger, agent] = [await connected(port), await connected(port)];
    const gone = new Promise((resolve) => stranger.once("close", resolve));
    stranger.resume();
    stranger.write("GET / HTTP/1.1\r\n\r\n");
    await gone;
    expect(source.refused).toEqual(new Map([["not-hep", 1]]));
    agent.write(Buffer.concat(ANSWERED.map(encoded)));
    await vi.waitFor(() => {
      expect(source.counters.sip).toBe(4);
    }, LIMIT);
    agent.destroy();
  });

  it("says that a port is taken", async () => {
    const { port } = await served();
    const { source } = listening();
    await expect(HepServer.listen(source, { port, host: "127.0.0.1" })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});

describe("the clock of an agent", () => {
  const HOUR_MS = 3_600_000;
  const later = (packets: readonly HepPacket[], ms: number, callId: string): HepPacket[] =>
    packets.map((one) => {
      const text = Buffer.from(one.payload ?? []).toString();
      const payload = Buffer.from(text.replace("Call-ID: one", `Call-ID: ${callId}`));
      return { ...one, atMs: (one.atMs ?? 0) + ms, payload };
    });
  const OPTIONS = { start: "OPTIONS sip:b@example.org SIP/2.0", cseq: "9 OPTIONS" };

  /** Calls, one after another, each a minute after the one before by our clock, and what was told of them. */
  function followed(parts: readonly (readonly HepPacket[])[]): readonly string[] {
    let nowMs = 0;
    const { source, calls } = listening({ nowMs: () => nowMs });
    for (const [part, packets] of parts.entries()) {
      nowMs = part * 60_000;
      for (const one of packets) source.take(encoded(one));
      source.advance();
    }
    for (let second = 0; second < 40; second += 1) {
      nowMs += 1000;
      // A busy agent: its clock is what its packets say.
      source.take(
        encoded({ ...sip(0, OPTIONS), atMs: (parts.at(-1)?.at(-1)?.atMs ?? 0) + second * 1000 }),
      );
      source.advance();
    }
    return calls.map(({ callId, timings }) => `${callId} ${String(timings.durationSeconds)}`);
  }

  const CALL = [...ANSWERED, ...HUNG_UP];

  it("is not what one packet says", () => {
    const leap = later([sip(60_000, OPTIONS)], HOUR_MS, "one");
    const parts = [[...ANSWERED, ...leap, ...HUNG_UP], later(CALL, 60_000, "two")];
    expect(followed(parts)).toEqual(["one 10", "two 10"]);
  });

  it.each([
    { what: "set back", ms: -HOUR_MS },
    { what: "set forward", ms: HOUR_MS },
  ])("may be $what", ({ ms }) => {
    const parts = [CALL, later(CALL, ms + 60_000, "two"), later(CALL, ms + 120_000, "three")];
    expect(followed(parts)).toEqual(["one 10", "two 10", "three 10"]);
  });
});
