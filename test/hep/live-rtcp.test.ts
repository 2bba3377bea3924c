/**
 * The RTCP of attached media on its way to Homer, which is a UDP socket here.
 *
 * @module
 */

import { expect, it } from "vitest";

import type { HepPacket } from "../../src/hep/packet.js";
import { HepSink } from "../../src/hep/out.js";
import { createProbe } from "../../src/probe.js";
import type { PrivacyOptions } from "../../src/privacy/pseudonyms.js";
import { audioSdp, boundSocket, portOf, transmit, watch } from "../attach/support/rtp-line.js";
import { atEnd, connect, newPair, sendRtp, until } from "../attach/support/werift-pair.js";
import { LiveStack } from "../support/live-stack.js";
import { receiverReport, senderReport } from "../support/rtcp.js";
import { udpReceiver } from "./support/receivers.js";

const RTCP = 5;
const [SENDER_REPORT, RECEIVER_REPORT] = [200, 201];

interface Said {
  readonly type: number;
  readonly ssrc: number;
  readonly sender_information?: { readonly packets: number };
  readonly report_blocks: readonly { readonly source_ssrc: number }[];
}

const saidIn = ({ payload }: HepPacket): Said =>
  JSON.parse(Buffer.from(payload ?? []).toString()) as Said;

async function homer() {
  const receiver = await udpReceiver();
  atEnd(() => receiver.close());
  const sink = new HepSink({ collector: `udp://127.0.0.1:${receiver.port}` });
  const rtcp = (): HepPacket[] =>
    receiver.packets.filter(({ protocolType }) => protocolType === RTCP);
  return { sink, rtcp };
}

async function connected(callId: string, privacy?: PrivacyOptions) {
  const { sink, rtcp } = await homer();
  const probe = createProbe({ sinks: [sink], ...(privacy !== undefined && { privacy }) });
  atEnd(() => probe.close());
  const pair = newPair();
  probe.attachPeerConnection(pair.b, { callId });
  await connect(pair);
  const has = (type: number) => rtcp().some((packet) => saidIn(packet).type === type);
  // The far end says what it sends, this one how that comes in.
  for (let at = 0; !has(SENDER_REPORT) || !has(RECEIVER_REPORT); at += 1) {
    if (at > 40) throw new Error("no reports came");
    await sendRtp(pair.trackA, { count: 50, sequenceNumber: 1000 + at * 50 });
  }
  return { probe, rtcp, ssrc: pair.a.getSenders()[0]?.ssrc };
}

it("is that of a peer connection, both ways, by the call and on its path", async () => {
  const { probe, rtcp, ssrc } = await connected("a84b4c76e66710");
  const sent = rtcp().find((packet) => saidIn(packet).type === SENDER_REPORT);
  const answered = rtcp().find((packet) => saidIn(packet).report_blocks[0]?.source_ssrc === ssrc);
  if (sent === undefined || answered === undefined) throw new Error("only one way was told");
  expect(saidIn(sent)).toMatchObject({ ssrc });
  expect(saidIn(sent).sender_information?.packets).toBeGreaterThan(0);
  expect(sent.correlationId).toBe("a84b4c76e66710");
  expect(answered.correlationId).toBe(sent.correlationId);
  expect([answered.source, answered.destination]).toEqual([sent.destination, sent.source]);
  expect(probe.counters().engine?.rtcp).toBeGreaterThanOrEqual(rtcp().length);
}, 30_000);

it("is masked with the call it is of", async () => {
  const { rtcp } = await connected("sip:12155550121@10.0.0.1", { mode: "redact" });
  for (const { correlationId } of rtcp()) expect(correlationId).toBe("sip:redacted@10.0.0.1");
}, 30_000);

it("is that of a plain socket, by the call whose descriptions name it", async () => {
  const { sink, rtcp } = await homer();
  atEnd(() => sink.close());
  const { engine, sockets } = watch({
    onRtcp: (told) => {
      sink.onRtcp(told);
    },
  });
  const [here, there] = [await boundSocket(), await boundSocket()];
  sockets.attach(here);
  const nobodys = senderReport({ ssrc: 9, packets: 1 });
  await transmit(there, here, [nobodys]);
  const stack = new LiveStack(sockets);
  const lines = "a=rtcp-mux\r\n";
  stack.invite(1, "one", audioSdp(portOf(here), { lines }));
  stack.answer(2, "one", audioSdp(portOf(there), { lines }));
  await transmit(there, here, [senderReport({ ssrc: 7, packets: 3 })]);
  await transmit(here, there, [receiverReport({ ssrc: 8, blocks: [{ ssrc: 7 }] })]);
  await until(() => rtcp().length === 2);
  expect(
    rtcp().map((packet) => [packet.correlationId, packet.source?.port, saidIn(packet)]),
  ).toEqual([
    ["one", portOf(there), expect.objectContaining({ type: SENDER_REPORT, ssrc: 7 }) as Said],
    ["one", portOf(here), expect.objectContaining({ type: RECEIVER_REPORT, ssrc: 8 }) as Said],
  ]);
  expect(engine.counters().rtcp).toBe(3);
});
