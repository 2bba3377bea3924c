import { createRequire } from "node:module";

import { describe, expect, expectTypeOf, it } from "vitest";
import type * as werift from "werift";
import { RTCPeerConnection } from "werift";

import type { MediaEvent } from "../../src/call/connection.js";
import type { PacketSink } from "../../src/attach/media-attachment.js";
import { PollWheel } from "../../src/attach/poll-wheel.js";
import { attachPeerConnection } from "../../src/attach/peer-connection.js";
import type { WeriftPeerConnection } from "../../src/attach/werift-ports.js";
import { collectGarbage } from "./support/garbage.js";
import { expectNothingKept } from "./support/heap.js";
import {
  atEnd,
  audioTrack,
  clock,
  codec,
  connect,
  connected,
  footprint,
  keepLocal,
  LOOPBACK,
  negotiate,
  newPair,
  newPeer,
  newRelay,
  OPUS,
  type Pair,
  probe,
  type Probe,
  sendRtp,
  until,
} from "./support/werift-pair.js";

const arrived = ({ attachment }: Probe): number =>
  attachment.inbound().reduce((sum, { wire }) => sum + (wire?.packets ?? 0), 0);

const newWheel = (): PollWheel => new PollWheel({ clock, periodMs: 50, slots: 5 });

describe("the ports", () => {
  it("are fitted by the real peer connection", () => {
    expectTypeOf<RTCPeerConnection>().toExtend<WeriftPeerConnection>();
  });

  it("serve the other build of werift, whose classes are others", async () => {
    const other = createRequire(import.meta.url)("werift") as typeof werift;
    expect(other.RTCPeerConnection).not.toBe(RTCPeerConnection);
    const peer = new other.RTCPeerConnection({
      ...LOOPBACK,
      codecs: { audio: [new other.RTCRtpCodecParameters(OPUS)], video: [] },
    });
    atEnd(() => peer.close());
    peer.addTransceiver("audio", { direction: "recvonly" });
    const pair = newPair();
    const at = probe(peer);
    await negotiate(pair.a, peer);
    await until(() => at.attachment.state === "connected");
    await sendRtp(pair.trackA, { count: 20 });
    await until(() => arrived(at) === 20);
    expect(at.attachment.dtls()?.result).toBe("ok");
    expect(at.attachment.finalSample().inbound[0]).toMatchObject({
      unrouted: false,
      measured: { packetsReceived: 20 },
      stack: { packetsReceived: 20 },
    });
    expect(at.attachment.capabilities.missing).toEqual(["extended-reports"]);
  });
});

