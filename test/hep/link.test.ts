import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import { encodeHep } from "../../src/hep/codec.js";
import { parseCollector } from "../../src/hep/collector.js";
import { HepLink } from "../../src/hep/link.js";
import { describePeer } from "../support/peer.js";
import { type Receiver, streamReceiver, udpReceiver } from "./support/receivers.js";

const LIMIT = { timeout: 20_000 };

// Peers and sockets share the machine with other tests.
vi.setConfig({ testTimeout: 60_000 });

function packet(number: number, bytes = 1000): Uint8Array {
  const encoded = encodeHep({ agentId: number, payload: Buffer.alloc(bytes) });
  if (encoded === undefined) throw new Error("too long");
  return encoded;
}

const numbers = ({ packets }: Receiver): (number | undefined)[] =>
  packets.map(({ agentId }) => agentId);

const open: { close(limitMs?: number): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close(0);
});

function kept<One extends { close(limitMs?: number): Promise<void> }>(one: One): One {
  open.push(one);
  return one;
}

const link = (url: string, maxQueueBytes = 1_000_000): HepLink =>
  kept(new HepLink({ collector: parseCollector(url), maxQueueBytes }));

describe("HepLink", () => {
  it.each(["udp", "tcp"])(
    "brings packets over %s, in order, and knows how many",
    async (transport) => {
      const receiver = kept(await (transport === "udp" ? udpReceiver() : streamReceiver()));
      const sender = link(`${transport}://127.0.0.1:${receiver.port}`);
      for (let number = 0; number < 50; number += 1) sender.send(packet(number));
      await sender.flush();
      expect(sender.counters).toEqual({
        sent: 50,
        dropped: 0,
        failures: 0,
        connections: 1,
        queuedBytes: 0,
      });
      await vi.waitFor(() => {
        expect(receiver.packets).toHaveLength(50);
      }, LIMIT);
      expect(numbers(receiver)).toEqual(Array.from({ length: 50 }, (_, number) => number));
    },
  );

  it("does nothing before there is something to send", async () => {
    const sender = link("tcp://127.0.0.1:1");
    await sender.flush();
    expect(sender.counters.failures).toBe(0);
  });

  it("keeps what fits while the collector is away, counts the rest, and delivers when it comes", async () => {
    const placeholder = await streamReceiver();
    const { port } = placeholder;
    await placeholder.close();
    const size = packet(0).length;
    const sender = link(`tcp://127.0.0.1:${port}`, 10 * size);
    for (let number = 0; number < 100; number += 1) sender.send(packet(number));
    expect(sender.counters).toMatchObject({ sent: 0, dropped: 90, queuedBytes: 10 * size });
    await vi.waitFor(() => {
      expect(sender.counters.failures).toBeGreaterThan(1);
    }, LIMIT);
    const receiver = kept(await streamReceiver({ port }));
    await vi.waitFor(() => {
      expect(receiver.packets).toHaveLength(10);
    }, LIMIT);
    expect(sender.counters).toMatchObject({ sent: 10, dropped: 90, connections: 1 });
  });

  it("keeps no more than it may for a collector that reads nothing", async () => {
    const receiver = kept(await streamReceiver());
    receiver.pause();
    const limit = 200_000;
    const sender = link(`tcp://127.0.0.1:${receiver.port}`, limit);
    const total = 5000;
    let most = 0;
    for (let number = 0; number < total; number += 1) {
      sender.send(packet(number));
      most = Math.max(most, sender.counters.queuedBytes);
      if (number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBeLessThanOrEqual(limit);
    expect(sender.counters.dropped).toBeGreaterThan(0);
    receiver.resume();
    await sender.flush();
    const { sent, dropped } = sender.counters;
    expect(sent + dropped).toBe(total);
    await vi.waitFor(() => {
      expect(receiver.packets).toHaveLength(sent);
    }, LIMIT);
  });

  it("connects anew after a connection broke", async () => {
    const receiver = kept(await streamReceiver());
    const sender = link(`tcp://127.0.0.1:${receiver.port}`);
    sender.send(packet(1));
    await vi.waitFor(() => {
      expect(receiver.packets).toHaveLength(1);
    }, LIMIT);
    receiver.hangUp();
    await vi.waitFor(() => {
      expect(sender.counters.failures).toBe(1);
    }, LIMIT);
    sender.send(packet(2));
    await vi.waitFor(() => {
      expect(numbers(receiver)).toEqual([1, 2]);
    }, LIMIT);
    expect(sender.counters).toMatchObject({ sent: 2, dropped: 0, connections: 2 });
  });

  it("goes on sending datagrams after nobody listened", async () => {
    const placeholder = await udpReceiver();
    const { port } = placeholder;
    await placeholder.close();
    const sender = link(`udp://127.0.0.1:${port}`);
    sender.send(packet(1));
    await vi.waitFor(() => {
      sender.send(packet(1));
      expect(sender.counters.failures).toBeGreaterThan(0);
    }, LIMIT);
    const receiver = kept(await udpReceiver(port));
    await vi.waitFor(() => {
      sender.send(packet(2));
      expect(numbers(receiver)).toContain(2);
    }, LIMIT);
  });

  it.each(["udp", "tcp"])(
    "takes a name over %s that is none for a collector that is away",
    async (transport) => {
      const sender = link(`${transport}://collector.invalid:9060`);
      sender.send(packet(1));
      await vi.waitFor(() => {
        expect(sender.counters.failures).toBeGreaterThan(0);
      }, LIMIT);
      await sender.close(0);
      expect(sender.counters).toMatchObject({ sent: 0, dropped: 1 });
    },
  );

  it("drops what comes after it was closed", async () => {
    const receiver = kept(await streamReceiver());
    const sender = link(`tcp://127.0.0.1:${receiver.port}`);
    sender.send(packet(1));
    await sender.close();
    sender.send(packet(2));
    await vi.waitFor(() => {
      expect(numbers(receiver)).toEqual([1]);
    }, LIMIT);
    expect(sender.counters).toMatchObject({ sent: 1, dropped: 1 });
  });
});

describePeer(
  "over TLS, with a certificate of openssl",
  spawnSync("openssl", ["version"]).status === 0,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "mediaprobe-hep-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=IP:127.0.0.1"],
    ]);
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });

    it("HepLink sends to whom it trusts", async () => {
      const receiver = kept(await streamReceiver({ tls }));
      const collector = parseCollector(`tls://127.0.0.1:${receiver.port}`);
      const sender = kept(new HepLink({ collector, tls: { ca: tls.cert }, maxQueueBytes: 10_000 }));
      sender.send(packet(1));
      await vi.waitFor(() => {
        expect(numbers(receiver)).toEqual([1]);
      }, LIMIT);
    });

    it("HepLink sends nothing to whom it does not trust", async () => {
      const receiver = kept(await streamReceiver({ tls }));
      const sender = link(`tls://127.0.0.1:${receiver.port}`);
      sender.send(packet(1));
      await vi.waitFor(() => {
        expect(sender.counters.failures).toBeGreaterThan(0);
      }, LIMIT);
      expect(sender.counters).toMatchObject({ sent: 0, connections: 0 });
      expect(receiver.packets).toEqual([]);
    });
  },
);

describe("parseCollector", () => {
  it.each([
    ["udp://homer.example:9061", { transport: "udp", host: "homer.example", port: 9061 }],
    ["TCP://192.0.2.1", { transport: "tcp", host: "192.0.2.1", port: 9060 }],
    ["tls://[2001:db8::1]:1/", { transport: "tls", host: "2001:db8::1", port: 1 }],
  ])("reads %s", (text, collector) => {
    expect(parseCollector(text)).toEqual(collector);
  });

  it.each([
    "homer:9060",
    "http://homer",
    "udp://",
    "udp://homer:0",
    "udp://homer:65536",
    "udp://a/b",
  ])("refuses %s and says what it should be", (text) => {
    expect(() => parseCollector(text)).toThrow(
      `"${text}" names no collector; write udp://HOST:PORT`,
    );
  });
});
