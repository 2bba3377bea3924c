import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";

import { departureOf } from "../../src/attach/datagram-send.js";
import type { PacketSink } from "../../src/attach/media-attachment.js";
import { MAX_REMOTES } from "../../src/attach/rtp-seat.js";
import { LiveStack } from "../support/live-stack.js";
import { rtpPacket } from "../support/packets.js";
import { keptPerRound } from "./support/heap.js";
import {
  audioSdp,
  boundSocket,
  closeQuietly,
  portOf,
  transmit,
  type Watch,
  watch,
} from "./support/rtp-line.js";

const packet = (sequenceNumber: number, ssrc = 1): Uint8Array =>
  rtpPacket({ ssrc, sequenceNumber, timestamp: sequenceNumber * 160 });

describe("what is sent", () => {
  const done = (): void => undefined;
  const bytes = Uint8Array.of(1, 2, 3, 4);

  it.each<[string, readonly unknown[], object | undefined]>([
    ["to a port", [bytes, 5000], { bytes, port: 5000 }],
    ["to a port as text", [bytes, "5000", "192.0.2.1"], { port: 5000, address: "192.0.2.1" }],
    ["with a callback", [bytes, 5000, done], { port: 5000, callbackAt: 2 }],
    ["to an address", [bytes, 5000, "192.0.2.1"], { port: 5000, address: "192.0.2.1" }],
    ["to no address", [bytes, 5000, undefined, done], { port: 5000, callbackAt: 3 }],
    ["to all", [bytes, 5000, "192.0.2.1", done], { address: "192.0.2.1", callbackAt: 3 }],
    ["in part", [bytes, 1, 2, 5000], { bytes: bytes.subarray(1, 3), port: 5000 }],
    [
      "in part with all",
      [bytes, 1, 2, 5000, "192.0.2.1", done],
      { bytes: bytes.subarray(1, 3), port: 5000, address: "192.0.2.1", callbackAt: 5 },
    ],
    ["in part, with a callback", [bytes, 0, 1, 5000, done], { port: 5000, callbackAt: 4 }],
    ["to whom it is connected", [bytes], { bytes }],
    ["to whom it is connected, with a callback", [bytes, done], { callbackAt: 1 }],
    ["in part to whom it is connected", [bytes, 2, 2], { bytes: bytes.subarray(2) }],
    ["in part so, with a callback", [bytes, 2, 2, done], { callbackAt: 3 }],
    ["as text", ["\u00e9", 5000], { bytes: Uint8Array.of(0xc3, 0xa9) }],
    ["as a view", [new DataView(bytes.buffer, 1, 2), 5000], { bytes: Uint8Array.of(2, 3) }],
    [
      "in pieces",
      [[bytes, "a", new Uint16Array(1)], 9],
      { bytes: Uint8Array.of(1, 2, 3, 4, 97, 0, 0) },
    ],
    ["as one piece", [[bytes], 9], { bytes }],
    ["as nothing", [[], 9], { bytes: new Uint8Array(0), port: 9 }],
    ["as no bytes", [5000, 9], undefined],
    ["as no bytes among pieces", [[bytes, 7], 9], undefined],
  ])("%s is read as the socket reads it", (_, values, expected) => {
    const departure = departureOf(values);
    if (expected === undefined) expect(departure).toBeUndefined();
    else expect(departure).toMatchObject(expected);
  });

  it("is seen in every form that a real socket takes", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    const attachment = sockets.attach(here);
    const port = portOf(there);
    const arrived: Buffer[] = [];
    there.on("message", (message) => arrived.push(message));
    const padded = Buffer.concat([Buffer.alloc(3), packet(2), Buffer.alloc(5)]);
    let called = 0;
    const callback = (): void => {
      called += 1;
    };
    here.send(packet(0), port, "127.0.0.1");
    here.send([packet(1).subarray(0, 7), packet(1).subarray(7)], port, "127.0.0.1", callback);
    here.send(padded, 3, packet(2).length, port, "127.0.0.1", callback);
    here.send(packet(3), port);
    await expect.poll(() => arrived.length).toBe(4);
    here.connect(port, "127.0.0.1");
    await once(here, "connect");
    here.send(packet(4), callback);
    here.send(padded, 3, packet(2).length, callback);
    await expect.poll(() => arrived.length).toBe(6);
    expect(called).toBe(4);
    const sizes = arrived.map((message) => message.length);
    expect(attachment.traffic).toMatchObject({
      packetsSent: 6,
      bytesSent: sizes.reduce((sum, size) => sum + size, 0),
    });
    expect(attachment.outbound()).toMatchObject([
      { measured: { packetsReceived: 6, packetsDuplicated: 1, destination: { port } } },
    ]);
  });

  it("waits for its socket to be bound, and is counted once", async () => {
    const { sockets } = watch();
    const there = await boundSocket();
    const here = createSocket("udp4");
    const attachment = sockets.attach(here);
    expect(attachment.local).toBeUndefined();
    const arrived = once(there, "message");
    here.send(packet(0), portOf(there), "127.0.0.1");
    expect(attachment.traffic.packetsSent).toBe(0);
    await arrived;
    expect(attachment.traffic.packetsSent).toBe(1);
    expect(attachment.local?.port).toBe(portOf(here));
    closeQuietly(here);
  });

  it("is not seen to have left where the socket throws or fails", async () => {
    const { sockets } = watch();
    const here = await boundSocket();
    const attachment = sockets.attach(here);
    const failure = new Promise((resolve) => {
      here.send(new Uint8Array(70_000), 9, "127.0.0.1", resolve);
    });
    expect(await failure).toMatchObject({ code: "EMSGSIZE" });
    expect(() => {
      here.send(packet(0), 0, "127.0.0.1");
    }).toThrow(RangeError);
    expect(attachment.counters.sendFailures).toBe(2);
    here.send(packet(0), 9, "localhost");
    expect(attachment.counters.sentByName).toBe(1);
    expect(attachment.traffic.packetsSent).toBe(0);
    here.close();
    expect(() => {
      here.send(packet(0), 9, "127.0.0.1");
    }).toThrow(expect.objectContaining({ code: "ERR_SOCKET_DGRAM_NOT_RUNNING" }));
    await once(here, "close");
    expect(sockets.size).toBe(0);
  });
});