describe("an attachment", () => {
  it("tells a connection's states in order, and its end with everything about it", async () => {
    const pair = newPair();
    const [atA, atB] = [probe(pair.a), probe(pair.b)];
    await connect(pair);
    await sendRtp(pair.trackA, { count: 20 });
    await until(() => arrived(atB) === 20);
    await pair.b.close();
    expect(atB.kinds()).toEqual([
      "state connecting",
      "ice ok",
      "dtls ok",
      "state connected",
      "state closed",
      "closed",
    ]);
    const last = atB.events.at(-1);
    if (last?.kind !== "closed") throw new Error("not closed");
    expect(last.sample).toMatchObject({
      state: "closed",
      dtls: [{ result: "ok" }],
      ice: { result: "ok" },
      inbound: [{ measured: { packetsReceived: 20 }, stack: { packetsReceived: 20 } }],
    });
    expect(atB.attachment.finalSample()).toBe(last.sample);
    expect(atB.attachment.inbound()).toBe(last.sample.inbound);
    expect(atB.sink.flows.size).toBe(0);
    expect(atB.wheel.size).toBe(0);
    expect(atA.attachment.state).toBe("connected");
  });

  it("learns of the end though a listener of the application threw before it was called", async () => {
    const pair = newPair();
    pair.b.connectionStateChange.subscribe((state) => {
      if (state === "closed") throw new Error("no");
    });
    const atB = probe(pair.b);
    await connect(pair);
    await expect(pair.b.close()).rejects.toThrow("no");
    await until(() => !atB.wheel.size);
    expect(atB.kinds().slice(-3)).toEqual(["state connected", "state closed", "closed"]);
    expect(atB.errors).toEqual([]);
  });

  it("sees from the moment on at which it came late, and does not guess what was before", async () => {
    const pair = newPair();
    await connect(pair);
    await sendRtp(pair.trackA, { count: 30 });
    const at = probe(pair.b);
    expect(at.attachment.dtls()).toMatchObject({ result: "ok", version: "1.2" });
    expect(at.attachment.dtls()?.durationSeconds).toBeUndefined();
    expect(at.attachment.ice()).toMatchObject({ result: "ok" });
    expect(at.attachment.ice()?.durationSeconds).toBeUndefined();
    await sendRtp(pair.trackA, { count: 20, sequenceNumber: 1030 });
    await until(() => arrived(at) === 20);
    const { inbound, totals } = at.attachment.finalSample();
    expect(inbound[0]).toMatchObject({
      measured: { packetsReceived: 20, packetsExpected: 20 },
      stack: { packetsReceived: 50 },
    });
    // The pair in use knows of the wire before.
    expect(totals.wire.packetsReceived).toBeGreaterThanOrEqual(50);
  });

  it("comes upon a connection that is over, and says so", async () => {
    const pair = newPair();
    await pair.a.close();
    const at = probe(pair.a);
    expect(at.kinds()).toEqual(["closed"]);
    expect(at.attachment.state).toBe("closed");
    expect(at.wheel.size).toBe(0);
  });

  it("leaves the connection as it found it", async () => {
    const pair = newPair();
    await connect(pair);
    const before = footprint(pair.a);
    const at = probe(pair.a);
    expect(footprint(pair.a)).not.toEqual(before);
    expect(Object.hasOwn(pair.a.dtlsTransports[0] ?? {}, "sendRtcp")).toBe(true);
    at.attachment.detach();
    at.attachment.detach();
    expect(footprint(pair.a)).toEqual(before);
    await sendRtp(pair.trackB, { count: 5 });
    expect(arrived(at)).toBe(0);
    expect(at.wheel.size).toBe(0);
    const again = probe(pair.a);
    again.attachment.detach();
    expect(footprint(pair.a)).toEqual(before);
  });

  it("keeps its hands off a function that another has wrapped since", async () => {
    const pair = newPair();
    await connect(pair);
    const [transport] = pair.a.dtlsTransports;
    if (transport === undefined) throw new Error("no transport");
    const at = probe(pair.a);
    const ours = transport.sendRtcp.bind(transport);
    let calls = 0;
    transport.sendRtcp = async (packets) => {
      calls += 1;
      await ours(packets);
    };
    const theirs = Reflect.get(transport, "sendRtcp") as unknown;
    at.attachment.detach();
    expect(Reflect.get(transport, "sendRtcp")).toBe(theirs);
    await sendRtp(pair.trackA, { count: 2 });
    await until(() => calls > 0);
    expect(at.errors).toEqual([]);
  });

  it("is one at a time", () => {
    const peer = newPeer();
    const { attachment } = probe(peer);
    const options = { sink: undefined, wheel: newWheel(), clock };
    expect(() => attachPeerConnection(peer, options)).toThrow(/attached already/);
    attachment.detach();
    attachPeerConnection(peer, options).detach();
  });

  it.each([
    [{ clock: undefined }, TypeError, /clock/],
    [{ wheel: undefined }, TypeError, /wheel/],
    [{ dtlsTimeoutMs: 0 }, RangeError, /dtlsTimeoutMs is 0/],
    [{ iceTimeoutMs: NaN }, RangeError, /iceTimeoutMs is NaN/],
  ])("is refused with %o", (change, error, message) => {
    const options = { sink: undefined, wheel: newWheel(), clock, ...change };
    const attach = (): unknown => attachPeerConnection({}, options as never);
    expect(attach).toThrow(error);
    expect(attach).toThrow(message);
  });

  it("has no measured view without a sink, and says so", async () => {
    const pair = newPair();
    const wheel = newWheel();
    const attachment = attachPeerConnection(pair.b, { sink: undefined, wheel, clock });
    atEnd(() => {
      attachment.detach();
    });
    await connect(pair);
    await sendRtp(pair.trackA, { count: 20 });
    await until(() => attachment.inbound()[0]?.wire?.packets === 20);
    const [stream] = attachment.finalSample().inbound;
    expect(stream?.measured).toBeUndefined();
    expect(stream).toMatchObject({ format: { name: "opus" }, stack: { packetsReceived: 20 } });
    expect(attachment.capabilities.missing).toContain("packet-sink");
  });

  it("gives the credentials by which a dialog knows it", async () => {
    const pair = newPair();
    const { attachment } = probe(pair.a);
    await connect(pair);
    const sdp = pair.a.localDescription?.sdp ?? "";
    const { ufrag, pwd } = attachment.iceCredentials() ?? {};
    expect(sdp).toContain(`a=ice-ufrag:${String(ufrag)}\r\n`);
    expect(sdp).toContain(`a=ice-pwd:${String(pwd)}\r\n`);
  });

  it("watches each transport where media are not bundled", async () => {
    const options = { bundlePolicy: "disable" } as const;
    const pair = newPair({ a: options, b: options });
    const extra = audioTrack();
    pair.a.addTransceiver(extra, { direction: "sendrecv" });
    pair.b.addTransceiver("audio", { direction: "recvonly" });
    const at = probe(pair.b);
    await connect(pair);
    expect(at.attachment.handshakes()).toHaveLength(2);
    await Promise.all([sendRtp(pair.trackA, { count: 15 }), sendRtp(extra, { count: 10 })]);
    await until(() => arrived(at) === 25);
    const counts = at.attachment.inbound().map(({ measured }) => measured?.packetsReceived);
    expect(counts).toEqual([15, 10]);
    const ports = at.attachment.inbound().map(({ measured }) => measured?.destination.port);
    expect(new Set(ports).size).toBe(2);
  });

  it("counts data channels, of which the closed ones leave the statistics", async () => {
    const [a, b] = [newPeer(), newPeer()];
    const channel = a.createDataChannel("chat");
    const [atA, atB] = [probe(a), probe(b)];
    let received = 0;
    b.onDataChannel.subscribe((there) => {
      there.onMessage.subscribe(() => {
        received += 1;
        there.send("ok");
      });
    });
    await negotiate(a, b);
    await until(() => channel.readyState === "open");
    for (let i = 0; i < 20; i += 1) channel.send(Buffer.alloc(1000));
    await until(() => received === 20 && channel.messagesReceived === 20);
    const expected = {
      messagesSent: 20,
      bytesSent: 20_000,
      messagesReceived: 20,
      bytesReceived: 40,
    };
    expect(atA.attachment.finalSample().totals.dataChannels).toMatchObject(expected);
    channel.close();
    await until(() => channel.readyState === "closed");
    const after = [...(await a.getStats()).values()].map(({ type }) => type as string);
    expect(after).not.toContain("data-channel");
    expect(atA.attachment.finalSample().totals.dataChannels).toMatchObject({
      ...expected,
      opened: 1,
      closed: 1,
    });
    expect(atB.attachment.totals().dataChannels.bytesReceived).toBe(20_000);
    // Over DTLS, but on the same wire.
    expect(atB.attachment.totals().wire.bytesReceived).toBeGreaterThan(20_000);
  });

  it("reads the same from the cheap collectors as from whole reports", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    const whole = newPeerView(pair);
    await connect(pair);
    await Promise.all([sendRtp(pair.trackA, { count: 20 }), sendRtp(pair.trackB, { count: 25 })]);
    await until(() => arrived(at) === 25);
    await until(() => (at.attachment.outbound()[0]?.reported?.reports ?? 0) > 0);
    const counters = whole.wheel.counters.full;
    await until(() => whole.wheel.counters.full > counters + 1);
    const cheap = at.attachment.finalSample();
    expect(cheap.inbound[0]?.stack).toEqual(whole.attachment.inbound()[0]?.stack);
    const remote = cheap.outbound[0]?.stack?.remote;
    expect(remote).toBeDefined();
    expect(whole.attachment.outbound()[0]?.stack).toMatchObject({ packetsSent: 20, remote });
  });
});

