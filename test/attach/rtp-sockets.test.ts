import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { StreamReport } from "../../src/call/report.js";
import { ntpMiddle } from "../../src/rtcp/round-trip.js";
import { dissect, rtpOf } from "../support/dissect.js";
import { LiveStack } from "../support/live-stack.js";
import { bytesOf, rtpPacket, uint } from "../support/packets.js";
import {
  extendedReport,
  receiverReport,
  senderReport,
  sourceDescription,
} from "../support/rtcp.js";
import { audioSdp, boundSocket, portOf, socketPair, transmit, watch } from "./support/rtp-line.js";

const folder = new URL("../../fixtures/node-rtp/", import.meta.url);

interface Known {
  readonly streams: readonly {
    readonly ssrc: number;
    readonly payloadBytes: number;
    readonly lossRuns: Readonly<Record<string, number>>;
    readonly [count: string]: unknown;
  }[];
}

/** Both ways of a call, written by node-rtp, with what is lost, doubled and late laid down by hand. */
function knownCall(): { known: Known["streams"]; packetsOf: (ssrc: number) => Uint8Array[] } {
  const { streams } = JSON.parse(readFileSync(new URL("known.json", folder), "utf8")) as Known;
  const packets = dissect(readFileSync(new URL("capture.pcap", folder))).flatMap(
    (datagram) => rtpOf(datagram) ?? [],
  );
  return {
    known: streams,
    packetsOf: (ssrc) =>
      packets.filter((packet) => packet.ssrc === ssrc).map(({ payload }) => payload),
  };
}

const run = (ssrc: number, count: number, first = 0, payloadType = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, at) =>
    rtpPacket({ ssrc, payloadType, sequenceNumber: first + at, timestamp: (first + at) * 160 }),
  );

/** A call's record once it is over. */
function ended(stack: LiveStack, callId = "one"): CallReport {
  stack.bye(1e6, callId);
  stack.calls.advance(2e6);
  const report = stack.told.find((one) => one.callId === callId);
  if (report === undefined) throw new Error(`${callId} was not told`);
  return report;
}

const streamOf = ({ streams }: CallReport, ssrc: number): StreamReport => {
  const found = streams.find((stream) => stream.ssrc === ssrc);
  if (found === undefined) throw new Error(`no stream of ${String(ssrc)}`);
  return found;
};

const ssrcs = ({ streams }: CallReport): number[] =>
  streams.map(({ ssrc }) => ssrc).sort((a, b) => a - b);