describe("remote ends", () => {
  const flood = (socket: Socket, from: number, count: number, packets: number): void => {
    for (let end = from; end < from + count; end += 1) {
      const address = `10.0.${String(end >> 8)}.${String(end & 255)}`;
      for (let at = 0; at < packets; at += 1) {
        socket.emit("message", Buffer.from(packet(at, end)), {
          address,
          port: 4000,
          family: "IPv4",
          size: 172,
        });
      }
    }
  };

  it("are so many at most; made-up ones give way, and true ones stay", async () => {
    const { sockets, engine } = watch();
    const here = await boundSocket();
    const attachment = sockets.attach(here);
    flood(here, 1, 2, 10);
    flood(here, 1000, 5000, 1);
    flood(here, 1, 2, 10);
    expect(attachment.counters.evictedRemotes).toBe(5000 - (MAX_REMOTES - 2));
    const real = attachment
      .inbound()
      .filter(({ measured }) => (measured?.packetsReceived ?? 0) > 4);
    expect(real.map(({ ssrc }) => ssrc)).toEqual([1, 2]);
    flood(here, 100, MAX_REMOTES + 20, 8);
    // Of each that found no room, every packet.
    expect(attachment.counters.refused).toBe(22 * 8);
    expect(engine.counters()).toMatchObject({ refusedFlows: 0, unknownFlow: 0 });
  });
});

/** What host and socket tell each other, without what differs from run to run. */
async function trace(prepare: (here: Socket) => void): Promise<unknown[]> {
  const [here, there] = [createSocket("udp4"), await boundSocket()];
  prepare(here);
  const told: unknown[] = [];
  for (const event of ["listening", "connect", "error", "close", "newListener"]) {
    here.on(event, (value: unknown) => told.push([event, typeof value === "string" ? value : ""]));
  }
  here.on("message", (message, { size }) => told.push(["message", message.toString("hex"), size]));
  here.once("message", function (this: unknown) {
    told.push(["this", this === here]);
  });
  here.send("first", portOf(there), "127.0.0.1", function (this: unknown, ...results: unknown[]) {
    told.push(["sent", results, this === here]);
  });
  await once(here, "listening");
  const result: unknown = Reflect.apply(Reflect.get(here, "send") as () => unknown, here, [
    packet(1),
    portOf(there),
    "127.0.0.1",
  ]);
  told.push(["result", result]);
  there.send(packet(2), portOf(here), "127.0.0.1");
  there.send("x", portOf(here), "127.0.0.1");
  await expect.poll(() => told.filter((one) => (one as unknown[])[0] === "message").length).toBe(2);
  const fault = new Error("the host's own");
  here.once("message", () => {
    throw fault;
  });
  const info = { address: "127.0.0.1", family: "IPv4", port: 9, size: 172 };
  expect(() => here.emit("message", Buffer.from(packet(3)), info)).toThrow(fault);
  for (const values of [[], [7], ["a"], ["a", -1], ["a", 5, {}], [null, 5]]) {
    try {
      Reflect.apply(Reflect.get(here, "send") as () => unknown, here, values);
    } catch (error) {
      told.push([(error as { code?: string }).code, (error as Error).message]);
    }
  }
  here.close();
  await once(here, "close");
  return told;
}

