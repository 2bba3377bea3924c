import { describe, expect, it } from "vitest";
import {
  type RTCDtlsTransport,
  RtcpPayloadSpecificFeedback,
  PictureLossIndication,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
  type RTCRtpSender,
} from "werift";

import type { OutboundStream } from "../../src/call/connection.js";
import { ntpMiddleAt, roundTrip } from "../../src/rtcp/round-trip.js";
import { hostDelay } from "./support/host-delay.js";
import {
  clock,
  connect,
  newPair,
  newRelay,
  type Pair,
  probe,
  type Probe,
  sendRtp,
  until,
} from "./support/werift-pair.js";

interface Ends {
  readonly senderA: RTCRtpSender;
  readonly senderB: RTCRtpSender;
  readonly transportA: RTCDtlsTransport;
  readonly transportB: RTCDtlsTransport;
}

function endsOf({ a, b }: Pair): Ends {
  const [[atA], [atB]] = [a.getTransceivers(), b.getTransceivers()];
  if (atA === undefined || atB === undefined) throw new Error("no transceiver");
  return {
    senderA: atA.sender,
    senderB: atB.sender,
    transportA: atA.dtlsTransport,
    transportB: atB.dtlsTransport,
  };
}

/** Keeps a peer's receivers from reporting, for a test that reports in their place. */
function silenceReceivers({ a, b }: Pair): void {
  for (const { receiver } of [...a.getTransceivers(), ...b.getTransceivers()]) {
    Reflect.set(receiver, "runRtcp", () => Promise.resolve());
  }
}

function silenceSenders({ a, b }: Pair): void {
  for (const { sender } of [...a.getTransceivers(), ...b.getTransceivers()]) {
    Reflect.set(sender, "runRtcp", () => Promise.resolve());
  }
}

type Block = Partial<
  Pick<
    RtcpReceiverInfo,
    "fractionLost" | "packetsLost" | "highestSequence" | "jitter" | "lsr" | "dlsr"
  >
>;

const block = (ssrc: number, values: Block = {}): RtcpReceiverInfo =>
  new RtcpReceiverInfo({
    ssrc,
    fractionLost: 0,
    packetsLost: 0,
    highestSequence: 1000,
    jitter: 0,
    lsr: 0,
    dlsr: 0,
    ...values,
  });

const senderReport = (ssrc: number, ntp: bigint, reports: RtcpReceiverInfo[]): RtcpSrPacket =>
  new RtcpSrPacket({
    ssrc,
    senderInfo: new RtcpSenderInfo({
      ntpTimestamp: ntp,
      rtpTimestamp: 1,
      packetCount: 7,
      octetCount: 700,
    }),
    reports,
  });

const outboundOf = ({ attachment }: Probe): OutboundStream | undefined => attachment.outbound()[0];

const reportsAt = (at: Probe): number => outboundOf(at)?.reported?.reports ?? 0;

const statOf = async (pair: Pair, type: string): Promise<Record<string, number> | undefined> => {
  const entries = [...(await pair.a.getStats()).values()] as unknown as Record<string, number>[];
  return entries.find((entry) => (entry["type"] as unknown) === type);
};

/** Answers every sender report that comes to B by a report block of its own, as B's receiver would. */
function answerFromB(pair: Pair, ssrc: number, delayMs = 0): void {
  const { transportB } = endsOf(pair);
  transportB.onRtcp.subscribe((packet) => {
    if (packet.type !== 200) return;
    const ntp = packet.senderInfo.ntpTimestamp;
    const lsr = Number((ntp >> 16n) & 0xffffffffn);
    const cameAt = performance.now();
    setTimeout(() => {
      const dlsr = Math.round((performance.now() - cameAt) * 65.536);
      const reports = [block(ssrc, { lsr, dlsr })];
      void transportB.sendRtcp([new RtcpRrPacket({ ssrc: 99, reports })]);
    }, delayMs);
  });
}

/** Of the event loop, on the way through sender, relay, receiver and back; each may be late. */
const TURNS = 5;

