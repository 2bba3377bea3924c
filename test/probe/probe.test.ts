import { fork } from "node:child_process";
import { once } from "node:events";

import type { BodyAndContentType, Inviter, SessionDescriptionHandler } from "sip.js";
import { SessionState, type Invitation, type UserAgent } from "sip.js";
import { Registry } from "prom-client";
import type { Socket } from "node:dgram";
import { MediaStreamTrack, type RTCPeerConnection } from "werift";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { ConnectionEvent, ConnectionTraffic } from "../../src/call/connection.js";
import { createProbe, type Probe } from "../../src/probe.js";
import { startAgents } from "../../src/demo/agents.js";
import type { WeriftHandler } from "../../src/demo/werift-handler.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { ProbeOptions } from "../../src/probe/options.js";
import { LeapingClock } from "../support/leaping-clock.js";
import { type MemoryTransport, Wire } from "../attach/support/memory-transport.js";
import { inviter } from "../attach/support/pair.js";
import { audioSdp, boundSocket, portOf, transmit } from "../attach/support/rtp-line.js";
import { rtpPacket } from "../support/packets.js";
import {
  AUDIO_SDP,
  memoryAgent,
  PlainHandler,
  reaches,
  settle,
} from "../attach/support/user-agents.js";
import {
  atEnd,
  audioTrack,
  codec,
  connect,
  connected,
  footprint,
  keepLocal,
  newPair,
  negotiate,
  newPeer,
  OPUS,
  PCMU,
  sendRtp,
  until,
} from "../attach/support/werift-pair.js";

const accept = (invitation: Invitation): void => void invitation.accept();

const VP8 = { mimeType: "video/VP8", clockRate: 90000, channels: 1, payloadType: 96 };

/** Makes its connection no sooner than it needs one, and another when it is told to. */
class RenewingHandler implements SessionDescriptionHandler {
  peerConnection: RTCPeerConnection | undefined;
  readonly track = audioTrack();

  get isConnected(): boolean {
    return this.peerConnection?.connectionState === "connected";
  }

  renew(): void {
    this.close();
    this.peerConnection = undefined;
  }

  async getDescription(): Promise<BodyAndContentType> {
    const pc = this.#needed();
    const isAnswer = pc.signalingState === "have-remote-offer";
    await pc.setLocalDescription(isAnswer ? await pc.createAnswer() : await pc.createOffer());
    return { body: pc.localDescription?.sdp ?? "", contentType: "application/sdp" };
  }

  async setDescription(sdp: string): Promise<void> {
    const pc = this.#needed();
    const type = pc.signalingState === "have-local-offer" ? "answer" : "offer";
    await pc.setRemoteDescription({ type, sdp });
    keepLocal(pc);
  }

  hasDescription(): boolean {
    return true;
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {
    void this.peerConnection?.close();
  }

  #needed(): RTCPeerConnection {
    if (this.peerConnection !== undefined) return this.peerConnection;
    const pc = newPeer();
    pc.addTransceiver(this.track, { direction: "sendrecv" });
    keepLocal(pc);
    this.peerConnection = pc;
    return pc;
  }
}

const rtp = (ssrc: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) =>
    rtpPacket({ ssrc, payloadType: 0, sequenceNumber: at, timestamp: at * 160 }),
  );

interface Line {
  readonly wire: Wire;
  readonly caller: UserAgent;
  readonly callee: UserAgent;
}

async function newLine(onInvite: (invitation: Invitation) => void = accept): Promise<Line> {
  const wire = new Wire();
  const caller = memoryAgent(wire, "alice", "bob");
  const callee = memoryAgent(wire, "bob", "alice", { onInvite });
  await caller.start();
  await callee.start();
  return { wire, caller, callee };
}

async function callUp({ caller }: Line): Promise<Inviter> {
  const session = inviter(caller);
  await session.invite();
  await reaches(session, SessionState.Established);
  await settle();
  return session;
}

interface Told {
  readonly probe: Probe;
  readonly time: LeapingClock;
  readonly begun: CallReport[];
  readonly ended: CallReport[];
  readonly errors: unknown[];
}

function newProbe(options: ProbeOptions = {}): Told {
  const errors: unknown[] = [];
  const time = new LeapingClock();
  const onError = (error: unknown): unknown => errors.push(error);
  const probe = createProbe({ clock: time.nowMs, onError, ...options });
  atEnd(() => probe.close());
  const [begun, ended]: CallReport[][] = [[], []];
  probe.on("call", (call) => begun?.push(call));
  probe.on("end", (call) => ended?.push(call));
  return { probe, time, begun: begun ?? [], ended: ended ?? [], errors };
}

