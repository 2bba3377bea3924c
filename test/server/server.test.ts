import { createServer, get as httpGet, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { Counter, Histogram, Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";

import { MetricRegistry } from "../../src/metrics/metric-registry.js";
import { createProbe, type Probe } from "../../src/probe.js";
import type { ProbeOptions } from "../../src/probe/options.js";
import { Access } from "../../src/server/access.js";
import { probeHandler } from "../../src/server/handler.js";
import { type ProbeServer, type ServeOptions, serveProbe } from "../../src/server/server.js";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(
  options: ServeOptions = {},
  probeOptions: ProbeOptions = {},
): Promise<{ readonly server: ProbeServer; readonly probe: Probe }> {
  const probe = createProbe(probeOptions);
  const server = await serveProbe(probe, { port: 0, ...options });
  cleanups.push(() => server.close().then(() => probe.close()));
  return { server, probe };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(
  url: string,
  { headers = {}, method = "GET" }: { headers?: Record<string, string>; method?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    httpGet(url, { headers, method, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const { statusCode: status = 0, headers: got } = response;
        resolve({ status, headers: got, body: Buffer.concat(parts) });
      });
    }).on("error", reject);
  });
}

/** Of a path that is sent just as it is written. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpGet({ port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

const json = ({ body }: Answer): unknown => JSON.parse(body.toString());

describe("/metrics", () => {
  it("is the text format of Prometheus, and OpenMetrics for who asks for it", async () => {
    const { server } = await serve();
    const plain = await ask(`${server.url}/metrics`);
    expect(plain.status).toBe(200);
    expect(plain.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(plain.body.toString()).toContain("# TYPE sip_bye_total counter");
    const accept = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.5";
    const open = await ask(`${server.url}/metrics`, { headers: { accept } });
    expect(open.headers["content-type"]).toMatch(/^application\/openmetrics-text/);
    expect(open.body.toString()).toMatch(/# EOF\n$/);
  });

  it("is compressed for who takes that, and has no body for HEAD", async () => {
    const { server } = await serve();
    const plain = await ask(`${server.url}/metrics`);
    const headers = { "accept-encoding": "gzip" };
    const packed = await ask(`${server.url}/metrics`, { headers });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(packed.body.length).toBeLessThan(plain.body.length / 3);
    expect(gunzipSync(packed.body).toString()).toContain("sip_invite_result_total");
    const refused = await ask(`${server.url}/metrics`, {
      headers: { "accept-encoding": "gzip;q=0" },
    });
    expect(refused.headers["content-encoding"]).toBeUndefined();
    const head = await ask(`${server.url}/metrics`, { method: "HEAD" });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  describe("of a registry that never comes to its end", () => {
    /** A host's metric that is waited for in vain. */
    const hanging = (): Registry => {
      const registry = new Registry();
      new Counter({
        name: "host_total",
        help: "Host.",
        registers: [registry],
        collect: () => new Promise(() => undefined),
      });
      return registry;
    };
    const body = (url: string, headers: Record<string, string> = {}): Promise<string> =>
      fetch(`${url}/metrics`, { headers }).then((answer) => answer.text());

    it("is cut off, by its own limit or by that of the Prometheus that asks", async () => {
      const limited = await serve({ scrapeTimeoutMs: 50 }, { registry: hanging() });
      await expect(body(limited.server.url)).rejects.toThrow(TypeError);
      const { server } = await serve({ scrapeTimeoutMs: Infinity }, { registry: hanging() });
      const asking = { "x-prometheus-scrape-timeout-seconds": "0.05" };
      await expect(body(server.url, asking)).rejects.toThrow(TypeError);
    });

    it("leaves others alone", async () => {
      const { server } = await serve({ scrapeTimeoutMs: Infinity });
      for (const seconds of ["10", "0", "soon"]) {
        const headers = { "x-prometheus-scrape-timeout-seconds": seconds };
        expect(await body(server.url, headers)).toContain("# TYPE sip_bye_total counter");
      }
    });
  });

  it.each([0, -1, Number.NaN])("is not served with a limit of %d", async (scrapeTimeoutMs) => {
    await expect(serve({ scrapeTimeoutMs })).rejects.toThrow(
      `scrapeTimeoutMs is ${String(scrapeTimeoutMs)}; it must be above 0`,
    );
  });

  it("takes no other method than GET and HEAD", async () => {
    const { server } = await serve();
    const posted = await ask(`${server.url}/metrics`, { method: "POST" });
    expect([posted.status, posted.headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  it("holds what else is in the host's registry", async () => {
    const registry = new Registry();
    new Counter({ name: "host_things_total", help: "Things.", registers: [registry] }).inc(3);
    const { server } = await serve({}, { registry });
    const { body } = await ask(`${server.url}/metrics`);
    expect(body.toString()).toMatch(/^host_things_total 3$/m);
    expect(body.toString()).toMatch(/^# TYPE sip_bye_total counter$/m);
    expect(body.toString().match(/^# TYPE sip_bye_total /gm)).toHaveLength(1);
  });

  it("has the default labels of the host's registry on every line, as that itself has", async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ app: 'a"b', direction: "none" });
    const { server, probe } = await serve({}, { registry });
    const metrics = new MetricRegistry(probe.recorder);
    metrics.incCounter("host_things_total", "Things.", { kind: ',app="x"} 1' });
    const lines = (text: string): string[] =>
      text
        .split("\n")
        .filter((line) => /^(?:sip_|host_|recording_jobs_running)/.test(line))
        .sort();
    const scraped = lines((await ask(`${server.url}/metrics`)).body.toString());
    expect(scraped).toEqual(lines(await registry.metrics()));
    expect(scraped).toContain('recording_jobs_running{app="a\\"b",direction="none"} 0');
    const headers = { accept: "application/openmetrics-text" };
    const open = await ask(`${server.url}/metrics`, { headers });
    expect(lines(open.body.toString())).toEqual(scraped);
  });

  it("is one format, though the host has its registry write the other", async () => {
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    registry.setDefaultLabels({ app: "mine" });
    const facts = { help: "Mine.", registers: [registry], enableExemplars: true };
    const exemplarLabels = { trace: "1" };
    new Counter({ name: "host_things_total", ...facts }).inc({ value: 3, exemplarLabels });
    const seconds = new Histogram({ name: "host_seconds", ...facts, buckets: [1] });
    seconds.observe({ labels: {}, value: 0.5, exemplarLabels });
    const { server } = await serve({}, { registry });
    const scrape = async (): Promise<string> =>
      (await ask(`${server.url}/metrics`)).body.toString();
    const first = await scrape();
    expect(first).toMatch(/^# TYPE host_things_total counter$/m);
    expect(first).toMatch(/^host_things_total\{app="mine"\} 3$/m);
    expect(first).toMatch(/^host_seconds_bucket\{le="1",app="mine"\} 1$/m);
    // prom-client has another name for the counter once it was asked for OpenMetrics.
    expect(await registry.metrics()).toMatch(/^# TYPE host_things counter$/m);
    expect((await scrape()).match(/^.*host_things.*$/gm)).toEqual(
      first.match(/^.*host_things.*$/gm),
    );
  });

  it("is not there when metrics are off, and can be switched while it runs", async () => {
    let isMetricsEnabled = false;
    const { server } = await serve({ isMetricsEnabled: () => isMetricsEnabled });
    expect((await ask(`${server.url}/metrics`)).status).toBe(404);
    isMetricsEnabled = true;
    expect((await ask(`${server.url}/metrics`)).status).toBe(200);
  });
});

describe("/health and /ready", () => {
  it("answer under all their names, GET and HEAD alone", async () => {
    const { server } = await serve();
    for (const path of [
      ...["/health", "/healthz", "/api/v1/health"],
      ...["/ready", "/readyz", "/api/v1/ready"],
    ]) {
      const answer = await ask(server.url + path, { headers: { "x-request-id": "abc-1" } });
      expect([path, answer.status, json(answer)]).toEqual([
        path,
        200,
        { data: { status: "ok" }, meta: { requestId: "abc-1" } },
      ]);
      expect((await ask(server.url + path, { method: "HEAD" })).status).toBe(200);
      const posted = await ask(server.url + path, { method: "POST" });
      expect([posted.status, posted.headers.allow]).toEqual([405, "GET, HEAD"]);
    }
  });

  it("say 503 when a check fails, throws, or takes too long, and which", async () => {
    const { server } = await serve({
      checkTimeoutMs: 50,
      checks: {
        redis: () => Promise.reject(new Error("connection refused")),
        disk: () => false,
        slow: () => new Promise(() => undefined),
        fine: () => Promise.resolve(),
      },
    });
    const answer = await ask(`${server.url}/ready`);
    expect(answer.status).toBe(503);
    expect(json(answer)).toMatchObject({
      data: {
        status: "unavailable",
        checks: {
          redis: { status: "failed", reason: "connection refused" },
          disk: { status: "failed" },
          slow: { status: "timeout" },
          fine: { status: "ok" },
        },
      },
    });
    expect((await ask(`${server.url}/health`)).status).toBe(200);
  });

  it("say 503 while draining", async () => {
    const { server } = await serve();
    server.drain();
    expect((await ask(`${server.url}/ready`)).status).toBe(503);
    expect((await ask(`${server.url}/health`)).status).toBe(200);
  });
});

describe("who may ask", () => {
  it("needs the credentials that were set, for all but health", async () => {
    const { server } = await serve({
      bearerToken: "secret",
      basic: { user: "prometheus", password: "pass:word" },
    });
    const bare = await ask(`${server.url}/calls`);
    expect([bare.status, bare.headers["www-authenticate"]]).toEqual([
      401,
      'Basic realm="mediaprobe", charset="UTF-8"',
    ]);
    const basic = `Basic ${Buffer.from("prometheus:pass:word").toString("base64")}`;
    for (const [authorization, status] of [
      ["Bearer secret", 200],
      ["Bearer secre", 401],
      ["Bearer secret2", 401],
      [basic, 200],
      ["Basic cHJvbWV0aGV1czo=", 401],
    ] as const) {
      const answer = await ask(`${server.url}/metrics`, { headers: { authorization } });
      expect([authorization, answer.status]).toEqual([authorization, status]);
    }
    expect((await ask(`${server.url}/health`)).status).toBe(200);
  });

  it("is nobody from outside unless somebody guards the address", async () => {
    const probe = createProbe();
    await expect(serveProbe(probe, { host: "0.0.0.0", port: 0 })).rejects.toThrow(
      /host is 0\.0\.0\.0, .* Give bearerToken, basic or allow/,
    );
    const server = await serveProbe(probe, { host: "0.0.0.0", port: 0, allow: ["192.0.2.0/24"] });
    cleanups.push(() => server.close().then(() => probe.close()));
    // Loopback always may.
    expect((await ask(`http://127.0.0.1:${server.port}/calls`)).status).toBe(200);
    await expect(
      serveProbe(probe, { host: "0.0.0.0", port: 0, allow: ["everyone"] }),
    ).rejects.toThrow(RangeError);
  });

  it("is no web page whose name was made to lead here, but who asks for this machine", async () => {
    const { server } = await serve();
    const statusFor = async (host: string, path: string): Promise<number> =>
      (await ask(`${server.url}${path}`, { headers: { host } })).status;
    for (const path of ["/calls", "/calls/1", "/calls/1/ladder", "/events", "/"]) {
      expect([path, await statusFor("evil.example:9464", path)]).toEqual([path, 403]);
    }
    const { body } = await ask(`${server.url}/calls`, { headers: { host: "evil.example" } });
    expect(body.toString()).toMatch(/asks for evil\.example\. Ask for localhost .* in hosts\./);
    for (const host of [
      "127.0.0.1:80",
      "[::1]:9464",
      "LOCALHOST:1",
      "probe.localhost.",
      "10.0.0.1",
    ]) {
      expect([host, await statusFor(host, "/calls")]).toEqual([host, 200]);
    }
    // Names of callers are in none of these.
    for (const path of ["/metrics", "/health", "/ready"]) {
      expect(await statusFor("host.docker.internal:9464", path)).toBe(200);
    }
  });

  it.each<[string, ServeOptions]>([
    ["is named", { hosts: ["Probe.example"] }],
    ["has the page asked for credentials", { basic: { user: "a", password: "b" } }],
    ["is that of a server that others reach", { host: "0.0.0.0", isOpenToAll: true }],
  ])("is who asks under a name that %s", async (_, options) => {
    const { server } = await serve(options);
    const headers = { host: "probe.example:9464", authorization: "Basic YTpi" };
    const url = `http://127.0.0.1:${server.port}/calls`;
    expect((await ask(url, { headers })).status).toBe(200);
  });

  it("is told by HTTP/2 under which name it asks, too", () => {
    const access = new Access({ hosts: ["probe.example"] });
    const foreign = (headers: Parameters<Access["foreignName"]>[0]["headers"]) =>
      access.foreignName({ headers, socket: {} });
    expect(foreign({ ":authority": "evil.example:9464" })).toBe("evil.example:9464");
    expect(foreign({ ":authority": "probe.example" })).toBeUndefined();
    expect(foreign({})).toBeUndefined();
  });

  it("names the scheme of its credentials in any case, as RFC 9110 §11.1 has it", () => {
    const access = new Access({ bearerToken: "Secret", basic: { user: "a", password: "b" } });
    const status = (authorization: string): number | undefined =>
      access.refusal({ headers: { authorization }, socket: {} })?.status;
    for (const known of ["bearer Secret", "BEARER  Secret", "basic YTpi", "Basic YTpi"]) {
      expect(status(known)).toBeUndefined();
    }
    for (const unknown of ["bearer secret", "Secret", "Basic Secret", "bearerSecret", "Bearer "]) {
      expect(status(unknown)).toBe(401);
    }
  });

  it("is turned away from an address that is not allowed", () => {
    const access = new Access({ allow: ["192.0.2.0/24"] });
    const from = (remoteAddress: string): number | undefined =>
      access.refusal({ headers: {}, socket: { remoteAddress } })?.status;
    expect(from("192.0.2.7")).toBeUndefined();
    expect(from("::ffff:192.0.2.7")).toBeUndefined();
    expect(from("::1")).toBeUndefined();
    expect(from("198.51.100.1")).toBe(403);
    expect(from("2001:db8::1")).toBe(403);
  });
});

describe("/events", () => {
  it("is not to be compressed on its way, which holds events back", async () => {
    const { server } = await serve();
    const { headers } = await ask(`${server.url}/events`, { method: "HEAD" });
    expect(headers["cache-control"]).toBe("no-store, no-transform");
    expect(headers["x-accel-buffering"]).toBe("no");
  });
});

describe("the rest", () => {
  it("is 404, and 404 for calls that are not known", async () => {
    const { server } = await serve();
    expect((await ask(`${server.url}/nothing`)).status).toBe(404);
    expect((await ask(`${server.url}/calls/a%40b`)).status).toBe(404);
    expect((await ask(`${server.url}/calls/%ZZ`)).status).toBe(404);
    expect(json(await ask(`${server.url}/calls`))).toEqual({
      schema: "mediaprobe.calls/1",
      calls: [],
    });
  });

  it("goes to the host's own routes where the handler is only a part of a server", async () => {
    const probe = createProbe();
    const handler = probeHandler(probe, { prefix: "/probe" });
    const server = createServer((request, response) => {
      handler(request, response, () => {
        response.writeHead(418).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(async () => {
      handler.close();
      await new Promise((resolve) => server.close(resolve));
      await probe.close();
    });
    const { port } = server.address() as AddressInfo;
    expect((await ask(`http://127.0.0.1:${port}/probe/metrics`)).status).toBe(200);
    expect((await ask(`http://127.0.0.1:${port}/metrics`)).status).toBe(418);
  });

  it.each(["//host/metrics", "/\\\\host/metrics", "/a/../metrics", "//health", "/%2e/metrics"])(
    "is not reached by %s, which a guard of the host's does not know",
    async (path) => {
      const { server } = await serve({ page: () => "<!doctype html>" });
      expect(await statusOf(server.port, path)).toBe(404);
    },
  );

  it("is reached by its path, and by a whole URL as a proxy asks for it", async () => {
    const { server } = await serve();
    expect(await statusOf(server.port, "/metrics?a=1")).toBe(200);
    expect(await statusOf(server.port, "http://media.example/metrics")).toBe(200);
    expect(await statusOf(server.port, "http://media.example")).toBe(200);
  });

  it("moves from a busy port where it may", async () => {
    const { server, probe } = await serve();
    await expect(serveProbe(probe, { port: server.port })).rejects.toThrow(/EADDRINUSE/);
    const second = await serveProbe(probe, { port: server.port, moveFromBusyPort: true });
    cleanups.push(() => second.close());
    expect(second.port).not.toBe(server.port);
  });
});