describe("round trips by our own clock", () => {
  it("are measured on a path slower than reports follow each other (D1)", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair, { relay });
    const { senderA, transportA } = endsOf(pair);
    silenceReceivers(pair);
    silenceSenders(pair);
    answerFromB(pair, senderA.ssrc);
    const delay = hostDelay();
    relay.delayMs = { ab: 150, ba: 150 };
    for (let i = 1n; i <= 5n; i += 1n) {
      // What the stack's own loop does, at its own pace.
      Reflect.set(senderA, "lastSRtimestamp", Number(i << 16n));
      Reflect.set(senderA, "lastSentSRTimestamp", Date.now() / 1000);
      void transportA.sendRtcp([senderReport(senderA.ssrc, i << 32n, [])]);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await until(() => at.attachment.roundTrip().measured?.samples === 5);
    const { measured } = at.attachment.roundTrip();
    expect(measured?.minSeconds).toBeGreaterThan(0.295);
    expect(measured?.maxSeconds).toBeLessThan(0.35 + TURNS * delay());
    // The stack takes the answer to its newest report alone.
    const claimed = await statOf(pair, "remote-inbound-rtp");
    expect(claimed?.["roundTripTimeMeasurements"]).toBeLessThan(5);
  });

  it("are right on hold, where all reports have one time and the stack's are not (D1)", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const at = probe(pair.a, { periodMs: 50 });
    await connect(pair, { relay });
    const { senderA, transportA } = endsOf(pair);
    silenceReceivers(pair);
    silenceSenders(pair);
    answerFromB(pair, senderA.ssrc, 30);
    const delay = hostDelay();
    relay.delayMs = { ab: 100, ba: 100 };
    const held = 77n << 32n;
    Reflect.set(senderA, "lastSRtimestamp", 77 << 16);
    for (let i = 0; i < 4; i += 1) {
      Reflect.set(senderA, "lastSentSRTimestamp", Date.now() / 1000);
      void transportA.sendRtcp([senderReport(senderA.ssrc, held, [])]);
      // Before the answer is back, the newest report is younger than the round trip.
      await new Promise((resolve) => setTimeout(resolve, 220));
    }
    await until(() => reportsAt(at) === 4);
    const { measured, stack } = at.attachment.roundTrip();
    expect(measured?.minSeconds).toBeGreaterThan(0.195);
    expect(measured?.maxSeconds).toBeLessThan(0.25 + TURNS * delay());
    const claimed = await statOf(pair, "remote-inbound-rtp");
    const mean =
      (claimed?.["totalRoundTripTime"] ?? 0) / (claimed?.["roundTripTimeMeasurements"] ?? 1);
    expect(mean).toBeLessThan(measured?.minSeconds ?? 0);
    // None of that is passed on: nothing was sent, and only the checks of the path remain.
    expect(stack?.maxSeconds ?? 0).toBeLessThan(0.1 + TURNS * delay());
  });

  it("are not taken on hold where STUN shows that an older report was answered (D1)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const { senderA, transportA, transportB } = endsOf(pair);
    silenceReceivers(pair);
    silenceSenders(pair);
    const nominated = transportA.iceTransport.connection.nominated;
    Reflect.set(nominated ?? {}, "rtt", 0.5);
    const lsr = 77 << 16;
    await transportA.sendRtcp([senderReport(senderA.ssrc, 77n << 32n, [])]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await transportA.sendRtcp([senderReport(senderA.ssrc, 77n << 32n, [])]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await transportB.sendRtcp([
      new RtcpRrPacket({ ssrc: 9, reports: [block(senderA.ssrc, { lsr })] }),
    ]);
    await until(() => reportsAt(at) === 1);
    expect(at.attachment.roundTrip().measured).toBeUndefined();
  });

  it("do not depend on NTP times, which the stack writes wrongly (D4)", async () => {
    const pair = newPair();
    const [atA] = [probe(pair.a), probe(pair.b)];
    const lasts: [number, number][] = [];
    const arrivals: number[] = [];
    await connect(pair);
    const delay = hostDelay();
    const { transportA, senderA } = endsOf(pair);
    transportA.onRtcp.subscribe((packet) => {
      if (packet.type !== 201) return;
      for (const { ssrc, lsr, dlsr } of packet.reports) {
        if (ssrc !== senderA.ssrc || lsr === 0) continue;
        lasts.push([lsr, dlsr]);
        arrivals.push(ntpMiddleAt(clock()));
      }
    });
    await Promise.all([
      sendRtp(pair.trackA, { count: 60 }),
      sendRtp(pair.trackB, { count: 60 }),
      until(() => (atA.attachment.roundTrip().measured?.samples ?? 0) >= 2),
    ]);
    const measuredSeconds = atA.attachment.roundTrip().measured?.maxSeconds ?? Infinity;
    expect(measuredSeconds).toBeLessThan(0.03 + TURNS * delay());
    const classic = lasts.map(([lsr, dlsr], i) => roundTrip(arrivals[i] ?? 0, lsr, dlsr).seconds);
    // The time in the report lacks nearly all of its fraction: up to a second is added.
    expect(Math.max(...classic.map((seconds) => seconds ?? 0))).toBeGreaterThan(measuredSeconds);
    const stats = await statOf(pair, "remote-outbound-rtp");
    const offMs = Math.abs((stats?.["remoteTimestamp"] ?? 0) - Date.now());
    expect(offMs).toBeGreaterThan(500);
    const [stream] = atA.attachment.inbound();
    expect(stream?.reported?.senderReports?.packetsSent).toBe(60);
    expect(JSON.stringify(stream?.stack)).not.toContain("imestamp");
  });
});