/** Waits for the end of so many calls in all, and for their records. */
async function over({ probe, time, ended }: Told, count = 1): Promise<void> {
  const ending = (): CallReport[] =>
    probe.snapshot().calls.filter(({ course }) => course.endedAt !== undefined);
  await until(() => ended.length + ending().length === count);
  time.leapOverLinger();
  await until(() => ended.length === count);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("an attached user agent", () => {
  it("has each of its calls told when it begins and when it ends, once", async () => {
    const line = await newLine();
    const told = newProbe();
    const { probe, begun, ended, errors } = told;
    const { stack, capabilities } = probe.attachUserAgent(line.callee);
    expect(stack).toBe("sip.js");
    expect(capabilities.missing).toEqual([]);
    const session = await callUp(line);
    expect(begun).toHaveLength(1);
    expect(ended).toEqual([]);
    const [open] = probe.snapshot().calls;
    expect(open).toMatchObject({
      schema: "mediaprobe.call/1",
      outcome: { statusCode: 200 },
      localParty: "callee",
      observationPoint: "live",
    });
    await session.bye();
    await over(told);
    expect(ended[0]).toMatchObject({
      callId: begun[0]?.callId,
      outcome: { statusCode: 200, endedBy: "caller", endedBySide: "remote" },
    });
    expect(probe.snapshot().calls).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("moves the metrics as the call goes on", async () => {
    const line = await newLine();
    const told = newProbe();
    const { probe } = told;
    probe.attachUserAgent(line.callee);
    const text = (): string => exposition(probe.recorder);
    expect(text()).toMatch(/^voiceserver_active_calls\{transport="sip"\} 0$/m);
    const session = await callUp(line);
    expect(text()).toMatch(/^voiceserver_active_calls\{transport="sip"\} 1$/m);
    await session.bye();
    await over(told);
    const after = text();
    expect(after).toMatch(/^voiceserver_active_calls\{transport="sip"\} 0$/m);
    expect(after).toMatch(/^voiceserver_calls_total\{status="ok",transport="sip"\} 1$/m);
    expect(after).toMatch(
      /^sip_bye_total\{by="remote",direction="inbound",reason_class="normal"\} 1$/m,
    );
  });

  it("moves no metric where none are wanted, and has its calls told all the same", async () => {
    const line = await newLine();
    const told = newProbe({ metrics: false });
    const { probe } = told;
    const before = exposition(probe.recorder);
    probe.attachUserAgent(line.callee);
    const session = await callUp(line);
    await session.bye();
    await over(told);
    expect(exposition(probe.recorder)).toBe(before);
    expect(told.ended).toHaveLength(1);
  });

  it("has dialogs that were up before it was attached adopted", async () => {
    const line = await newLine();
    const session = await callUp(line);
    const told = newProbe();
    const { probe, ended } = told;
    probe.attachUserAgent(line.callee);
    expect(probe.snapshot().calls).toHaveLength(1);
    await session.bye();
    await over(told);
    expect(ended).toMatchObject([{ outcome: { endedBy: "caller" } }]);
    expect(ended[0]?.confidence.map(({ kind }) => kind)).toContain("capture-began-late");
  });

  it("has open calls told as abandoned when it is detached, and is as it was", async () => {
    const line = await newLine();
    const before = Reflect.ownKeys(line.callee.transport).join();
    const { probe, ended } = newProbe();
    const handle = probe.attachUserAgent(line.callee);
    const session = await callUp(line);
    handle.detach();
    handle.detach();
    expect(ended).toMatchObject([{ outcome: { via: "abandoned" } }]);
    expect(Reflect.ownKeys(line.callee.transport).join()).toBe(before);
    await session.bye();
    await settle();
    expect(ended).toHaveLength(1);
    expect(probe.snapshot().agents).toEqual([]);
  });

  it("is left with the connections that it led to, and led to again when it is attached again", async () => {
    const line = await newLine();
    const session = await callUp(line);
    const { callId } = session.request;
    const [pair, held] = [newPair(), newPair()];
    await connect(pair);
    await connect(held);
    const before = footprint(pair.b);
    const { probe, ended } = newProbe();
    const getPeerConnection = (): unknown => pair.b;
    const connections = (): unknown => probe.snapshot().connections.map((one) => one.callId);
    const hold = (): { detach: () => void } => probe.attachPeerConnection(held.b, { callId });
    for (let round = 1; round <= 2; round += 1) {
      const agent = probe.attachUserAgent(line.callee, { getPeerConnection });
      if (round === 1) hold();
      expect(connections()).toEqual([callId, callId]);
      const dtls = [{ result: "ok" }, { result: "ok" }];
      expect(probe.snapshot().calls).toMatchObject([{ callId, security: { dtls } }]);
      agent.detach();
      expect(connections()).toEqual([callId]);
      expect(footprint(pair.b)).toEqual(before);
      expect(ended).toHaveLength(round);
    }
    const dialog = probe.attachDialog(session, { getPeerConnection, userAgent: line.callee });
    expect(connections()).toEqual([callId, callId]);
    dialog.detach();
    expect(connections()).toEqual([callId]);
    expect(footprint(pair.b)).toEqual(before);
    hold().detach();
    expect(connections()).toEqual([]);
    expect(ended).toHaveLength(3);
    await session.bye();
  });

  /** A call is up, and its transport has just broken. */
  async function brokenCall() {
    let nowMs = 1_700_000_000_000;
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const line = await newLine();
    const { probe, ended } = newProbe({ clock: () => nowMs });
    probe.attachUserAgent(line.callee);
    await callUp(line);
    const transport = line.callee.transport as unknown as MemoryTransport;
    transport.break();
    const pass = (ms: number): void => {
      nowMs += ms;
      vi.advanceTimersByTime(1000);
    };
    return { probe, ended, transport, pass };
  }

  it("has open calls told as abandoned when its transport is gone for good", async () => {
    const { ended, pass } = await brokenCall();
    pass(31_000);
    expect(ended).toEqual([]);
    pass(1500);
    expect(ended).toMatchObject([{ outcome: { via: "abandoned" } }]);
  });

  it("keeps its calls when its transport is back, though nobody says a word for long", async () => {
    const { probe, ended, transport, pass } = await brokenCall();
    pass(3000);
    await transport.connect();
    pass(60_000);
    expect(ended).toEqual([]);
    expect(probe.snapshot().calls).toHaveLength(1);
  });

  it("cannot be attached twice, nor be what is no user agent", async () => {
    const line = await newLine();
    const { probe } = newProbe();
    probe.attachUserAgent(line.callee);
    expect(() => probe.attachUserAgent(line.callee)).toThrow(/attached already. Call detach\(\)/);
    expect(() => probe.attachUserAgent({})).toThrow(/of no known SIP stack: sip\.js, JsSIP/);
  });
});

describe("an attached dialog", () => {
  it("is followed, and no other of its user agent", async () => {
    const line = await newLine();
    const first = await callUp(line);
    const told = newProbe();
    const { probe, ended } = told;
    const handle = probe.attachDialog(first);
    const second = await callUp(line);
    expect(probe.snapshot().calls.map(({ callId }) => callId)).toEqual([first.request.callId]);
    await second.bye();
    await first.bye();
    await over(told);
    expect(ended.map(({ callId }) => callId)).toEqual([first.request.callId]);
    handle.detach();
    expect(probe.snapshot().agents).toEqual([]);
  });

  it("is taken up though another of its user agent was before, with its media, and left alone", async () => {
    const line = await newLine();
    const [first, second] = [await callUp(line), await callUp(line)];
    const told = newProbe();
    const { probe, ended } = told;
    const pc = newPeer();
    const getPeerConnection = (handler: object): unknown =>
      handler === second.sessionDescriptionHandler ? pc : undefined;
    const open = (): string[] => probe.snapshot().calls.map(({ callId }) => callId);
    const handle = probe.attachDialog(first, { getPeerConnection });
    const other = probe.attachDialog(second);
    expect(open()).toEqual([first.request.callId, second.request.callId]);
    expect(probe.snapshot().connections).toMatchObject([{ callId: second.request.callId }]);
    handle.detach();
    expect(ended).toMatchObject([{ callId: first.request.callId, outcome: { via: "abandoned" } }]);
    expect(open()).toEqual([second.request.callId]);
    await first.bye();
    await second.bye();
    await over(told, 2);
    expect(ended[1]).toMatchObject({
      callId: second.request.callId,
      outcome: { endedBySide: "local" },
    });
    other.detach();
    expect(probe.snapshot().agents).toEqual([]);
    await pc.close();
  });

  it("is not looked for any more when it is over, though nobody detaches it", async () => {
    const line = await newLine();
    const told = newProbe();
    const { probe } = told;
    const handles = [];
    for (let calls = 1; calls <= 3; calls += 1) {
      const session = await callUp(line);
      handles.push(probe.attachDialog(session));
      await session.bye();
      await over(told, calls);
    }
    // None is left that the first could be one of several of.
    handles[0]?.detach();
    expect(probe.snapshot().agents).toEqual([]);
  });

  it("must lead to its user agent and name a Call-ID", () => {
    const { probe } = newProbe();
    expect(() => probe.attachDialog({})).toThrow(/does not lead to its user agent. Hand it in/);
    expect(() => probe.attachDialog({ userAgent: {} })).toThrow(/has no Call-ID/);
  });
});

describe("an attached peer connection", () => {
  it("is a call of its own where no dialog belongs to it", async () => {
    const { probe, begun, ended } = newProbe({ pollIntervalMs: 100 });
    const events: ConnectionEvent[] = [];
    const traffic: ConnectionTraffic[] = [];
    probe.addSink({
      onConnection: (event) => events.push(event),
      onTraffic: (one) => traffic.push(one),
    });
    const pair = newPair();
    const handle = probe.attachPeerConnection(pair.b, { callId: "room-7" });
    expect(probe.attachPeerConnection(pair.b)).toBe(handle);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 100, intervalMs: 5 });
    await until(() => handle.sample().inbound[0]?.measured?.packetsReceived === 100);
    expect(begun).toMatchObject([{ callId: "room-7", transport: "webrtc" }]);
    expect(exposition(probe.recorder)).toMatch(
      /^voiceserver_active_calls\{transport="webrtc"\} 1$/m,
    );
    await pair.b.close();
    expect(ended).toHaveLength(1);
    const [call] = ended;
    expect(call).toMatchObject({
      callId: "room-7",
      transport: "webrtc",
      outcome: { endedBySide: "local", attempts: 1, cancelled: false },
      security: { dtls: [{ result: "ok" }], srtpKeying: "dtls" },
      ice: { result: "ok" },
      streams: [{ packetsReceived: 100, packetsMissing: 0, direction: "caller-to-callee" }],
    });
    expect(call?.confidence).toEqual([]);
    expect(call?.security.stir).toBeUndefined();
    const metrics = exposition(probe.recorder);
    expect(metrics).toMatch(/^voiceserver_calls_total\{status="ok",transport="webrtc"\} 1$/m);
    expect(metrics).toMatch(/^voiceserver_active_calls\{transport="webrtc"\} 0$/m);
    // Attempts and their outcomes are SIP's.
    expect(metrics).not.toMatch(/^sip_call_result_total\{.*\} [1-9]/m);
    expect(events.map(({ kind }) => kind)).toContain("closed");
    expect(events.every(({ callId }) => callId === "room-7")).toBe(true);
    const received = traffic.reduce((sum, { payload }) => sum + payload.bytesReceived, 0);
    expect(received).toBe(8000);
  });

  it("has a record too where it never came up, and none where it was never used", async () => {
    const { probe, ended } = newProbe();
    const unused = newPeer();
    probe.attachPeerConnection(unused);
    await unused.close();
    expect(ended).toEqual([]);
    const pair = newPair();
    const handle = probe.attachPeerConnection(pair.b);
    await negotiate(pair.a, pair.b, {
      changeOffer: (sdp) => sdp.replace(/a=fingerprint:sha-256 ../g, "a=fingerprint:sha-256 00"),
    });
    await until(() => handle.sample().dtls.length > 0);
    await pair.b.close();
    expect(ended).toMatchObject([{ security: { dtls: [{ result: "fingerprint-mismatch" }] } }]);
    expect(exposition(probe.recorder)).toMatch(
      /^sip_dtls_handshake_total\{result="fingerprint-mismatch"\} 1$/m,
    );
  });

  it("is in no metric any more when it is detached, and again when it is attached again", async () => {
    const { probe } = newProbe();
    const pair = newPair();
    await connect(pair);
    const gauges = (): string[] =>
      exposition(probe.recorder).match(
        /^webrtc_(?:attached_connections|peer_connections_active)\S* \d/gm,
      ) ?? [];
    const up = [
      "webrtc_attached_connections 1",
      'webrtc_peer_connections_active{stage="webrtc"} 1',
    ];
    for (let round = 0; round < 2; round += 1) {
      const handle = probe.attachPeerConnection(pair.b);
      expect(gauges()).toEqual(up);
      handle.detach();
      expect(gauges()).toEqual(up.map((line) => line.replace(/1$/, "0")));
    }
    expect(exposition(probe.recorder)).toMatch(/^webrtc_time_to_connected_seconds_count 0$/m);
  });

  it("was hung up where it was closed just before the probe, though no event said so", async () => {
    const { probe, ended } = newProbe();
    const pc = { connectionState: "connected", getStats: () => Promise.resolve(new Map()) };
    probe.attachPeerConnection(pc);
    pc.connectionState = "closed";
    await probe.close();
    expect(ended).toMatchObject([{ outcome: { endedBySide: "local", byeReasonClass: "normal" } }]);
  });

  it("has no first packet where it came up before it was attached, and says so", async () => {
    const told = newProbe();
    const { probe, ended } = told;
    const pair = newPair();
    await connect(pair);
    await sendRtp(pair.trackA, { count: 20 });
    probe.attachPeerConnection(pair.b);
    await sendRtp(pair.trackA, { count: 20, sequenceNumber: 1020, timestamp: 24_200 });
    await until(() => probe.snapshot().calls[0]?.streams.length === 1);
    await pair.b.close();
    await over(told);
    expect(ended[0]?.confidence.map(({ kind }) => kind)).toEqual(["capture-began-late"]);
    expect(ended[0]?.course.firstMediaAt).toBeUndefined();
  });

  it("has its losses held to what its far end counted, and not to what that lost on average", async () => {
    const told = newProbe();
    const { probe, ended } = told;
    const pair = newPair();
    const handle = probe.attachPeerConnection(pair.b);
    await connect(pair);
    const reports = (): number => handle.sample().inbound[0]?.reported?.reports ?? 0;
    await sendRtp(pair.trackA, { count: 200 });
    await until(() => reports() >= 1);
    // All that was lost is in one report of many.
    await sendRtp(pair.trackA, { count: 200, sequenceNumber: 1400, timestamp: 389_000 });
    await until(() => reports() >= 4);
    await pair.b.close();
    await over(told);
    expect(ended[0]?.streams).toMatchObject([{ packetsMissing: 200, rtcp: { packetsLost: 200 } }]);
    expect(ended[0]?.issues.map(({ kind }) => kind)).not.toContain("divergent-views");
  });

  it("joins the call whose description it made, by its ICE credentials", async () => {
    const told = newProbe();
    const { probe, ended } = told;
    const pair = newPair();
    const { a, b } = pair;
    const wire = new Wire();
    const caller = memoryAgent(wire, "alice", "bob", {
      describe: () => Promise.resolve(a.localDescription?.sdp ?? ""),
    });
    const callee = memoryAgent(wire, "bob", "alice", {
      onInvite: accept,
      describe: () => Promise.resolve(b.localDescription?.sdp ?? ""),
    });
    await caller.start();
    await callee.start();
    probe.attachUserAgent(callee, { getPeerConnection: () => undefined });
    const handle = probe.attachPeerConnection(b);
    // The descriptions go by SIP first, and the connection comes up then.
    await a.setLocalDescription(await a.createOffer());
    await b.setRemoteDescription({ type: "offer", sdp: a.localDescription?.sdp ?? "" });
    for (const { iceTransport } of [...a.dtlsTransports, ...b.dtlsTransports]) {
      delete iceTransport.connection.stunServer;
    }
    await b.setLocalDescription(await b.createAnswer());
    const session = inviter(caller);
    await session.invite();
    await reaches(session, SessionState.Established);
    await settle();
    await a.setRemoteDescription({ type: "answer", sdp: b.localDescription?.sdp ?? "" });
    await connected(b);
    await sendRtp(pair.trackA, { count: 30 });
    await until(() => handle.sample().inbound[0]?.measured?.packetsReceived === 30);
    expect(handle.callId).toBe(session.request.callId);
    await session.bye();
    await over(told);
    expect(ended[0]).toMatchObject({
      callId: session.request.callId,
      transport: "webrtc",
      streams: [{ packetsReceived: 30 }],
    });
    await b.close();
    expect(ended).toHaveLength(1);
  });

  it("counts as active though it came up before it was attached", async () => {
    const { probe } = newProbe();
    const pair = newPair();
    await connect(pair);
    probe.attachPeerConnection(pair.b);
    const active = /^webrtc_peer_connections_active\{stage="webrtc"\} (\d)$/m;
    expect(active.exec(exposition(probe.recorder))?.[1]).toBe("1");
    await pair.b.close();
    expect(active.exec(exposition(probe.recorder))?.[1]).toBe("0");
    expect(exposition(probe.recorder)).toMatch(
      /^voiceserver_calls_total\{status="ok",transport="webrtc"\} 1$/m,
    );
  });

  it("belongs to the dialog whose handler made it, though both were up before anybody looked", async () => {
    const agents = await startAgents();
    atEnd(() => agents.stop());
    const session = await agents.call("clean");
    await reaches(session, SessionState.Established);
    const handler = session.sessionDescriptionHandler as WeriftHandler;
    await connected(handler.peerConnection);
    const told = newProbe();
    const { probe, ended } = told;
    probe.attachUserAgent(agents.server);
    await until(() => probe.snapshot().calls[0]?.streams.length === 2);
    await session.bye();
    await over(told);
    expect(ended).toMatchObject([
      { callId: session.request.callId, transport: "webrtc", localParty: "callee" },
    ]);
    expect(ended[0]?.streams).toHaveLength(2);
    expect(exposition(probe.recorder)).toMatch(
      /^voiceserver_calls_started_total\{transport="webrtc"\} 1$/m,
    );
    expect(exposition(probe.recorder)).toMatch(
      /^voiceserver_calls_started_total\{transport="sip"\} 0$/m,
    );
  });

  it("belongs to the dialog whose handler makes it when it is asked to describe itself, or another in its place", async () => {
    const handlers: RenewingHandler[] = [];
    const sessionDescriptionHandlerFactory = (): RenewingHandler => {
      const handler = new RenewingHandler();
      handlers.push(handler);
      return handler;
    };
    const wire = new Wire();
    const caller = memoryAgent(wire, "alice", "bob", { sessionDescriptionHandlerFactory });
    const callee = memoryAgent(wire, "bob", "alice", {
      sessionDescriptionHandlerFactory,
      onInvite: accept,
    });
    await caller.start();
    await callee.start();
    const told = newProbe();
    const { probe, ended } = told;
    probe.attachUserAgent(callee);
    const session = await callUp({ wire, caller, callee });
    for (let offer = 1; offer <= 2; offer += 1) {
      if (offer > 1) {
        for (const handler of handlers) handler.renew();
        await session.invite();
      }
      await until(() => handlers.every(({ isConnected }) => isConnected));
      await Promise.all(handlers.map(({ track }) => sendRtp(track, { count: 20 })));
    }
    await until(() => probe.snapshot().calls[0]?.streams.length === 4);
    expect(probe.snapshot().connections).toMatchObject([{ callId: session.request.callId }]);
    await session.bye();
    await over(told);
    expect(ended).toMatchObject([{ transport: "webrtc", localParty: "callee" }]);
    expect(ended[0]?.streams.map(({ packetsReceived }) => packetsReceived)).toEqual([
      20, 20, 20, 20,
    ]);
    expect(ended[0]?.security.dtls).toMatchObject([{ result: "ok" }, { result: "ok" }]);
  });

  it("belongs to the dialog whose handler made it, though the host has another factory since", async () => {
    const line = await newLine();
    const told = newProbe();
    const { probe } = told;
    const agents = [line.caller, line.callee];
    for (const agent of agents) probe.attachUserAgent(agent);
    for (const { configuration } of agents) {
      configuration.sessionDescriptionHandlerFactory = () =>
        new PlainHandler(() => Promise.resolve(AUDIO_SDP));
    }
    const session = await callUp(line);
    const { callId } = session.request;
    expect(probe.snapshot().connections).toMatchObject([{ callId }, { callId }]);
    await session.bye();
    await over(told, 2);
    expect(probe.snapshot().connections).toEqual([]);
  });

  it("is as it was found when the probe is closed", async () => {
    const { probe } = newProbe();
    const pair = newPair();
    await connect(pair);
    const before = footprint(pair.b);
    probe.attachPeerConnection(pair.b);
    expect(footprint(pair.b)).not.toEqual(before);
    await probe.close();
    expect(footprint(pair.b)).toEqual(before);
  });
});

describe("a probe", () => {
  it("is not disturbed, and disturbs nothing, when whatever it calls throws", async () => {
    const thrower = (): never => {
      throw new Error("no");
    };
    const errors: unknown[] = [];
    const probe = createProbe({
      intervalMs: 100,
      pollIntervalMs: 100,
      onError: (error) => {
        errors.push(error);
        thrower();
      },
      sinks: [
        {
          onSipEvent: thrower,
          onCall: thrower,
          onConnection: thrower,
          onTraffic: thrower,
          onInterval: () => Promise.reject(new Error("late")) as never,
          close: thrower,
        },
      ],
    });
    for (const name of ["call", "interval", "issue", "end"] as const) probe.on(name, thrower);
    const ended: string[] = [];
    probe.on("end", ({ callId }) => ended.push(callId));
    const line = await newLine();
    probe.attachUserAgent(line.callee);
    const pair = newPair();
    probe.attachPeerConnection(pair.b);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 60, intervalMs: 5 });
    const session = await callUp(line);
    await session.bye();
    await settle();
    await pair.b.close();
    await probe.close();
    expect(ended).toHaveLength(2);
    expect(errors.length).toBeGreaterThan(5);
    expect(probe.counters().faults).toBe(errors.length);
  });

  it("tells how open calls stand once an interval, and each issue once", async () => {
    const { probe } = newProbe({ intervalMs: 100 });
    const intervals: CallReport[] = [];
    const issues: string[] = [];
    probe.on("interval", (call) => intervals.push(call));
    probe.on("issue", ({ kind, direction = "" }, { callId }) =>
      issues.push(`${callId} ${kind} ${direction}`),
    );
    const line = await newLine();
    probe.attachUserAgent(line.callee);
    const session = await callUp(line);
    await until(() => intervals.length >= 3);
    await session.bye();
    await settle();
    expect(new Set(issues).size).toBe(issues.length);
  });

  it("says of itself what it is, and what it caught", async () => {
    const { probe } = newProbe();
    probe.on("call", () => {
      throw new Error("no");
    });
    const line = await newLine();
    probe.attachUserAgent(line.callee);
    await callUp(line);
    const text = exposition(probe.recorder);
    expect(text).toMatch(/^mediaprobe_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
    expect(text).toMatch(/^voiceserver_scrape_timestamp_seconds [1-9]\d{9}$/m);
    expect(text).toMatch(/^mediaprobe_faults_total\{.*"probe"\} 1$/m);
    expect(text).toMatch(/^mediaprobe_table_entries\{table="calls"\} 1$/m);
  });

  it("links the legs of a conversation in both records", async () => {
    const told = newProbe();
    const { probe, ended } = told;
    const line = await newLine();
    probe.attachUserAgent(line.callee);
    const [first, second] = [await callUp(line), await callUp(line)];
    probe.link(first.request.callId, second.request.callId);
    await first.bye();
    await second.bye();
    await over(told, 2);
    expect(ended.map(({ linkedCallIds }) => linkedCallIds)).toEqual([
      [second.request.callId],
      [first.request.callId],
    ]);
  });

  it("puts its families in the host's registry and takes them out again", async () => {
    const registry = new Registry();
    const { probe } = newProbe({ registry });
    expect(() => createProbe({ registry })).toThrow(/already has a metric named/);
    expect(registry.getMetricsAsArray().length).toBeGreaterThan(20);
    await probe.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
    const again = createProbe({ registry });
    await again.close();
  });

  it("says what is wrong with an option, and cannot be used once closed", async () => {
    expect(() => createProbe({ intervalMs: 5 })).toThrow(
      "intervalMs is 5; it must be 100 milliseconds or more",
    );
    expect(() => createProbe({ clock: 5 as never })).toThrow("clock is number");
    const { probe } = newProbe();
    expect(() => probe.on("ended" as never, () => undefined)).toThrow(
      '"ended" is not an event of a probe: call, interval, issue, end',
    );
    await probe.close();
    await probe.close();
    for (const use of [
      () => probe.attachPeerConnection(newPeer()),
      () => probe.on("end", () => undefined),
      () => probe.addSink({}),
      () => {
        probe.link("one", "other");
      },
    ]) {
      expect(use).toThrow(/closed. Make a new one/);
    }
    expect(probe.snapshot()).toMatchObject({ calls: [], counters: { openCalls: 0 } });
  });

  it("ends once, whoever closes or detaches it while it tells the last calls", async () => {
    const line = await newLine();
    for (let calls = 0; calls < 3; calls += 1) await callUp(line);
    for (const how of ["close", "detach"]) {
      const { probe, ended, errors } = newProbe();
      let closed = 0;
      probe.addSink({ close: () => Promise.resolve().then(() => void (closed += 1)) });
      const handle = probe.attachUserAgent(line.callee);
      probe.on("end", () => {
        handle.detach();
        void probe.close();
      });
      const { signalling } = probe.counters();
      expect(signalling.adoptedDialogs).toBe(3);
      if (how === "detach") handle.detach();
      await probe.close();
      expect(ended).toHaveLength(3);
      expect(closed).toBe(1);
      expect(probe.counters().signalling).toEqual(signalling);
      expect(errors).toEqual([]);
    }
  });

  it("leaves nothing where it is closed while something is being attached", async () => {
    const line = await newLine();
    await callUp(line);
    const pair = newPair();
    await connect(pair);
    const hooks = (): unknown => [Reflect.ownKeys(line.callee.transport).join(), footprint(pair.b)];
    const before = hooks();
    for (const attach of [
      (probe: Probe): unknown => probe.attachUserAgent(line.callee),
      (probe: Probe): unknown => probe.attachPeerConnection(pair.b),
    ]) {
      const { probe, ended } = newProbe();
      probe.on("call", () => void probe.close());
      attach(probe);
      expect(hooks()).toEqual(before);
      expect(ended).toHaveLength(1);
      expect(probe.counters().openCalls).toBe(0);
    }
  });

  it("counts what goes wrong at a connection once, and does not forget it with the connection", async () => {
    const { probe, errors } = newProbe({ pollIntervalMs: 100 });
    const pair = newPair();
    await connect(pair);
    const handle = probe.attachPeerConnection(pair.b);
    Object.defineProperty(pair.b, "dtlsTransports", {
      configurable: true,
      get: () => {
        throw new Error("not now");
      },
    });
    await until(() => errors.length >= 2);
    expect(probe.counters().faults).toBe(errors.length);
    Reflect.deleteProperty(pair.b, "dtlsTransports");
    handle.detach();
    expect(probe.counters().faults).toBe(errors.length);
  });

  it("tells what is open as abandoned when the process is signalled, and lets it die", async () => {
    const child = fork(new URL("signalled.mjs", import.meta.url), { silent: true });
    const lines: string[] = [];
    child.stdout?.on("data", (text: Buffer) => lines.push(text.toString()));
    child.once("message", () => child.kill("SIGTERM"));
    // Not "exit", which may come before the last of what it wrote.
    const [, signal] = (await once(child, "close")) as unknown[];
    expect(signal).toBe("SIGTERM");
    expect(lines.join("")).toBe("ended abandoned\n");
  });

  it("verifies callers' identities beside the call", async () => {
    const { probe } = newProbe({ stir: {} });
    const line = await newLine();
    probe.attachUserAgent(line.callee);
    await callUp(line);
    expect(probe.counters().identities).toMatchObject({ refused: 0 });
  });
});

