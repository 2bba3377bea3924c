import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from "node:http";
import {
  type ClientHttp2Stream,
  connect,
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import express from "express";
import { fastify } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { exposition } from "../../../src/metrics/exposition.js";
import { GatewayMetrics } from "../../../src/metrics/host/gateway-metrics.js";
import { type HttpExemplars, HttpMetrics } from "../../../src/metrics/host/http-metrics.js";
import { Recorder } from "../../../src/metrics/recorder.js";
import { moved, numberOf } from "./recorded.js";
import { closed, listening, raw, uncaught, until } from "./servers.js";

type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

const ROUTES = { "/health": "health", "/calls/:id": "call", "/ws": "ws", "/files/*": "files" };

function metrics(): { recorder: Recorder; http: HttpMetrics } {
  const recorder = new Recorder();
  let ms = 0;
  return {
    recorder,
    http: new HttpMetrics(recorder, { nowMs: () => (ms += 125), routes: ROUTES }),
  };
}

/** A server of node:http with this listener. */
async function serving(listener: RequestListener) {
  const { recorder, http } = metrics();
  const server = createServer(http.handler(listener));
  http.watch(server);
  return { recorder, http, server, url: await listening(server) };
}

const requests = (recorder: Recorder): Record<string, number> =>
  moved(recorder, "http_requests_total");

const active = (recorder: Recorder): Record<string, number> =>
  moved(recorder, "http_active_connections");

function series(method: string, route: string, code: number | string, status: string): string {
  return `http_requests_total{direction="ingress",method="${method}",route="${route}",stage="http",status="${status}",status_code="${code}"}`;
}

/** How each kind of application answers `GET /calls/:id` and all else. */
const APPLICATIONS: readonly [
  name: string,
  start: (http: HttpMetrics, answer: RequestListener) => Promise<string>,
][] = [
  [
    "node:http",
    async (http, answer) =>
      listening(
        createServer(
          http.handler((request, response) => {
            if (request.url?.startsWith("/calls/") === true) {
              answer(request, response);
              return;
            }
            response.writeHead(404).end();
          }),
        ),
      ),
  ],
  [
    "Express",
    async (http, answer) => {
      const app = express();
      app.use(http.middleware());
      app.get("/calls/:id", answer);
      return listening(createServer(app));
    },
  ],
  [
    "Fastify",
    async (http, answer) => {
      const app = fastify();
      app.addHook("onRequest", http.hook());
      app.get("/calls/:id", (request, reply) => {
        reply.hijack();
        answer(request.raw, reply.raw);
      });
      await app.ready();
      onTestFinished(() => app.close());
      return listening(app.server);
    },
  ],
];

describe.each(APPLICATIONS)("of %s", (_, start) => {
  it("requests are counted by the name of their route, 404 as other", async () => {
    const { recorder, http } = metrics();
    const url = await start(http, (_request, response) => response.end("ok"));
    await (await fetch(`${url}/calls/a%2Fb?x=1`)).text();
    await (await fetch(`${url}/nobody/knows`)).text();
    await until(() => Object.keys(requests(recorder)).length === 2);
    expect(requests(recorder)).toEqual({
      [series("GET", "call", 200, "success")]: 1,
      [series("GET", "other", 404, "error")]: 1,
    });
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="4xx",method="GET",route="other"}': 1,
    });
    expect(active(recorder)).toEqual({});
  });

  it("a client that goes before it has an answer is counted as 499", async () => {
    const { recorder, http } = metrics();
    let arrived = false;
    const url = await start(http, () => (arrived = true));
    const client = raw(url, "GET /calls/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => arrived);
    expect(Object.values(active(recorder))).toEqual([1]);
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "call", 499, "error")]: 1 });
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="4xx",method="GET",route="call"}': 1,
      'http_errors_total{error_type="aborted",method="GET",route="call"}': 1,
    });
    expect(active(recorder)).toEqual({});
  });

  it("one that goes amid the body has its status, and is an abort", async () => {
    const { recorder, http } = metrics();
    const url = await start(http, (_request, response) => {
      response.writeHead(200);
      response.write("begin");
    });
    const client = raw(url, "GET /calls/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(client, "data");
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "call", 200, "success")]: 1 });
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="aborted",method="GET",route="call"}': 1,
    });
    expect(active(recorder)).toEqual({});
  });

  it("streams come piece by piece", async () => {
    const { recorder, http } = metrics();
    let goOn = (): void => undefined;
    const url = await start(http, (_request, response) => {
      response.write("first");
      goOn = (): void => {
        response.end("second");
      };
    });
    const reader = (await fetch(`${url}/calls/1`)).body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe("first");
    expect(requests(recorder)).toEqual({});
    goOn();
    const second = await reader?.read();
    expect(Buffer.from(second?.value ?? []).toString()).toBe("second");
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(active(recorder)).toEqual({});
  });
});