/** The same connection seen by a probe that finds nothing but `getStats`. */
function newPeerView({ a }: Pair): Pick<Probe, "attachment" | "wheel"> {
  const wheel = newWheel();
  const bare = { getStats: () => a.getStats() };
  const attachment = attachPeerConnection(bare, { sink: undefined, wheel, clock });
  atEnd(() => {
    attachment.detach();
  });
  return { attachment, wheel };
}

describe("a connection that lacks what is looked for", () => {
  it("costs what it lacks and throws nothing", () => {
    const wheel = newWheel();
    const errors: unknown[] = [];
    const attachment = attachPeerConnection(
      {},
      { sink: undefined, wheel, clock, onError: (error) => errors.push(error) },
    );
    expect(attachment.capabilities.present).toEqual([]);
    expect(attachment.capabilities.missing).toEqual(
      expect.arrayContaining(["connection-state", "statistics", "data-channels", "packet-sink"]),
    );
    expect(attachment.finalSample()).toMatchObject({ state: "new", inbound: [], outbound: [] });
    expect(attachment.iceCredentials()).toBeUndefined();
    attachment.detach();
    expect(errors).toEqual([]);
  });

  it("still gives streams and wire bytes by getStats alone", async () => {
    const pair = newPair();
    const whole = newPeerView(pair);
    await connect(pair);
    await Promise.all([sendRtp(pair.trackA, { count: 12 }), sendRtp(pair.trackB, { count: 9 })]);
    await until(() => whole.attachment.inbound()[0]?.stack?.packetsReceived === 9);
    await until(() => whole.attachment.totals().wire.packetsSent >= 12);
    await until(() => whole.attachment.outbound()[0]?.stack?.packetsSent === 12);
    expect(whole.attachment.totals().payload).toMatchObject({
      packetsSent: 12,
      packetsReceived: 9,
    });
  });

  it("may lack hooks of its transports alone", async () => {
    const pair = newPair();
    const bare = {
      connectionStateChange: pair.b.connectionStateChange,
      dtlsTransports: [{ state: "new", id: "bare" }],
    };
    const wheel = newWheel();
    const attachment = attachPeerConnection(bare, { sink: undefined, wheel, clock });
    expect(attachment.capabilities.present).toEqual(["connection-state"]);
    expect(attachment.capabilities.missing).toEqual(
      expect.arrayContaining(["inbound-packets", "received-rtcp", "sent-rtcp", "dtls-outcome"]),
    );
    await connect(pair);
    expect(attachment.handshakes()).toEqual([]);
    attachment.detach();
  });
});