describe("a connection of a call that is over", () => {
  it("is let go of where it never began, whether or not anybody closes it", async () => {
    const line = await newLine();
    const told = newProbe();
    const { probe } = told;
    probe.attachUserAgent(line.callee);
    const session = await callUp(line);
    expect(probe.snapshot().connections).toHaveLength(1);
    await session.bye();
    await over(told);
    expect(probe.snapshot().connections).toEqual([]);
  });

  it("is the next call's from then on whose handler has it, with what comes since", async () => {
    const wire = new Wire();
    const codecs = { audio: [codec(PCMU)], video: [] };
    const pair = newPair({ a: { codecs }, b: { codecs } });
    await connect(pair);
    const caller = memoryAgent(wire, "alice", "bob");
    const callee = memoryAgent(wire, "bob", "alice", {
      onInvite: accept,
      sessionDescriptionHandlerFactory: () =>
        Object.assign(new PlainHandler(() => Promise.resolve(AUDIO_SDP)), {
          peerConnection: pair.b,
          close: () => undefined,
        }),
    });
    await caller.start();
    await callee.start();
    const told = newProbe();
    const { probe, ended } = told;
    probe.attachUserAgent(callee);
    for (const count of [10, 20]) {
      const session = await callUp({ wire, caller, callee });
      await sendRtp(pair.trackA, { count, payloadType: 0, ticks: 160 });
      await until(() => probe.snapshot().calls.at(-1)?.streams[0]?.packetsReceived === count);
      await session.bye();
      await settle();
    }
    await over(told, 2);
    expect(ended.map(({ streams }) => streams.map((one) => one.packetsReceived))).toEqual([
      [10],
      [20],
    ]);
    expect(probe.snapshot().connections).toHaveLength(1);
  });
});