describe("of HTTP/2", () => {
  /** A client of a server that answers so. */
  async function connected(answer: RequestListener) {
    const { recorder, http } = metrics();
    // Its requests and responses are like those of HTTP/1, and typed otherwise.
    const server = createHttp2Server(http.handler(answer) as unknown as Http2Listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.on("error", () => undefined);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const ask = (path: string): ClientHttp2Stream =>
      client.request({ ":path": path }).on("error", () => undefined);
    return { recorder, client, ask };
  }

  it("responses are complete, with a body or without", async () => {
    const { recorder, ask } = await connected((request, response) => {
      if (request.url === "/health") response.writeHead(204).end();
      else response.end("x".repeat(200_000));
    });
    for (const path of ["/health", "/calls/1"]) await once(ask(path).resume(), "close");
    await until(() => Object.keys(requests(recorder)).length === 2);
    expect(requests(recorder)).toEqual({
      [series("GET", "health", 204, "success")]: 1,
      [series("GET", "call", 200, "success")]: 1,
    });
    expect(moved(recorder, "http_errors_total")).toEqual({});
  });

  it.each([
    ["that is not at its end", (response: ServerResponse) => response.write("begin")],
    ["that was ended", (response: ServerResponse) => response.end("x".repeat(2_000_000))],
  ])("a client that goes amid a body %s is an abort", async (_, answer) => {
    const { recorder, ask } = await connected((_request, response) => void answer(response));
    const stream = ask("/calls/1");
    await once(stream, "data");
    stream.pause().close(constants.NGHTTP2_CANCEL);
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "call", 200, "success")]: 1 });
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="aborted",method="GET",route="call"}': 1,
    });
    expect(active(recorder)).toEqual({});
  });

  it("a connection that is lost aborts all that is under way on it", async () => {
    const { recorder, client, ask } = await connected((request, response) => {
      if (request.url !== "/health") response.write("begin");
    });
    ask("/health");
    await once(ask("/calls/1"), "data");
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 2);
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="4xx",method="GET",route="health"}': 1,
      'http_errors_total{error_type="aborted",method="GET",route="health"}': 1,
      'http_errors_total{error_type="aborted",method="GET",route="call"}': 1,
    });
    expect(active(recorder)).toEqual({});
  });
});