function footprint(socket: Socket): unknown {
  const counts = socket.eventNames().map((name) => [name, socket.listenerCount(name)]);
  return { counts, own: Object.getOwnPropertyNames(socket).sort() };
}

const thrower = (): never => {
  throw new Error("the probe's own");
};

const BAD_SINK: PacketSink = {
  openFlow: thrower,
  closeFlow: thrower,
  setPayloads: thrower,
  packet: thrower,
  rtcpSeen: thrower,
  drain: thrower,
  streams: thrower,
};

describe("a watched socket", () => {
  it("behaves as one that nobody watches", async () => {
    const alone = await trace(() => undefined);
    expect(alone.length).toBeGreaterThan(15);
    const watched = await trace((here) => watch().sockets.attach(here));
    expect(watched).toEqual(alone);
  });

  it("does so where everything of the probe throws", async () => {
    const alone = await trace(() => undefined);
    const { sockets } = watch({
      sink: BAD_SINK,
      clock: thrower,
      decodeRtcp: thrower,
      onError: thrower,
    });
    const attachments: ReturnType<Watch["sockets"]["attach"]>[] = [];
    const watched = await trace((here) => attachments.push(sockets.attach(here)));
    expect(watched).toEqual(alone);
    expect(attachments[0]?.faults).toBeGreaterThan(3);
  });

  it("has no more listeners, and nothing of its own left when it is not watched any more", async () => {
    const { sockets } = watch();
    const here = await boundSocket();
    const before = footprint(here);
    const attachment = sockets.attach(here);
    expect(footprint(here)).toMatchObject({
      counts: (before as { counts: unknown }).counts,
    });
    attachment.detach();
    attachment.detach();
    expect(footprint(here)).toEqual(before);
    sockets.attach(here).detach();
  });

  it("keeps what others put over the hooks when it is not watched any more", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    const attachment = sockets.attach(here);
    const ours: unknown = Reflect.get(here, "send");
    let passed = 0;
    Reflect.set(here, "send", (...values: unknown[]): unknown => {
      passed += 1;
      return Reflect.apply(ours as (...given: unknown[]) => unknown, here, values);
    });
    attachment.detach();
    await transmit(here, there, [packet(0)]);
    expect(passed).toBe(1);
    expect(attachment.traffic.packetsSent).toBe(0);
  });

  it("can be attached but once, and must be a socket", async () => {
    const { sockets } = watch();
    const here = await boundSocket();
    sockets.attach(here);
    expect(() => sockets.attach(here)).toThrow(/attached already.*bind\(\)/);
    expect(() => sockets.attach(null as never)).toThrow("the socket is null");
    expect(() => sockets.attach({ emit: thrower } as never)).toThrow("no function send()");
  });

  it("is told what it can see, with and without an engine", async () => {
    const { sockets } = watch();
    const here = await boundSocket();
    expect(sockets.attach(here).capabilities.missing).toEqual([]);
    const bare = watch({ sink: undefined, decodeRtcp: undefined });
    const [blind, there] = [await boundSocket(), await boundSocket()];
    const attachment = bare.sockets.attach(blind);
    expect(attachment.capabilities.missing).toEqual([
      "packet-sink",
      "received-rtcp",
      "sent-rtcp",
      "extended-reports",
    ]);
    await transmit(there, blind, [packet(0)]);
    expect(attachment.traffic.packetsReceived).toBe(1);
    expect(attachment.inbound()).toEqual([]);
  });
});

describe("12,000 attachments", () => {
  it("leave nothing behind, their calls neither", async () => {
    const { sockets, engine } = watch();
    const here = await boundSocket();
    const info = { address: "127.0.0.1", family: "IPv4", port: 9, size: 172 };
    const before = footprint(here);
    let rounds = 0;
    const keptObjects = keptPerRound(6000, () => {
      const attachment = sockets.attach(here);
      rounds += 1;
      // A call costs a hundred times what an attachment does.
      const stack = rounds % 20 === 0 ? new LiveStack(sockets) : undefined;
      stack?.invite(1, "one", audioSdp(portOf(here)));
      here.emit("message", Buffer.from(packet(rounds)), info);
      stack?.calls.close(2);
      if (stack !== undefined) expect(stack.told[0]?.streams).toHaveLength(1);
      attachment.detach();
    });
    expect(footprint(here)).toEqual(before);
    expect(sockets.size).toBe(0);
    // An attachment that was left would be dozens, and a twentieth of a call some.
    expect(keptObjects).toBeLessThan(0.1);
    // One packet of a flow without a description is no stream yet.
    expect(engine.counters()).toMatchObject({ rtp: 600, unconfirmedRtp: 11_400, refusedFlows: 0 });
  }, 60_000);
});