describe("media that is attached while its call goes on", () => {
  const silent = (call: CallReport | undefined): unknown[] => [
    call?.issues.map(({ kind }) => kind),
    call?.confidence.map(({ kind }) => kind),
    call?.course.firstMediaAt,
    call?.timings.firstMediaDelaySeconds,
  ];

  it("was not silent before that, nor is it when it is detached: nobody looked (socket)", async () => {
    const [here, there] = [await boundSocket(), await boundSocket()];
    const wire = new Wire();
    const described = (socket: Socket) => (): Promise<string> =>
      Promise.resolve(audioSdp(portOf(socket)));
    const caller = memoryAgent(wire, "alice", "bob", { describe: described(there) });
    const callee = memoryAgent(wire, "bob", "alice", {
      describe: described(here),
      onInvite: accept,
    });
    await caller.start();
    await callee.start();
    const told = newProbe();
    const { probe, time, ended } = told;
    probe.attachUserAgent(callee);
    const session = await callUp({ wire, caller, callee });
    time.leap(10_000);
    const attachment = probe.attachRtpSocket(here);
    await Promise.all([transmit(here, there, rtp(1, 20)), transmit(there, here, rtp(2, 20))]);
    attachment.detach();
    time.leap(10_000);
    await session.bye();
    await over(told);
    expect(ended[0]?.streams.map(({ packetsReceived }) => packetsReceived)).toEqual([20, 20]);
    expect(silent(ended[0])).toEqual([[], ["capture-gap"], undefined, undefined]);
    expect(ended[0]?.confidence[0]?.detail).toMatch(
      /^The probe itself watched none of the call's media for 20\.\d s in 2 stretches, first from \S+Z on: what came then is unknown\.$/,
    );
  });

  it("was not silent before that, nor is it when it is detached: nobody looked (connection)", async () => {
    const told = newProbe();
    const { probe, time, ended } = told;
    const line = await newLine();
    probe.attachUserAgent(line.callee);
    const session = await callUp(line);
    const codecs = { audio: [codec(PCMU)], video: [] };
    const pair = newPair({ a: { codecs }, b: { codecs } });
    await connect(pair);
    time.leap(10_000);
    const { callId } = session.request;
    const handle = probe.attachPeerConnection(pair.b, { callId });
    const spoken = { count: 20, payloadType: 0, ticks: 160 };
    await Promise.all([pair.trackA, pair.trackB].map((track) => sendRtp(track, spoken)));
    await until(() => probe.snapshot().calls[0]?.streams.length === 2);
    handle.detach();
    time.leap(10_000);
    await session.bye();
    await over(told);
    expect(silent(ended[0])).toEqual([[], ["capture-gap"], undefined, undefined]);
  });
});