describe("a probe whose every callback throws", () => {
  it("changes nothing for the call, and leaves nothing behind", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const thrown = (): never => {
      throw new Error("the probe's own");
    };
    const sink: PacketSink = {
      openFlow: thrown,
      closeFlow: thrown,
      setPayloads: thrown,
      packet: thrown,
      rtcpSeen: thrown,
      drain: thrown,
      streams: thrown,
    };
    let isBad = false;
    let told = 0;
    const badClock = (): number => (isBad ? thrown() : clock());
    const before = footprint(pair.b);
    const attachment = attachPeerConnection(pair.b, {
      sink,
      wheel: newWheel(),
      clock: badClock,
      onEvent: thrown,
      onError: () => {
        told += 1;
        thrown();
      },
    });
    isBad = true;
    await connect(pair, { relay });
    await Promise.all([sendRtp(pair.trackA, { count: 40 }), sendRtp(pair.trackB, { count: 40 })]);
    const seen = async (): Promise<unknown[]> =>
      [...(await pair.b.getStats()).values()]
        .filter(({ type }) => type === "inbound-rtp" || type === "outbound-rtp")
        .map((entry) => {
          const { packetsReceived, packetsSent } = entry as unknown as Record<string, unknown>;
          return packetsReceived ?? packetsSent;
        });
    await until(() => relay.count("ba", "rtp").packets === 40);
    await expect.poll(seen, { timeout: 15_000 }).toEqual([40, 40]);
    expect(told).toBeGreaterThan(40);
    attachment.detach();
    expect(footprint(pair.b)).toMatchObject({ connectionState: before["connectionState"] });
    expect(Object.hasOwn(pair.b.dtlsTransports[0] ?? {}, "sendRtcp")).toBe(false);
    await pair.b.close();
  });

  it("may be asynchronous and be rejected", async () => {
    const peer = newPeer();
    const errors: unknown[] = [];
    const attachment = attachPeerConnection(peer, {
      sink: undefined,
      wheel: newWheel(),
      clock,
      onEvent: () => Promise.reject(new Error("later")) as never,
      onError: (error) => errors.push(error),
    });
    peer.connectionStateChange.execute("connecting");
    // Once or more: a poll finds that the connection itself says otherwise, which is told as well.
    await until(() => errors.length > 0);
    attachment.detach();
  });

  it("cannot make getStats that hangs or throws hold up the others", async () => {
    const events: MediaEvent[] = [];
    const wheel = new PollWheel({ clock, periodMs: 20, slots: 2, timeoutMs: 40, fullEvery: 1 });
    const options = { sink: undefined, wheel, clock, onEvent: (e: MediaEvent) => events.push(e) };
    const pair = newPair();
    Reflect.set(pair.a, "getStats", () => new Promise(() => undefined));
    const bad = {
      getStats: () => {
        throw new Error("its own");
      },
    };
    const attachments = [pair.a, pair.b, bad].map((pc) => attachPeerConnection(pc, options));
    await connect(pair);
    await sendRtp(pair.trackA, { count: 30 });
    await until(() => attachments[1]?.inbound()[0]?.stack?.packetsReceived === 30);
    await until(() => attachments[0]?.outbound()[0]?.stack?.packetsSent === 30);
    expect(wheel.counters.timeouts).toBeGreaterThan(0);
    expect(wheel.counters.failures).toBeGreaterThan(0);
    for (const attachment of attachments) attachment.detach();
    expect(wheel.inFlight).toBe(0);
  });
});