describe("what the far end reports", () => {
  it("is heard where it comes in sender reports, jitter included (D2)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const { senderA, senderB, transportA, transportB } = endsOf(pair);
    silenceReceivers(pair);
    silenceSenders(pair);
    await sendRtp(pair.trackA, { count: 5 });
    await transportA.sendRtcp([senderReport(senderA.ssrc, 5n << 32n, [])]);
    const values = { fractionLost: 64, packetsLost: 3, jitter: 480, lsr: 5 << 16, dlsr: 0 };
    const reports = [block(senderA.ssrc, values)];
    await transportB.sendRtcp([senderReport(senderB.ssrc, 1n << 40n, reports)]);
    await until(() => reportsAt(at) === 1);
    expect(await statOf(pair, "remote-inbound-rtp")).toBeUndefined();
    expect(outboundOf(at)?.reported).toMatchObject({
      packetsLost: 3,
      fractionLost: { last: 0.25 },
      jitterSeconds: { last: 0.01 },
    });
    expect(at.attachment.roundTrip().measured?.samples).toBe(1);
  });

  it("may be a negative loss, in both views (D3)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const { senderA, transportB } = endsOf(pair);
    silenceReceivers(pair);
    await sendRtp(pair.trackA, { count: 5 });
    const reports = [block(senderA.ssrc, { packetsLost: 0xffffff })];
    await transportB.sendRtcp([new RtcpRrPacket({ ssrc: 9, reports })]);
    await until(() => reportsAt(at) === 1);
    expect((await statOf(pair, "remote-inbound-rtp"))?.["packetsLost"]).toBe(16_777_215);
    expect(outboundOf(at)?.reported?.packetsLost).toBe(-1);
    expect(at.attachment.finalSample().outbound[0]?.stack?.remote?.packetsLost).toBe(-1);
  });

  it("has its sequence numbers carried on where the reporter drops their cycles (D18)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const { senderA, transportB } = endsOf(pair);
    silenceReceivers(pair);
    for (const [index, highestSequence] of [65_530, 20].entries()) {
      const reports = [block(senderA.ssrc, { highestSequence })];
      await transportB.sendRtcp([new RtcpRrPacket({ ssrc: 9, reports })]);
      await until(() => reportsAt(at) === index + 1);
    }
    expect(outboundOf(at)?.reported?.extendedHighestSequence).toBe(65_536 + 20);
  });

  it("is really without cycles when werift reports (D18)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const { transportA, senderA } = endsOf(pair);
    let highest = -1;
    transportA.onRtcp.subscribe((packet) => {
      if (packet.type !== 201) return;
      const mine = packet.reports.find(({ ssrc }) => ssrc === senderA.ssrc);
      highest = mine?.highestSequence ?? highest;
    });
    await sendRtp(pair.trackA, { count: 60, sequenceNumber: 65_510, intervalMs: 2 });
    await until(() => highest >= 0 && highest < 100);
    expect(highest).toBe((65_510 + 59) & 0xffff);
    expect(reportsAt(at)).toBeGreaterThan(0);
  });

  it("includes requests that the stack takes for the other end's (D18)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const { senderA, senderB, transportB } = endsOf(pair);
    await Promise.all([sendRtp(pair.trackA, { count: 5 }), sendRtp(pair.trackB, { count: 5 })]);
    const feedback = new PictureLossIndication({
      senderSsrc: senderB.ssrc,
      mediaSsrc: senderA.ssrc,
    });
    await transportB.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback })]);
    await until(() => outboundOf(at)?.feedback.pictureLossIndications === 1);
    expect((await statOf(pair, "outbound-rtp"))?.["pliCount"]).toBeUndefined();
  });
});

describe("sender reports that the stack cannot send", () => {
  it("are counted (D10)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    Reflect.set(endsOf(pair).senderA, "octetCount", 2 ** 32 + 5);
    await sendRtp(pair.trackA, { count: 3 });
    await until(() => at.attachment.totals().rtcpSendFailures > 0);
    expect(outboundOf(at)?.stack?.packetsSent).toBe(3);
    expect(at.errors).toEqual([]);
  });
});
