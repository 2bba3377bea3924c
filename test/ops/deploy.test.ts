/** ops/nginx in front of a real server, and ops/kubernetes held against itself. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseAllDocuments } from "yaml";

import { createProbe, type Probe } from "../../src/probe.js";
import { type ProbeServer, serveProbe } from "../../src/server/server.js";
import { describePeer } from "../support/peer.js";

const textOf = (file: string): string =>
  readFileSync(new URL(`../../ops/${file}`, import.meta.url), "utf8");

const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

describePeer("ops/nginx/metrics.conf", hasNginx, () => {
  let folder: string;
  let probe: Probe;
  let server: ProbeServer;
  let port: number;
  let nginx: ChildProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nginx-"));
    probe = createProbe();
    server = await serveProbe(probe, { port: 0 });
    port = await freePort();
    const location = textOf("nginx/metrics.conf").replace(":9464", `:${server.port}`);
    writeFileSync(join(folder, "metrics.conf"), location);
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; master_process off; pid nginx.pid; error_log stderr;
       events {}
       http {
         access_log off; client_body_temp_path body; proxy_temp_path proxy;
         fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
         server { listen 127.0.0.1:${port}; include metrics.conf; }
       }`,
    );
    nginx = spawn("nginx", ["-p", folder, "-c", "nginx.conf"], { stdio: "ignore" });
    await vi.waitFor(() => answerTo("127.0.0.1"), { timeout: 20_000 });
  }, 60_000);

  afterAll(async () => {
    nginx.kill();
    await once(nginx, "exit");
    await server.close();
    await probe.close();
    rmSync(folder, { recursive: true });
  });

  /** What nginx answers to a request for it from that address. */
  function answerTo(localAddress: string, path = "/metrics"): Promise<[number, string]> {
    return new Promise((resolve, reject) => {
      const request = get({ host: "127.0.0.1", port, path, localAddress }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          resolve([response.statusCode ?? 0, text]);
        });
      });
      request.on("error", reject);
    });
  }

  it("is what nginx takes", () => {
    const { status, stderr } = spawnSync("nginx", ["-t", "-p", folder, "-c", "nginx.conf"], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  });

  it("lets the machine itself scrape", async () => {
    const [status, text] = await answerTo("127.0.0.1");
    expect(status).toBe(200);
    expect(text).toContain("# TYPE voiceserver_active_calls gauge");
  });

  it("answers 403 to an address that is not allowed", async () => {
    const [status, text] = await answerTo("127.0.0.2");
    expect(status).toBe(403);
    expect(text).not.toContain("# TYPE");
  });

  it("lets nothing else through", async () => {
    expect((await answerTo("127.0.0.1", "/calls"))[0]).toBe(404);
  });
});

async function freePort(): Promise<number> {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  taken.close();
  await once(taken, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

type Resource = Readonly<Record<string, unknown>>;

/** What a path of keys leads to; a list is gone through by its first item. */
function at(resource: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const one: unknown = Array.isArray(value) ? value[0] : value;
    return typeof one === "object" && one !== null ? (one as Resource)[key] : undefined;
  }, resource);
}

describe("ops/kubernetes", () => {
  const documents = ["deployment.yaml", "service-monitor.yaml"].flatMap((file) =>
    parseAllDocuments(textOf(`kubernetes/${file}`)),
  );
  const resources = documents.map((document): unknown => document.toJS());
  const ofKind = (kind: string): unknown => resources.find((one) => at(one, "kind") === kind);
  const [deployment, service, policy, monitor] = [
    "Deployment",
    "Service",
    "NetworkPolicy",
    "ServiceMonitor",
  ].map(ofKind);
  const pod = at(deployment, "spec", "template");
  const labels = at(pod, "metadata", "labels");
  const container = at(pod, "spec", "containers");

  it("is YAML without a fault", () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(resources).toHaveLength(4);
  });

  it("selects the pods that it makes, and the service in front of them", () => {
    expect(at(deployment, "spec", "selector", "matchLabels")).toEqual(labels);
    expect(at(service, "spec", "selector")).toEqual(labels);
    expect(at(policy, "spec", "podSelector", "matchLabels")).toEqual(labels);
    expect(at(monitor, "spec", "selector", "matchLabels")).toEqual(
      at(service, "metadata", "labels"),
    );
  });

  it("names one port everywhere, that of a probe's server", () => {
    expect(at(container, "ports")).toEqual([{ name: "metrics", containerPort: 9464 }]);
    expect(at(service, "spec", "ports")).toMatchObject([
      { name: "metrics", targetPort: "metrics" },
    ]);
    expect(at(policy, "spec", "ingress", "ports", "port")).toBe("metrics");
    expect(at(monitor, "spec", "endpoints", "port")).toBe("metrics");
    expect(at(pod, "metadata", "annotations")).toMatchObject({
      "prometheus.io/port": "9464",
      "prometheus.io/path": "/metrics",
    });
  });

  it("asks for liveness and readiness where each is answered", async () => {
    const probe = createProbe();
    const server = await serveProbe(probe, { port: 0 });
    for (const [kind, path] of [
      ["livenessProbe", "/health"],
      ["readinessProbe", "/ready"],
    ] as const) {
      expect(at(container, kind, "httpGet")).toEqual({ path, port: "metrics" });
      expect((await fetch(server.url + path)).status).toBe(200);
    }
    await server.close();
    await probe.close();
  });
});