describe("a handler that throws", () => {
  it.each([
    [
      "at once",
      (): void => {
        throw new Error("broken");
      },
    ],
    [
      "later",
      async (): Promise<void> => {
        await Promise.resolve();
        throw new Error("broken");
      },
    ],
  ])("%s is counted as 500, and throws still", async (_, listener) => {
    const errors = uncaught();
    const { recorder, url } = await serving(listener);
    raw(url, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => errors.length === 1);
    expect(errors).toEqual([new Error("broken")]);
    expect(requests(recorder)).toEqual({ [series("GET", "health", 500, "error")]: 1 });
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="5xx",method="GET",route="health"}': 1,
    });
    expect(active(recorder)).toEqual({});
  });

  it.each([
    [
      "Express",
      async (http: HttpMetrics): Promise<string> => {
        const app = express();
        app.set("env", "test");
        app.use(http.middleware());
        app.get("/calls/:id", async () => {
          await Promise.resolve();
          throw new Error("broken");
        });
        return listening(createServer(app));
      },
    ],
    [
      "Fastify",
      async (http: HttpMetrics): Promise<string> => {
        const app = fastify();
        app.addHook("onRequest", http.hook());
        app.get("/calls/:id", async () => {
          await Promise.resolve();
          throw new Error("broken");
        });
        await app.ready();
        onTestFinished(() => app.close());
        return listening(app.server);
      },
    ],
  ])("of %s is counted as its framework answers", async (_, start) => {
    const { recorder, http } = metrics();
    const url = await start(http);
    expect((await fetch(`${url}/calls/1`)).status).toBe(500);
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "call", 500, "error")]: 1 });
    expect(active(recorder)).toEqual({});
  });
});

describe("an upgrade", () => {
  /** A server of node:http with a WebSocket behind it. */
  async function sockets(verifyClient = true) {
    const { recorder, http } = metrics();
    const server: Server = createServer(http.handler((_, response) => response.end()));
    const wss = new WebSocketServer({ noServer: true, verifyClient: () => verifyClient });
    wss.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => {
        socket.send(data);
      });
    });
    server.on(
      "upgrade",
      http.upgradeHandler((request, socket, head) => {
        wss.handleUpgrade(request, socket, head, (ws) => wss.emit("connection", ws, request));
      }),
    );
    return { recorder, http, url: await listening(server) };
  }

  it("goes through, and is active as long as its connection is", async () => {
    const { recorder, url } = await sockets();
    const ws = new WebSocket(`${url.replace("http", "ws")}/ws`);
    await once(ws, "open");
    ws.send("hello");
    const [echo] = (await once(ws, "message")) as [Buffer];
    expect(echo.toString()).toBe("hello");
    expect(active(recorder)).toEqual({
      'http_active_connections{direction="ingress",route="ws",stage="http"}': 1,
    });
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 101, "success")]: 1 });
    ws.close();
    await until(() => Object.keys(active(recorder)).length === 0);
    expect(Object.values(requests(recorder))).toEqual([1]);
  });

  it("that is refused has the status it was refused with", async () => {
    const { recorder, url } = await sockets(false);
    const ws = new WebSocket(`${url.replace("http", "ws")}/ws`);
    await once(ws, "error");
    await until(() => Object.keys(active(recorder)).length === 0);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 401, "error")]: 1 });
  });

  it("whose listener throws is counted as 500, and throws still", async () => {
    const errors = uncaught();
    const { recorder, http } = metrics();
    const server = createServer();
    server.on(
      "upgrade",
      http.upgradeHandler(() => {
        throw new Error("broken");
      }),
    );
    const url = await listening(server);
    raw(url, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    await until(() => errors.length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 500, "error")]: 1 });
    expect(active(recorder)).toEqual({});
  });

  it("whose listener fails later is counted as 500, and fails still", async () => {
    const errors = uncaught();
    const { recorder, http } = metrics();
    const server = createServer();
    server.on(
      "upgrade",
      http.upgradeHandler(() => Promise.reject(new Error("broken"))),
    );
    const url = await listening(server);
    raw(url, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    await until(() => errors.length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 500, "error")]: 1 });
    expect(active(recorder)).toEqual({});
  });

  it("whose client goes before the answer is counted as 499", async () => {
    const { recorder, http } = metrics();
    const server = createServer();
    let arrived = false;
    server.on(
      "upgrade",
      http.upgradeHandler((_, socket) => {
        arrived = true;
        socket.resume().once("end", () => socket.destroy());
      }),
    );
    const url = await listening(server);
    const client = raw(
      url,
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    await until(() => arrived);
    client.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 499, "error")]: 1 });
    expect(active(recorder)).toEqual({});
  });
});

