import { once } from "node:events";
import { createServer, get, type IncomingMessage, type RequestListener } from "node:http";
import { Readable } from "node:stream";
import express from "express";
import { fastify } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";

import { GatewayMetrics, REJECTION_STATUS } from "../../../src/metrics/host/gateway-metrics.js";
import { register } from "../../../src/metrics/prometheus.js";
import { Recorder } from "../../../src/metrics/recorder.js";
import { moved, numberOf } from "./recorded.js";
import { listening, raw, uncaught, until } from "./servers.js";

function metrics(): { recorder: Recorder; gateway: GatewayMetrics } {
  const recorder = new Recorder();
  let ms = 0;
  return { recorder, gateway: new GatewayMetrics(recorder, { nowMs: () => (ms += 125) }) };
}

const requests = (recorder: Recorder): Record<string, number> =>
  moved(recorder, "gateway_requests_total");

/** A gateway whose endpoint `/tts` answers so. */
async function serving(listener: RequestListener) {
  const { recorder, gateway } = metrics();
  const url = await listening(createServer(gateway.handler("tts", listener)));
  return { recorder, gateway, url };
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

describe("a request to a gateway", () => {
  it("that nobody answers before its client goes is counted as 499, not as 200", async () => {
    let arrived = false;
    const { recorder, url } = await serving(() => (arrived = true));
    const client = raw(url, GET);
    await until(() => arrived);
    expect(numberOf(recorder, 'gateway_inflight_requests{endpoint="tts"}')).toBe(1);
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({
      'gateway_requests_total{code="499",endpoint="tts",method="GET"}': 1,
    });
    expect(moved(recorder, "gateway_aborted_total")).toEqual({
      'gateway_aborted_total{endpoint="tts",phase="header"}': 1,
    });
    expect(numberOf(recorder, 'gateway_inflight_requests{endpoint="tts"}')).toBe(0);
  });

  it("whose client goes amid the body is an abort with the status that was sent", async () => {
    const { recorder, url } = await serving((_, response) => response.write("begin"));
    const client = raw(url, GET);
    await once(client, "data");
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({
      'gateway_requests_total{code="200",endpoint="tts",method="GET"}': 1,
    });
    expect(moved(recorder, "gateway_aborted_total")).toEqual({
      'gateway_aborted_total{endpoint="tts",phase="body"}': 1,
    });
  });

  it("that is answered without a status has 200, and of two the first counts", async () => {
    const { recorder, url } = await serving((request, response) => {
      if (request.url === "/two") response.writeHead(202);
      response.write("x");
      response.statusCode = 500;
      response.end();
    });
    await (await fetch(url)).text();
    await (await fetch(`${url}/two`)).text();
    await until(() => Object.keys(requests(recorder)).length === 2);
    expect(Object.keys(requests(recorder)).map((name) => /code="(\d+)/.exec(name)?.[1])).toEqual(
      expect.arrayContaining(["200", "202"]),
    );
  });

  it("whose handler throws is counted as 500, and throws still", async () => {
    const errors = uncaught();
    const { recorder, url } = await serving(() => {
      throw new Error("broken");
    });
    raw(url, GET);
    await until(() => errors.length === 1);
    expect(requests(recorder)).toEqual({
      'gateway_requests_total{code="500",endpoint="tts",method="GET"}': 1,
    });
    expect(numberOf(recorder, 'gateway_inflight_requests{endpoint="tts"}')).toBe(0);
  });

  it.each(["DELETE", "PROPFIND"])("with the method %s has another", async (method) => {
    const { recorder, url } = await serving((_, response) => response.writeHead(700).end());
    raw(url, `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`).resume();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({
      'gateway_requests_total{code="other",endpoint="tts",method="other"}': 1,
    });
  });

  it.each([
    [
      "Express",
      async (gateway: GatewayMetrics): Promise<string> => {
        const app = express();
        app.post("/stt", gateway.middleware("stt"), (_, response) => {
          response.status(gateway.recordRejection("stt", "bad_content_type")).end();
        });
        return listening(createServer(app));
      },
    ],
    [
      "Fastify",
      async (gateway: GatewayMetrics): Promise<string> => {
        const app = fastify();
        app.post("/stt", { onRequest: gateway.hook("stt") }, (_, reply) =>
          reply.code(gateway.recordRejection("stt", "bad_content_type")).send(),
        );
        await app.ready();
        onTestFinished(() => app.close());
        return listening(app.server);
      },
    ],
  ])("is counted on a route of %s", async (_, start) => {
    const { recorder, gateway } = metrics();
    const url = await start(gateway);
    await fetch(`${url}/stt`, { method: "POST" });
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({
      'gateway_requests_total{code="415",endpoint="stt",method="POST"}': 1,
    });
    expect(moved(recorder, "gateway_rejected_total")).toEqual({
      'gateway_rejected_total{endpoint="stt",reason="bad_content_type"}': 1,
    });
    expect(numberOf(recorder, 'gateway_inflight_requests{endpoint="stt"}')).toBe(0);
  });
});

describe("a rejection", () => {
  it("is what the gateway decides, with its status; what passes through is none", async () => {
    expect(REJECTION_STATUS).toEqual({
      too_large: 413,
      bad_content_type: 415,
      upstream_error: 502,
    });
    const upstream = await listening(createServer((_, response) => response.writeHead(415).end()));
    const { recorder, gateway } = metrics();
    const url = await listening(
      createServer(
        gateway.handler("tts", async (_, response) => {
          const answer = await gateway.upstream("tts", () => fetch(upstream));
          response.writeHead(answer.status).end();
        }),
      ),
    );
    expect((await fetch(url)).status).toBe(415);
    expect(moved(recorder, "gateway_rejected_total")).toEqual({});
  });

  it("has every reason at 0 from the start", () => {
    for (const endpoint of ["tts", "stt"]) {
      for (const reason of Object.keys(REJECTION_STATUS)) {
        const series = `gateway_rejected_total{endpoint="${endpoint}",reason="${reason}"}`;
        expect(numberOf(new Recorder(), series)).toBe(0);
      }
    }
  });
});

/** What `AbortSignal.timeout` gives as reason. */
const timedOut = new DOMException("late", "TimeoutError");

describe("a request upstream", () => {
  it("is timed to its header, while its body still comes", async () => {
    let finish = (): void => undefined;
    const upstream = await listening(
      createServer((_, response) => {
        response.write("begin");
        finish = (): void => {
          response.end();
        };
      }),
    );
    const { recorder, gateway } = metrics();
    const answer = await gateway.upstream("tts", () => fetch(upstream));
    const sum = 'gateway_upstream_duration_seconds_sum{endpoint="tts"}';
    expect(numberOf(recorder, sum)).toBe(0.125);
    finish();
    await answer.text();
    expect(numberOf(recorder, sum)).toBe(0.125);
  });

  it.each([
    [200, "ok"],
    [404, "client-error"],
    [503, "server-error"],
  ])("that is answered with %d is %s", async (status, outcome) => {
    const { recorder, gateway } = metrics();
    await gateway.upstream("stt", () => Promise.resolve({ status }));
    expect(moved(recorder, "gateway_upstream_results_total")).toEqual({
      [`gateway_upstream_results_total{endpoint="stt",outcome="${outcome}"}`]: 1,
    });
  });

  it.each([
    [200, "ok"],
    [404, "client-error"],
    [503, "server-error"],
  ])("that Node's own client has answered with %d is %s", async (status, outcome) => {
    const upstream = await listening(
      createServer((_, response) => response.writeHead(status).end()),
    );
    const { recorder, gateway } = metrics();
    const answer = await gateway.upstream(
      "stt",
      () => new Promise<IncomingMessage>((resolve) => get(upstream, resolve)),
    );
    answer.resume();
    expect(moved(recorder, "gateway_upstream_results_total")).toEqual({
      [`gateway_upstream_results_total{endpoint="stt",outcome="${outcome}"}`]: 1,
    });
  });

  it("that is answered with nothing that has a status is answered nevertheless", async () => {
    const { recorder, gateway } = metrics();
    const nothing = undefined as unknown as { status: number };
    expect(await gateway.upstream("stt", () => Promise.resolve(nothing))).toBeUndefined();
    expect(moved(recorder, "gateway_upstream_results_total")).toEqual({
      'gateway_upstream_results_total{endpoint="stt",outcome="ok"}': 1,
    });
  });

  it.each([
    ["axios", { name: "AxiosError", code: "ERR_BAD_RESPONSE", response: { status: 503 } }],
    ["got", { name: "HTTPError", response: { statusCode: 503 } }],
    ["undici", { name: "ResponseError", code: "UND_ERR_RESPONSE", statusCode: 503 }],
    ["the OpenAI SDK", { status: 503, headers: new Headers() }],
    ["the Deepgram SDK", { name: "DeepgramError", statusCode: 503, rawResponse: { status: 503 } }],
  ])("whose answer %s throws is timed, has its status, and is thrown still", async (_, facts) => {
    const { recorder, gateway } = metrics();
    const error = Object.assign(new Error("refused"), facts);
    await expect(gateway.upstream("tts", () => Promise.reject(error))).rejects.toBe(error);
    expect(numberOf(recorder, 'gateway_upstream_duration_seconds_count{endpoint="tts"}')).toBe(1);
    expect(moved(recorder, "gateway_upstream_results_total")).toEqual({
      'gateway_upstream_results_total{endpoint="tts",outcome="server-error"}': 1,
    });
  });

  it.each([
    [
      "a connection that fetch waited for too long",
      { cause: { code: "UND_ERR_CONNECT_TIMEOUT" } },
      "timeout",
    ],
    ["a timeout of axios", { name: "AxiosError", code: "ECONNABORTED" }, "timeout"],
    ["a timeout of TCP", { code: "ETIMEDOUT" }, "timeout"],
    ["what axios was told to cancel", { name: "CanceledError" }, "aborted"],
    [
      "a timeout of who waits for axios",
      { name: "CanceledError", config: { signal: AbortSignal.abort(timedOut) } },
      "timeout",
    ],
    ["a timeout of the Anthropic SDK", { name: "APIConnectionTimeoutError" }, "timeout"],
    ["what the Anthropic SDK was told to cancel", { name: "APIUserAbortError" }, "aborted"],
    ["a timeout of the ElevenLabs SDK", { name: "ElevenLabsError", cause: "timeout" }, "timeout"],
    ["a status that is none", { status: "failed", statusCode: 0 }, "failed"],
    ["a name that every object has", { name: "constructor" }, "failed"],
  ])("%s is told apart", async (_, facts, outcome) => {
    const { recorder, gateway } = metrics();
    const error = Object.assign(new Error("failed"), facts);
    await expect(gateway.upstream("stt", () => Promise.reject(error))).rejects.toBe(error);
    expect(moved(recorder, "gateway_upstream")).toEqual({
      [`gateway_upstream_results_total{endpoint="stt",outcome="${outcome}"}`]: 1,
    });
  });

  it("of the OpenAI SDK is told apart by classes, whose errors have no name", async () => {
    class APIConnectionTimeoutError extends Error {}
    class APIUserAbortError extends Error {}
    const { recorder, gateway } = metrics();
    for (const error of [new APIConnectionTimeoutError(), new APIUserAbortError()]) {
      await expect(gateway.upstream("tts", () => Promise.reject(error))).rejects.toBe(error);
    }
    expect(moved(recorder, "gateway_upstream")).toEqual({
      'gateway_upstream_results_total{endpoint="tts",outcome="timeout"}': 1,
      'gateway_upstream_results_total{endpoint="tts",outcome="aborted"}': 1,
    });
  });

  it("of Node's own client that its host lets wait so long alone is a timeout", async () => {
    const upstream = await listening(createServer(() => undefined));
    const { recorder, gateway } = metrics();
    const asked = (signal: AbortSignal): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => get(upstream, { signal }, resolve).on("error", reject));
    for (const signal of [AbortSignal.timeout(5), AbortSignal.abort()]) {
      await expect(gateway.upstream("tts", () => asked(signal))).rejects.toThrow("aborted");
    }
    expect(moved(recorder, "gateway_upstream")).toEqual({
      'gateway_upstream_results_total{endpoint="tts",outcome="timeout"}': 1,
      'gateway_upstream_results_total{endpoint="tts",outcome="aborted"}': 1,
    });
  });

  it("that fails is not timed, and fails still", async () => {
    const upstream = await listening(createServer(() => undefined));
    const { recorder, gateway } = metrics();
    const attempts = [
      () => fetch(upstream, { signal: AbortSignal.timeout(5) }),
      () => fetch(upstream, { signal: AbortSignal.abort() }),
      () => fetch("http://127.0.0.1:1"),
    ];
    for (const attempt of attempts) {
      await expect(gateway.upstream("tts", attempt)).rejects.toThrow();
    }
    expect(moved(recorder, "gateway_upstream")).toEqual({
      'gateway_upstream_results_total{endpoint="tts",outcome="timeout"}': 1,
      'gateway_upstream_results_total{endpoint="tts",outcome="aborted"}': 1,
      'gateway_upstream_results_total{endpoint="tts",outcome="failed"}': 1,
    });
  });
});

it("metrics can be scraped while every slot is taken", async () => {
  const { recorder, gateway } = metrics();
  const registry = register(recorder);
  let taken = 0;
  const tts = gateway.handler("tts", () => {
    taken += 1;
  });
  const url = await listening(
    createServer((request, response) => {
      if (request.url !== "/metrics") tts(request, response);
      else void registry.metrics().then((text) => response.end(text));
    }),
  );
  for (let i = 0; i < 10; i += 1) raw(url, GET);
  await until(() => taken === 10);
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toContain('gateway_inflight_requests{endpoint="tts"} 10\n');
});

describe("the first byte", () => {
  const waits = (recorder: Recorder): Record<string, number> =>
    moved(recorder, "gateway_time_to_first_byte_seconds_sum");
  const series = 'gateway_time_to_first_byte_seconds_sum{endpoint="tts"}';

  // The clock moves 125 ms each time it is asked: at the begin, at the first byte, at the end.
  it.each<[string, RequestListener]>([
    ["written", (_, response) => response.writeHead(200).write("x", () => response.end("y"))],
    ["the end", (_, response) => response.end()],
    [
      "a header that is flushed",
      (_, response) => {
        response.flushHeaders();
        response.end("x");
      },
    ],
    ["piped", (_, response) => Readable.from(["x", "y"]).pipe(response)],
  ])("is timed where it is %s, and not again", async (_, listener) => {
    const { recorder, url } = await serving(listener);
    await (await fetch(url)).text();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(waits(recorder)).toEqual({ [series]: 0.125 });
    expect(moved(recorder, "gateway_request_duration_seconds_sum")).toEqual({
      'gateway_request_duration_seconds_sum{endpoint="tts"}': 0.25,
    });
  });

  it("is none where nothing is answered", async () => {
    let arrived = false;
    const { recorder, url } = await serving(() => (arrived = true));
    const client = raw(url, GET);
    await until(() => arrived);
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(waits(recorder)).toEqual({});
  });

  it("leaves a response as it was, and what was put on top of it", async () => {
    const own: string[] = [];
    let sent = 0;
    const { url } = await serving((_, response) => {
      const write = response.write.bind(response);
      response.write = ((chunk: string) => {
        sent += 1;
        return write(chunk);
      }) as typeof response.write;
      response.write("a");
      response.write("b");
      own.push(...Object.getOwnPropertyNames(response).filter((name) => METHODS.includes(name)));
      response.end();
    });
    expect(await (await fetch(url)).text()).toBe("ab");
    expect([own, sent]).toEqual([["write"], 2]);
  });
});

const METHODS = ["write", "end", "flushHeaders"];