describe("tracks", () => {
  it("may be added to a connection that is attached already", async () => {
    const { probe } = newProbe();
    const pair = newPair();
    const handle = probe.attachPeerConnection(pair.b);
    const second = audioTrack();
    pair.a.addTransceiver(second, { direction: "sendonly" });
    await connect(pair);
    await sendRtp(second, { count: 20 });
    await until(() => handle.sample().inbound.some(({ wire }) => wire?.packets === 20));
  });

  it.each(["a", "b"] as const)(
    "that are agreed on while the connection is a call of its own are agreed to in its record (at %s)",
    async (end) => {
      const told = newProbe();
      const { probe, ended } = told;
      const codecs = { audio: [codec(OPUS)], video: [codec(VP8)] };
      const pair = newPair({ a: { codecs }, b: { codecs } });
      probe.attachPeerConnection(pair[end]);
      await connect(pair);
      await sendRtp(pair.trackA, { count: 20 });
      const video = new MediaStreamTrack({ kind: "video" });
      pair.a.addTransceiver(video, { direction: "sendonly" });
      await negotiate(pair.a, pair.b);
      await sendRtp(video, { count: 20, payloadType: VP8.payloadType, ticks: 3000 });
      await until(() => probe.snapshot().calls[0]?.streams.length === 2);
      await pair[end].close();
      await over(told);
      expect(ended[0]?.streams.map(({ mediaType }) => mediaType)).toEqual(["audio", "video"]);
      expect(ended[0]?.issues).toEqual([]);
    },
  );
});