describe("an upgrade that a framework hands through its handlers", () => {
  const UPGRADE =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

  /** As @fastify/websocket does it: with a response on the connection, which a refusal goes through. */
  async function routed(route: (request: IncomingMessage, response: ServerResponse) => unknown) {
    const { recorder, http } = metrics();
    const gateway = new GatewayMetrics(recorder, { nowMs: () => 0 });
    const server = createServer();
    const handle = http.handler(gateway.handler("tts", route));
    server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
      const response = new ServerResponse(request);
      response.assignSocket(socket);
      handle(request, response);
    });
    return { recorder, url: await listening(server) };
  }

  it("is counted when it is answered, and active as long as its connection is", async () => {
    const wss = new WebSocketServer({ noServer: true });
    const { recorder, url } = await routed((request) => {
      wss.handleUpgrade(request, request.socket, Buffer.alloc(0), () => undefined);
    });
    const ws = new WebSocket(`${url.replace("http", "ws")}/ws`);
    await once(ws, "open");
    const counted = { [series("GET", "ws", 101, "success")]: 1 };
    expect(requests(recorder)).toEqual(counted);
    expect(Object.values(active(recorder))).toEqual([1]);
    expect(moved(recorder, "gateway_inflight_requests")).toEqual({
      'gateway_inflight_requests{endpoint="tts"}': 1,
    });
    ws.close();
    await until(() => Object.keys(active(recorder)).length === 0);
    expect(requests(recorder)).toEqual(counted);
    expect(moved(recorder, "gateway_requests_total")).toEqual({
      'gateway_requests_total{code="101",endpoint="tts",method="GET"}': 1,
    });
    expect(moved(recorder, "gateway_inflight_requests")).toEqual({});
    expect(moved(recorder, "http_errors_total")).toEqual({});
  });

  it("has the status it was refused with", async () => {
    const { recorder, url } = await routed((_, response) => response.writeHead(404).end());
    raw(url, UPGRADE).once("data", function (this: Socket) {
      this.destroy();
    });
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 404, "error")]: 1 });
    expect(moved(recorder, "gateway_aborted_total")).toEqual({});
  });

  it("whose handler fails later is counted as 500, and fails still", async () => {
    const errors = uncaught();
    const { recorder, url } = await routed(() => Promise.reject(new Error("broken")));
    raw(url, UPGRADE);
    await until(() => errors.length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 500, "error")]: 1 });
    expect(active(recorder)).toEqual({});
  });

  it("is an abort where its client goes before the answer", async () => {
    let socket: Socket | undefined;
    const { recorder, url } = await routed((request) => (socket = request.socket));
    raw(url, UPGRADE);
    await until(() => socket !== undefined);
    socket?.destroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 499, "error")]: 1 });
    expect(active(recorder)).toEqual({});
  });

  it("was answered already where its response is on no connection, as that of express-ws", async () => {
    const { recorder, http } = metrics();
    const server = createServer();
    const wss = new WebSocketServer({ server });
    wss.on("connection", (_, request) => {
      http.middleware()(request, new ServerResponse(request), () => undefined);
    });
    const url = await listening(server);
    const ws = new WebSocket(`${url.replace("http", "ws")}/ws`);
    await once(ws, "open");
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "ws", 101, "success")]: 1 });
    ws.close();
    await until(() => Object.keys(active(recorder)).length === 0);
  });
});

it("an answer to a request that Fastify injects is complete", async () => {
  const { recorder, http } = metrics();
  const app = fastify();
  app.addHook("onRequest", http.hook());
  app.get("/calls/:id", () => "ok");
  onTestFinished(() => app.close());
  expect((await app.inject("/calls/1")).body).toBe("ok");
  await until(() => Object.keys(requests(recorder)).length === 1);
  expect(requests(recorder)).toEqual({ [series("GET", "call", 200, "success")]: 1 });
  expect(moved(recorder, "http_errors_total")).toEqual({});
});

