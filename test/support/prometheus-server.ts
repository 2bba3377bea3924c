/**
 * A real Prometheus that scrapes a page of ours.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

import { endChild } from "./end-child.js";

const prometheus = process.env["PROMETHEUS"] ?? "prometheus";

/** Whether it can be run here. */
export const hasPrometheus: boolean = spawnSync(prometheus, ["--version"]).status === 0;

/** One series of an answer. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [atSeconds: number, value: string];
}

/** A server that scrapes every half second. */
export interface PrometheusServer {
  /** @throws {Error} If the query is refused. */
  query(expression: string): Promise<QueryResult[]>;
  /** Waits for so many scrapes. */
  scraped(times: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts one. @param page What it scrapes, as it is then. */
export async function startPrometheus(page: () => string): Promise<PrometheusServer> {
  let scrapes = 0;
  const target = createServer((_, response) => {
    scrapes += 1;
    response.setHeader("Content-Type", "text/plain; version=0.0.4").end(page());
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
  const { port } = target.address() as AddressInfo;
  writeFileSync(
    join(folder, "prometheus.yml"),
    `global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:
  - job_name: mediaprobe
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]
`,
  );
  const child = spawn(
    prometheus,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      "--web.listen-address=127.0.0.1:0",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const url = await listeningAt(child.stderr);
  child.stderr.resume();
  return {
    async query(expression) {
      const body = new URLSearchParams({ query: expression });
      const response = await fetch(`${url}/api/v1/query`, { method: "POST", body });
      const answer = (await response.json()) as {
        readonly error?: string;
        readonly data?: { readonly result: QueryResult[] };
      };
      if (answer.data === undefined)
        throw new Error(`${expression}: ${answer.error ?? "no answer"}`);
      return answer.data.result;
    },
    async scraped(times) {
      for (const enough = scrapes + times; scrapes < enough;) await wait(20);
    },
    async close() {
      await endChild(child);
      target.closeAllConnections();
      target.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listeningAt(log: Readable): Promise<string> {
  let text = "";
  // Left open: a program that finds nobody at the other end of its log is ended by that.
  for await (const chunk of log.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const address = /msg="Listening on" address=(\S+)/.exec(text)?.[1];
    if (address !== undefined && text.includes("ready to receive")) return `http://${address}`;
  }
  throw new Error(`Prometheus did not start: ${text}`);
}