describe("attaching and detaching over and over", () => {
  it("leaves no listener and no memory on one real connection, however often", async () => {
    const pair = newPair();
    await connect(pair);
    const before = footprint(pair.a);
    const wheel = newWheel();
    const round = (): void => {
      attachPeerConnection(pair.a, { sink: undefined, wheel, clock }).detach();
    };
    expectNothingKept(2000, round);
    expect(footprint(pair.a)).toEqual(before);
    expect(wheel.size).toBe(0);
  }, 180_000);

  it("lets sixty connections go that were attached until they closed", async () => {
    const wheel = newWheel();
    const peers: WeakRef<object>[] = [];
    let closed = 0;
    const onEvent = ({ kind }: MediaEvent): void => {
      if (kind === "closed") closed += 1;
    };
    const round = async (): Promise<void> => {
      const config = { ...LOOPBACK, codecs: { audio: [codec(OPUS)], video: [] } };
      const pcs = [new RTCPeerConnection(config), new RTCPeerConnection(config)] as const;
      for (const pc of pcs) {
        pc.addTransceiver("audio");
        keepLocal(pc);
        attachPeerConnection(pc, { sink: undefined, wheel, clock, onEvent });
        peers.push(new WeakRef(pc));
      }
      await negotiate(...pcs);
      await connected(...pcs);
      await Promise.all(pcs.map((pc) => pc.close()));
    };
    for (let i = 0; i < 5; i += 1) await Promise.all(Array.from({ length: 6 }, round));
    expect(closed).toBe(60);
    expect(wheel.size).toBe(0);
    await until(() => {
      collectGarbage();
      return peers.filter((peer) => peer.deref() !== undefined).length <= 2;
    });
  }, 40_000);
});