it("many requests at once on one connection leave one listener on it, and none for good", async () => {
  const sockets = new Set<Socket>();
  const waiting: ServerResponse[] = [];
  const { recorder, url } = await serving((request, response) => {
    sockets.add(request.socket);
    waiting.push(response);
  });
  const client = raw(url, "GET /calls/1 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20)).resume();
  await until(() => waiting.length === 20);
  const [socket] = sockets;
  expect(socket?.listenerCount("close")).toBeLessThan(10);
  waiting.shift()?.end();
  await until(() => Object.keys(requests(recorder)).length === 1);
  client.destroy();
  await until(() => Object.keys(active(recorder)).length === 0);
  expect(requests(recorder)).toEqual({
    [series("GET", "call", 200, "success")]: 1,
    [series("GET", "call", 499, "error")]: 19,
  });
});

it("a host that sets its numbers back has no request fewer than none under way", async () => {
  const waiting: ServerResponse[] = [];
  const { recorder, url } = await serving((_, response) => waiting.push(response));
  const first = fetch(`${url}/calls/1`);
  await until(() => waiting.length === 1);
  for (const table of recorder.tables) table.reset();
  waiting[0]?.end();
  await first;
  await until(() => Object.keys(requests(recorder)).length === 1);
  expect(active(recorder)).toEqual({});
});

/** How many requests were given up, by route and cause. */
function causes(recorder: Recorder): Record<string, number> {
  const family = "http_timeouts_by_cause_total";
  const label = new RegExp(`^${family}\\{cause="(.+)",route="(.+)"\\}$`);
  return Object.fromEntries(
    Object.entries(moved(recorder, family)).map(([name, count]) => [
      name.replace(label, "$2 $1"),
      count,
    ]),
  );
}

describe("exemplars of requests", () => {
  async function asked(callIdOf: HttpExemplars["callIdOf"]): Promise<Recorder> {
    const recorder = new Recorder();
    const http = new HttpMetrics(recorder, {
      nowMs: () => 0,
      routes: { "/calls/:id": "call" },
      exemplars: { callIdOf, clock: () => 1_790_000_000_500 },
    });
    const handler = http.handler((_, response) => response.end());
    await (await fetch(`${await listening(createServer(handler))}/calls/a1`)).text();
    await until(() => Object.keys(requests(recorder)).length === 1);
    return recorder;
  }
  const exemplarsOf = (recorder: Recorder): string[] =>
    exposition(recorder, "openmetrics").match(/ # \{.*/g) ?? [];

  it("name the call that a request was about, in OpenMetrics only", async () => {
    const recorder = await asked(({ url }) => url?.slice("/calls/".length));
    expect(exemplarsOf(recorder)).toEqual([' # {call_id="a1"} 0 1790000000.5']);
    expect(exposition(recorder)).not.toContain("a1");
  });

  it.each<[string, HttpExemplars["callIdOf"]]>([
    ["no call is known", () => undefined],
    ["its id is too long", () => "a".repeat(121)],
    [
      "who is asked for it throws",
      () => {
        throw new Error("no");
      },
    ],
    ["it is no text", () => 5 as unknown as string],
  ])("are left out where %s, and the request is counted", async (_, callIdOf) => {
    expect(exemplarsOf(await asked(callIdOf))).toEqual([]);
  });
});

describe("a request that is malformed amid its body", () => {
  const MALFORMED =
    "POST /calls/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";

  it("is counted as Node answers it, and as no client that went", async () => {
    const { recorder, url } = await serving((request) => request.resume());
    const client = raw(url, `${MALFORMED}no length\r\n`);
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(answer.toString()).toContain("400 Bad Request");
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("POST", "call", 400, "error")]: 1 });
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="4xx",method="POST",route="call"}': 1,
    });
  });

  it("is one whose client went where that is so, though its host answers still", async () => {
    const { recorder, server, url } = await serving((request) => request.resume());
    server.on("clientError", (_, socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const client = raw(url, MALFORMED);
    await until(() => Object.keys(active(recorder)).length === 1);
    client.resetAndDestroy();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("POST", "call", 499, "error")]: 1 });
  });
});

