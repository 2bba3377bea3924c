/**
 * A real Prometheus scrapes a real endpoint: it finds every family, with its type and its numbers.
 *
 * @module
 */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { CONTENT_TYPES, expositionInSlices } from "../../src/metrics/exposition.js";
import { ProbeMetrics } from "../../src/metrics/probe-metrics.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { describePeer } from "../support/peer.js";
import { everyFamily } from "../support/every-family.js";

const prometheus = process.env["PROMETHEUS"] ?? "prometheus";
const available = spawnSync(prometheus, ["--version"]).status === 0;

/** A port that was free a moment ago: Prometheus takes none to choose for itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describePeer("Prometheus, scraping", available, () => {
  const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
  const recorder = new Recorder();
  const metrics = new ProbeMetrics(recorder, {
    clock: () => 1_790_000_000_000,
    version: "1.2.3",
    counters: () => ({}),
  });
  let scraped: Server;
  let peer: ChildProcess;
  let api = "";

  beforeAll(async () => {
    everyFamily(recorder);
    scraped = createServer((_, response) => {
      response.setHeader("content-type", CONTENT_TYPES.prometheus);
      void (async () => {
        for await (const slice of expositionInSlices(recorder)) response.write(slice);
        response.end();
      })();
    });
    await new Promise<void>((resolve) => scraped.listen(0, "127.0.0.1", resolve));
    const target = `127.0.0.1:${(scraped.address() as AddressInfo).port}`;
    const config = join(folder, "prometheus.yml");
    writeFileSync(
      config,
      `scrape_configs: [{job_name: probe, scrape_interval: 1s, static_configs: [{targets: ["${target}"]}]}]`,
    );
    const listen = `127.0.0.1:${await freePort()}`;
    api = `http://${listen}/api/v1`;
    peer = spawn(
      prometheus,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${listen}`,
      ],
      { stdio: "ignore" },
    );
    for (let i = 0; i < 300 && (await query("up == 1")).length === 0; i += 1) await wait(100);
  }, 60_000);

  afterAll(() => {
    metrics.close();
    peer.kill();
    scraped.close();
    scraped.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Found {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }

  async function get(path: string): Promise<unknown> {
    const response = await fetch(`${api}/${path}`);
    return ((await response.json()) as { readonly data: unknown }).data;
  }

  async function query(expression: string): Promise<readonly Found[]> {
    try {
      const data = await get(`query?query=${encodeURIComponent(expression)}`);
      return (data as { readonly result?: readonly Found[] }).result ?? [];
    } catch {
      // It is not up yet.
      return [];
    }
  }

  it("finds every family of the catalogue with its type", async () => {
    const data = await get("metadata?limit=10000");
    const types = Object.fromEntries(
      Object.entries(data as Record<string, readonly { readonly type: string }[]>).map(
        ([name, [one]]) => [name, one?.type],
      ),
    );
    const declared = Object.entries(CATALOGUE).map(([name, { type }]) => [name, type]);
    expect(types).toEqual(Object.fromEntries(declared));
  });

  it("has numbers of every family", async () => {
    const names = (await get("label/__name__/values")) as readonly string[];
    const missing = Object.entries(CATALOGUE).filter(([name, { type }]) => {
      const line = type === "histogram" || type === "summary" ? `${name}_count` : name;
      return !names.includes(line);
    });
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it("reads the numbers that were recorded", async () => {
    const active = await query('voiceserver_active_calls{transport="sip"}');
    expect(active.map(({ value }) => value[1])).toEqual(["1"]);
    const [rtt] = await query("sum(rtp_call_rtt_seconds_sum) / sum(rtp_call_rtt_seconds_count)");
    expect(rtt?.value[1]).toBe("1");
  });
});
