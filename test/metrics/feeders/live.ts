/**
 * A probe on real stacks: calls of sip.js, and peer connections of werift on loopback.
 *
 * @module
 */

import { SessionState, type Invitation } from "sip.js";

import { exposition } from "../../../src/metrics/exposition.js";
import { createProbe, type Probe } from "../../../src/probe.js";
import { Wire } from "../../attach/support/memory-transport.js";
import { inviter } from "../../attach/support/pair.js";
import { memoryAgent, reaches, settle } from "../../attach/support/user-agents.js";
import {
  atEnd,
  connect,
  negotiate,
  newPair,
  newRelay,
  sendRtp,
  until,
} from "../../attach/support/werift-pair.js";

/** Two calls where one may be open; one of them goes on. */
async function call(probe: Probe): Promise<void> {
  const wire = new Wire();
  const caller = memoryAgent(wire, "alice", "bob");
  const onInvite = (invitation: Invitation): void => void invitation.accept();
  const callee = memoryAgent(wire, "bob", "alice", { onInvite });
  await caller.start();
  await callee.start();
  probe.attachUserAgent(callee);
  for (let calls = 0; calls < 2; calls += 1) {
    const session = inviter(caller);
    await session.invite();
    await reaches(session, SessionState.Established);
    await settle();
  }
}

/** A connection that is up, over which media and messages go until its far end closes it. */
async function talk(probe: Probe): Promise<void> {
  const pair = newPair();
  const channel = pair.a.createDataChannel("chat");
  pair.b.onDataChannel.subscribe((there) => {
    there.onMessage.subscribe(() => {
      there.send("ok");
    });
  });
  const handle = probe.attachPeerConnection(pair.b);
  await connect(pair);
  await until(() => channel.readyState === "open");
  channel.send("hello");
  await Promise.all([
    sendRtp(pair.trackA, { count: 30 }),
    sendRtp(pair.trackB, { count: 30 }),
    until(() => channel.messagesReceived === 1),
  ]);
  // A source that nobody announced: the field is read-only in the types and nowhere else.
  Reflect.set(pair.a.getSenders()[0] ?? {}, "ssrc", 0xabcdef01);
  await sendRtp(pair.trackA, { count: 5, sequenceNumber: 1030 });
  await until(() => handle.sample().totals.unroutedPackets === 5);
  // What werift does when a close_notify has come; its own peers send none.
  pair.b.dtlsTransports[0]?.dtls?.onClose.execute();
  await pair.b.close();
}

/** A connection over which audio goes on, with losses, until that shows, and its round trip. */
async function listen(probe: Probe): Promise<void> {
  const pair = newPair();
  probe.attachPeerConnection(pair.b);
  await connect(pair);
  const isShown = (family: string): boolean =>
    new RegExp(`^${family}\\{.*\\} (?!0$)`, "m").test(text(probe));
  for (let at = 0; !isShown("rtp_live_loss_ratio") || !isShown("rtp_live_mos_cq"); at += 6) {
    const packets = { count: 5, sequenceNumber: at, timestamp: at * 960 };
    await Promise.all([sendRtp(pair.trackA, packets), sendRtp(pair.trackB, packets)]);
  }
  heard = text(probe);
  await pair.b.close();
}

/** A connection that loses its path, and finds it again. */
async function recover(probe: Probe): Promise<void> {
  const pair = newPair();
  probe.attachPeerConnection(pair.b);
  await connect(pair);
  const transport = pair.b.dtlsTransports[0]?.iceTransport;
  const path = transport?.connection.nominated;
  transport?.restart();
  // werift finds none by itself.
  Reflect.set(transport?.connection ?? {}, "nominated", path);
  await until(() => /^webrtc_reconnections_total\{result="ok"\} 1$/m.test(text(probe)));
  await pair.b.close();
}

/** A connection whose far end is not who it says. */
async function fail(probe: Probe): Promise<void> {
  const pair = newPair();
  const handle = probe.attachPeerConnection(pair.b);
  await negotiate(pair.a, pair.b, {
    changeOffer: (sdp) => sdp.replace(/a=fingerprint:sha-256 ../g, "a=fingerprint:sha-256 00"),
  });
  await until(() => handle.sample().dtls.length > 0);
}

/** A connection whose far end refuses the handshake: what else would come from there is lost. */
async function refuse(probe: Probe): Promise<void> {
  const relay = await newRelay();
  relay.fate = ({ kind }) => (kind === "dtls" ? 0 : 1);
  const pair = newPair();
  const handle = probe.attachPeerConnection(pair.b);
  await negotiate(pair.a, pair.b, { relay });
  await until(() => pair.b.dtlsTransports[0]?.state === "connecting");
  const [transport] = pair.b.dtlsTransports;
  let arrived = 0;
  transport?.iceTransport.connection.onData.subscribe(() => (arrived += 1));
  const handshakeFailure = [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40];
  relay.inject("ab", Buffer.from(handshakeFailure));
  await until(() => arrived > 0);
  // What a stack does that minds the alert; werift waits.
  transport?.dtls?.onClose.execute();
  await until(() => handle.sample().dtls.length > 0);
  await pair.b.close();
}

const text = (probe: Probe): string => exposition(probe.recorder);

/** What was exposed while audio went on: in the end nothing of it is left. */
let heard = "";

/** What such a probe exposes. */
export async function live(): Promise<string> {
  let skippedMs = 0;
  const probe = createProbe({
    pollIntervalMs: 100,
    fullPollEvery: 2,
    maxCalls: 1,
    intervalMs: 100,
    engine: { intervalMs: 100 },
    metrics: { liveQuality: true },
    clock: () => performance.timeOrigin + performance.now() + skippedMs,
    sinks: [
      {
        name: "broken",
        counters: { dropped: 1 },
        onCall: () => {
          throw new Error("no");
        },
      },
    ],
  });
  atEnd(() => probe.close());
  await call(probe);
  await talk(probe);
  await listen(probe);
  await recover(probe);
  await fail(probe);
  await refuse(probe);
  const open = newPair();
  probe.attachPeerConnection(open.b);
  await connect(open);
  // Half a minute of silence, which nobody has to wait for.
  skippedMs = 40_000;
  const stalledUntil = performance.now() + 100;
  // The process stands still, and polls are late.
  while (performance.now() < stalledUntil);
  await connect(await attached(probe));
  return `${heard}\n${text(probe)}`;
}

async function attached(probe: Probe) {
  const pair = newPair();
  probe.attachPeerConnection(pair.b);
  await settle();
  return pair;
}