describe("a timeout", () => {
  it("of a request whose body does not come is counted, and answered as Node does", async () => {
    const { recorder, http } = metrics();
    const server = createServer(
      { requestTimeout: 30, connectionsCheckingInterval: 10 },
      http.handler(() => undefined),
    );
    http.watch(server);
    const url = await listening(server);
    const client = raw(url, "POST /calls/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(answer.toString()).toContain("408 Request Timeout");
    expect(moved(recorder, "http_timeout_total")).toEqual({
      'http_timeout_total{method="POST",route="call"}': 1,
    });
    expect(causes(recorder)).toEqual({ "call body": 1 });
    await until(() => Object.keys(active(recorder)).length === 0);
    expect(requests(recorder)).toEqual({ [series("POST", "call", 408, "error")]: 1 });
    // The server went, not the client.
    expect(moved(recorder, "http_errors_total")).toEqual({
      'http_errors_total{error_type="4xx",method="POST",route="call"}': 1,
      'http_errors_total{error_type="timeout",method="POST",route="call"}': 1,
    });
  });

  it("of a request whose header does not come has no route", async () => {
    const { recorder, http } = metrics();
    const server = createServer({ headersTimeout: 30, connectionsCheckingInterval: 10 });
    http.watch(server);
    const url = await listening(server);
    const client = raw(url, "GET /calls/1 HTTP/1.1\r\n");
    await once(client, "data");
    expect(moved(recorder, "http_timeout_total")).toEqual({
      'http_timeout_total{method="other",route="other"}': 1,
    });
    expect(causes(recorder)).toEqual({ "other header": 1 });
  });

  it("of a connection is counted while a request waits on it, and not while none does", async () => {
    const { recorder, server, url } = await serving((request, response) => {
      if (request.url === "/health") response.end();
    });
    server.setTimeout(30);
    const waiting = raw(url, "GET /calls/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    const idle = raw(url, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    server.keepAliveTimeout = 30;
    await Promise.all([waiting, idle].map(closed));
    expect(moved(recorder, "http_timeout_total")).toEqual({
      'http_timeout_total{method="GET",route="call"}': 1,
    });
    expect(active(recorder)).toEqual({});
    expect(causes(recorder)).toEqual({ "call response": 1 });
  });

  it("of the application's own is counted where it says so", async () => {
    const { recorder, http } = metrics();
    const url = await listening(
      createServer(
        http.handler((request, response) => {
          http.recordTimeout(request);
          response.writeHead(503).end();
        }),
      ),
    );
    await fetch(`${url}/calls/1`);
    expect(causes(recorder)).toEqual({ "call handler": 1 });
    expect(moved(recorder, "http_timeout_total")).toEqual({
      'http_timeout_total{method="GET",route="call"}': 1,
    });
    expect(moved(recorder, "http_errors_total")).toMatchObject({
      'http_errors_total{error_type="timeout",method="GET",route="call"}': 1,
    });
  });

  it("of the application's own is that of its request, whatever its client asked since", async () => {
    const { recorder, http } = metrics();
    let giveUp = (): void => undefined;
    const url = await listening(
      createServer(
        http.handler((request, response) => {
          if (request.url === "/health") {
            giveUp();
            response.end();
            return;
          }
          giveUp = (): void => {
            http.recordTimeout(request);
            response.writeHead(503).end();
          };
        }),
      ),
    );
    const pipelined = ["/calls/1", "/health"].map(
      (path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    const client = raw(url, pipelined.join(""));
    await until(() => Object.keys(requests(recorder)).length === 2);
    client.destroy();
    expect(causes(recorder)).toEqual({ "call handler": 1 });
  });

  it("is watched without a trace when it is not any more", () => {
    const server = createServer();
    const { http } = metrics();
    const stop = http.watch(server);
    expect(Object.hasOwn(server, "emit")).toBe(true);
    stop();
    expect(Object.hasOwn(server, "emit")).toBe(false);
  });
});

describe("labels", () => {
  it.each([
    ["PATCH", "PATCH"],
    ["PROPFIND", "other"],
  ])("have of the method %s %s", async (method, label) => {
    const { recorder, url } = await serving((_, response) => response.end());
    await fetch(`${url}/health`, { method });
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series(label, "health", 200, "success")]: 1 });
    expect(moved(recorder, "metrics_unknown")).toEqual({});
  });

  it.each([
    [200, "200", "success"],
    [499, "499", "error"],
    [418, "418", "error"],
    [599, "5xx", "error"],
    [299, "2xx", "success"],
    [700, "other", "error"],
  ])("have of the status %d %s", async (status, label, outcome) => {
    const { recorder, url } = await serving((_, response) => response.writeHead(status).end());
    raw(url, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n").resume();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "health", label, outcome)]: 1 });
  });

  it("have the route of a request that names its host too, as those to a proxy do", async () => {
    const { recorder, url } = await serving((_, response) => response.end());
    raw(url, "GET http://a.example/calls/1?x=/health HTTP/1.1\r\nHost: a\r\n\r\n").resume();
    await until(() => Object.keys(requests(recorder)).length === 1);
    expect(requests(recorder)).toEqual({ [series("GET", "call", 200, "success")]: 1 });
  });

  it.each([
    ["/health/", "health"],
    ["/Health?x=1", "health"],
    ["/CALLS/A1/", "call"],
    ["/", "root"],
    ["/calls", "other"],
    ["/healthy", "other"],
  ])("are those of Express, whatever the case of letters and the end: %s", async (path, route) => {
    const recorder = new Recorder();
    const routes = { "/": "root", "/health": "health", "/Calls/:id": "call" };
    const http = new HttpMetrics(recorder, { nowMs: () => 0, routes });
    const app = express().use(http.middleware());
    for (const known of Object.keys(routes)) app.get(known, (_, response) => response.end());
    const { status } = await fetch((await listening(createServer(app))) + path);
    expect(status).toBe(route === "other" ? 404 : 200);
    await until(() => Object.keys(requests(recorder)).length === 1);
    const outcome = status === 200 ? "success" : "error";
    expect(requests(recorder)).toEqual({ [series("GET", route, status, outcome)]: 1 });
  });

  it("stay few, whatever is asked for", async () => {
    const { recorder, url } = await serving((_, response) => response.end());
    for (let i = 0; i < 100; i += 1) await (await fetch(`${url}/scan/${i}?q=${i}`)).text();
    await until(() => Object.values(requests(recorder))[0] === 100);
    expect(requests(recorder)).toEqual({ [series("GET", "other", 200, "success")]: 100 });
  });

  it("name at most 64 routes, by paths", () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`/${i}`, `r${i}`]));
    const of = (routes: Record<string, string>) => () =>
      new HttpMetrics(new Recorder(), { nowMs: () => 0, routes });
    expect(of(many)).toThrow("There are 65 names of routes, and room for 64");
    expect(of({ health: "health" })).toThrow('"health" is no path of a route');
  });

  it("are there at 0 for every route before the first request", () => {
    const { recorder } = metrics();
    for (const route of ["health", "call", "ws", "files", "other"]) {
      const labels = `method="POST",route="${route}"`;
      expect(numberOf(recorder, `http_timeout_total{${labels}}`)).toBe(0);
      for (const type of ["4xx", "5xx", "timeout", "aborted"]) {
        expect(numberOf(recorder, `http_errors_total{error_type="${type}",${labels}}`)).toBe(0);
      }
    }
  });
});