describe("media on plain sockets", () => {
  it("counts as another author's writer sent it, both ways, in the record of its call", async () => {
    const { sockets, errors } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1000, "one", audioSdp(portOf(here)));
    stack.answer(2000, "one", audioSdp(portOf(there)));
    const { known, packetsOf } = knownCall();
    const [sent, received] = known;
    if (sent === undefined || received === undefined) throw new Error("two streams are known");
    await transmit(here, there, packetsOf(sent.ssrc));
    await transmit(there, here, packetsOf(received.ssrc));
    const report = ended(stack);
    for (const [stream, direction, from, to] of [
      [sent, "caller-to-callee", here, there],
      [received, "callee-to-caller", there, here],
    ] as const) {
      const { source, destination, ...counts } = stream;
      expect([source, destination]).toBeDefined();
      expect(streamOf(report, stream.ssrc)).toMatchObject({
        packetsReceived: counts["packetsReceived"],
        packetsExpected: counts["packetsExpected"],
        packetsDuplicated: counts["packetsDuplicated"],
        packetsReordered: counts["packetsReordered"],
        payloadBytes: counts.payloadBytes,
        lossRuns: counts.lossRuns,
        direction,
        mediaType: "audio",
        codec: "PCMU",
        source: { address: "127.0.0.1", port: portOf(from) },
        destination: { address: "127.0.0.1", port: portOf(to) },
      });
    }
    expect(report.confidence.map(({ kind }) => kind)).not.toContain("no-media-captured");
    expect(errors).toEqual([]);
  });

  it("knows payload types by each side's own description", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here), { lines: "a=rtpmap:96 opus/48000/2\r\n" }));
    stack.answer(2, "one", audioSdp(portOf(there), { lines: "a=rtpmap:96 G7221/16000\r\n" }));
    await transmit(there, here, run(1, 5, 0, 96));
    await transmit(here, there, run(2, 5, 0, 96));
    const report = ended(stack);
    expect(streamOf(report, 1)).toMatchObject({ codec: "opus", clockRateHz: 48_000 });
    expect(streamOf(report, 2)).toMatchObject({ codec: "G7221", clockRateHz: 16_000 });
  });

  it("serves call after call on one socket, and lets none have what is another's", async () => {
    const { sockets, engine } = watch();
    const [here, there, elsewhere] = [
      await boundSocket(),
      await boundSocket(),
      await boundSocket(),
    ];
    const attachment = sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(portOf(there)));
    await transmit(there, here, run(1, 6));
    expect(ssrcs(ended(stack))).toEqual([1]);
    await transmit(there, here, run(1, 4, 6));
    expect(attachment.counters.betweenCalls).toBe(4);

    stack.invite(3e6, "two", audioSdp(portOf(here)));
    stack.answer(3e6 + 1, "two", audioSdp(portOf(elsewhere)));
    await transmit(elsewhere, here, run(2, 7));
    const [second] = stack.calls.snapshot();
    expect(second && ssrcs(second)).toEqual([2]);
    stack.calls.close(4e6);
    attachment.detach();
    expect(engine.counters()).toMatchObject({ rtp: 13, unknownFlow: 0, refusedFlows: 0 });
  });

  it("takes audio, video and their RTCP as one call's", async () => {
    const { sockets } = watch();
    const [audio, video, there] = [await socketPair(), await boundSocket(), await boundSocket()];
    for (const socket of [audio.rtp, audio.rtcp, video]) sockets.attach(socket);
    const stack = new LiveStack(sockets);
    const videoLines = `m=video ${String(portOf(video))} RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n`;
    stack.invite(1, "one", audioSdp(portOf(audio.rtp)) + videoLines);
    stack.answer(
      2,
      "one",
      audioSdp(portOf(there)) + `m=video ${String(portOf(there))} RTP/AVP 97\r\n`,
    );
    await transmit(there, audio.rtp, run(1, 5));
    await transmit(there, video, run(2, 5, 0, 97));
    const block = { ssrc: 3, fractionLostQ8: 64, packetsLost: 5, jitterTicks: 80 };
    await transmit(audio.rtp, there, run(3, 5));
    await transmit(there, audio.rtcp, [receiverReport({ ssrc: 1, blocks: [block] })]);
    const report = ended(stack);
    const types = report.streams.map(({ ssrc, mediaType }) => `${String(ssrc)} ${mediaType ?? ""}`);
    expect(types.sort()).toEqual(["1 audio", "2 video", "3 audio"]);
    expect(streamOf(report, 3).rtcp).toMatchObject({
      reports: 1,
      packetsLost: 5,
      fractionLost: { last: 0.25 },
      jitterSeconds: { last: 0.01 },
    });
  });

  it("learns a far end behind a NAT from its first packets", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(40_000, { address: "198.51.100.7" }));
    await transmit(there, here, run(1, 5));
    expect(streamOf(ended(stack), 1).source).toEqual({
      address: "127.0.0.1",
      port: portOf(there),
    });
  });

  it("tells calls on one socket apart by where their far ends described themselves", async () => {
    const { sockets } = watch();
    const [here, one, two] = [await boundSocket(), await boundSocket(), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    for (const [callId, far] of [
      ["one", one],
      ["two", two],
    ] as const) {
      stack.invite(1, callId, audioSdp(portOf(here)));
      stack.answer(2, callId, audioSdp(portOf(far)));
    }
    await transmit(one, here, run(1, 5));
    await transmit(two, here, run(2, 5));
    const found = stack.calls.snapshot().map((call) => [call.callId, ssrcs(call)]);
    expect(found).toEqual([
      ["one", [1]],
      ["two", [2]],
    ]);
  });

  it("takes over early media that came before any description", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    const attachment = sockets.attach(here);
    await transmit(there, here, run(1, 5));
    expect(attachment.inbound()).toMatchObject([{ ssrc: 1, measured: { packetsReceived: 5 } }]);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(portOf(there)));
    await transmit(there, here, run(1, 5, 5));
    expect(streamOf(ended(stack), 1).packetsReceived).toBe(10);
  });

  it("finds a call that described the socket before it was attached", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(portOf(there)));
    sockets.attach(here);
    await transmit(there, here, run(1, 5));
    expect(ssrcs(ended(stack))).toEqual([1]);
  });

  it("takes a socket on every address, and gives the address that was described", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket("0.0.0.0"), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(portOf(there)));
    await transmit(there, here, run(1, 5));
    const { destination } = streamOf(ended(stack), 1);
    expect(destination).toEqual({ address: "127.0.0.1", port: portOf(here) });
  });

  it("shows IPv4 on a socket of both families as IPv4", async () => {
    const { sockets, errors } = watch();
    const [here, there] = [await boundSocket("::"), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(portOf(there)));
    for (const packet of run(1, 5)) there.send(packet, portOf(here), "127.0.0.1");
    await transmit(here, there, []);
    await expect.poll(() => stack.calls.snapshot()[0]?.streams.length).toBe(1);
    here.send(run(2, 1)[0] ?? "", portOf(there), "::ffff:127.0.0.1");
    await expect.poll(() => stack.calls.snapshot()[0]?.streams.length).toBe(2);
    const report = ended(stack);
    expect(streamOf(report, 1)).toMatchObject({
      source: { address: "127.0.0.1", port: portOf(there) },
      destination: { address: "127.0.0.1", port: portOf(here) },
      packetsReceived: 5,
      // 160 bytes of payload, 12 of RTP, 28 of IPv4 and UDP.
      wireBytes: 5 * 200,
    });
    expect(streamOf(report, 2).destination).toEqual({ address: "127.0.0.1", port: portOf(there) });
    expect(errors).toEqual([]);
  });

  it("goes by the port where the server describes an address that no socket of it has", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here), { address: "203.0.113.9" }));
    stack.answer(2, "one", audioSdp(portOf(there)));
    await transmit(there, here, run(1, 5));
    expect(ssrcs(ended(stack))).toEqual([1]);
  });

  it("goes by the Call-ID where that is given, before or after the call begins", async () => {
    const { sockets } = watch();
    const [early, late, there] = [await boundSocket(), await boundSocket(), await boundSocket()];
    sockets.attach(early, { callId: "one" });
    const stack = new LiveStack(sockets);
    stack.invite(1, "one");
    stack.answer(2, "one");
    sockets.attach(late).bind({ callId: "one", fromTag: "a", mediaType: "text" });
    await transmit(there, early, run(1, 5));
    await transmit(there, late, run(2, 5));
    const types = ended(stack).streams.map(({ ssrc, mediaType }) => [ssrc, mediaType]);
    expect(types).toEqual([
      [1, "audio"],
      [2, "text"],
    ]);
  });

  it("keeps what was measured when the socket is closed before the call is over", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    const attachment = sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here)));
    stack.answer(2, "one", audioSdp(portOf(there)));
    await transmit(there, here, run(1, 5));
    await new Promise<void>((resolve) => here.close(resolve));
    expect(sockets.size).toBe(0);
    expect(attachment.inbound()).toMatchObject([{ measured: { packetsReceived: 5 } }]);
    expect(streamOf(ended(stack), 1).packetsReceived).toBe(5);
  });
});

describe("RTCP on plain sockets", () => {
  const NTP = (3_900_000_000n << 32n) | 0x40000000n;
  const MIDDLE = ntpMiddle(3_900_000_000, 0x40000000);

  async function line() {
    let nowMs = 1_700_000_000_000;
    const { sockets, errors } = watch({ clock: () => nowMs });
    const [here, there] = [await boundSocket(), await boundSocket()];
    const attachment = sockets.attach(here);
    const stack = new LiveStack(sockets);
    stack.invite(1, "one", audioSdp(portOf(here), { lines: "a=rtcp-mux\r\n" }));
    stack.answer(2, "one", audioSdp(portOf(there), { lines: "a=rtcp-mux\r\n" }));
    await transmit(here, there, run(7, 4));
    await transmit(there, here, run(9, 4));
    const pass = (ms: number): void => void (nowMs += ms);
    return { here, there, attachment, stack, pass, errors };
  }

  it("gives round trips by our own clock as the sender of reports", async () => {
    const { here, there, attachment, stack, pass } = await line();
    await transmit(here, there, [senderReport({ ssrc: 7, ntp: NTP, packets: 4, octets: 640 })]);
    pass(250);
    const delaySinceLastSenderReport = 0.1 * 65536;
    const block = { ssrc: 7, lastSenderReport: MIDDLE, delaySinceLastSenderReport };
    await transmit(there, here, [receiverReport({ ssrc: 9, blocks: [block] })]);
    expect(attachment.roundTrip().measured?.lastSeconds).toBeCloseTo(0.15, 4);
    const report = ended(stack);
    expect(report.rtt?.measured?.meanSeconds).toBeCloseTo(0.15, 4);
    expect(streamOf(report, 7).rtcp).toMatchObject({
      reports: 1,
      senderReports: { count: 1, packetsSent: 4, bytesSent: 640 },
    });
    expect(streamOf(report, 9).rtt?.measured?.samples).toBe(1);
  });

  it("gives round trips as a receiver that asks by an extended report", async () => {
    const { here, there, attachment, pass } = await line();
    const reference = extendedReport(7, [{ blockType: 4, body: uint(NTP, 8) }]);
    await transmit(here, there, [bytesOf(receiverReport({ ssrc: 7 }), reference)]);
    pass(80);
    const answer = [...uint(7, 4), ...uint(MIDDLE, 4), ...uint(0.05 * 65536, 4)];
    await transmit(there, here, [
      bytesOf(receiverReport({ ssrc: 9 }), extendedReport(9, [{ blockType: 5, body: answer }])),
    ]);
    expect(attachment.roundTrip().measured?.lastSeconds).toBeCloseTo(0.03, 4);
  });

  it("keeps an echo's two ways apart, which have one SSRC", async () => {
    const { here, there, attachment } = await line();
    await transmit(here, there, run(9, 4));
    await transmit(there, here, [
      receiverReport({ ssrc: 1, blocks: [{ ssrc: 9, packetsLost: 3 }] }),
    ]);
    await transmit(here, there, [
      receiverReport({ ssrc: 7, blocks: [{ ssrc: 9, packetsLost: 2 }] }),
    ]);
    const lost = (streams: readonly { ssrc: number; reported?: { packetsLost?: number } }[]) =>
      streams.find(({ ssrc }) => ssrc === 9)?.reported?.packetsLost;
    expect(lost(attachment.outbound())).toBe(3);
    expect(lost(attachment.inbound())).toBe(2);
  });

  it("proves by RTCP alone that media flows", async () => {
    const { here, there, stack, errors } = await line();
    await transmit(there, here, [
      bytesOf(senderReport({ ssrc: 9, ntp: NTP }), sourceDescription(9, "far@example.org")),
    ]);
    const stream = streamOf(ended(stack), 9);
    expect(stream.rtcp).toMatchObject({ cname: "far@example.org", senderReports: { count: 1 } });
    expect(errors).toEqual([]);
  });

  it("counts what is no RTCP after all, and what is encrypted", async () => {
    const { here, there, attachment } = await line();
    await transmit(there, here, [
      bytesOf([0x80, 200, 0, 50], new Uint8Array(60)),
      bytesOf(
        senderReport({ ssrc: 9 }).subarray(0, 8),
        new Uint8Array(20).fill(0xa5),
        [0x80, 0, 0, 1],
        new Uint8Array(10).fill(0x5a),
      ),
      Uint8Array.of(0, 1, 0, 0),
    ]);
    expect(attachment.counters).toMatchObject({ rtcp: 2, encryptedRtcp: 1, malformedRtcp: 1 });
    expect(attachment.counters.ignored).toBe(1);
  });
});
