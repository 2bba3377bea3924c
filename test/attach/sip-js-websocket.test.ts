import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Messager, UserAgent, Web } from "sip.js";
import { afterEach, expect, it, vi } from "vitest";
import { attachSipJs } from "../../src/attach/sip-js.js";
import { Recorder, TestClock } from "./support/recorder.js";

interface Socket {
  on(event: "message", listener: (data: unknown) => void): void;
  send(text: string): void;
  terminate(): void;
}

interface SocketServer {
  on(event: "connection", listener: (socket: Socket) => void): void;
  once(event: "listening", listener: () => void): void;
  address(): AddressInfo;
  close(done: () => void): void;
}

const { WebSocket, WebSocketServer } = createRequire(import.meta.url)("ws") as {
  readonly WebSocket: unknown;
  readonly WebSocketServer: new (options: object) => SocketServer;
};

afterEach(() => {
  vi.unstubAllGlobals();
});

function answerOf(request: string): string {
  const field = (name: string): string => new RegExp(`^${name}: .*$`, "m").exec(request)?.[0] ?? "";
  const fields = ["Via", "From", "To", "Call-ID", "CSeq"].map(field);
  return ["SIP/2.0 200 OK", ...fields, "Content-Length: 0", "", ""].join("\r\n");
}

it("the transport of sip.js itself stays tapped when its WebSocket is made anew", async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const handleProtocols = (): string => "sip";
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols });
  const sockets: Socket[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("message", (data) => {
      socket.send(answerOf(String(data)));
    });
  });
  await new Promise<void>((resolve) => {
    server.once("listening", resolve);
  });
  const { port } = server.address();
  const uri = UserAgent.makeURI("sip:alice@example.org");
  if (uri === undefined) throw new Error("no URI");
  const settings = {
    uri,
    viaHost: "alice.invalid",
    logBuiltinEnabled: false,
    transportConstructor: Web.Transport,
    transportOptions: { server: `ws://127.0.0.1:${port}` },
    reconnectionAttempts: 3,
  };
  const agent = new UserAgent(settings);
  const recorder = new Recorder();
  const attachment = attachSipJs(agent, recorder.tap, { nowMs: new TestClock().nowMs });
  await agent.start();
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      const onAccept = (): void => {
        resolve();
      };
      void new Messager(agent, uri, "hello").message({ requestDelegate: { onAccept } });
    });
  await send();
  const isBack = new Promise<void>((resolve) => {
    agent.delegate = { onConnect: resolve };
  });
  sockets[0]?.terminate();
  await isBack;
  await send();
  expect(sockets).toHaveLength(2);
  expect(recorder.transportReturns).toBe(2);
  expect(recorder.transportLosses).toHaveLength(1);
  expect(recorder.seen.map(({ direction }) => direction)).toEqual(["out", "in", "out", "in"]);
  for (const { direction, source, destination, transport } of recorder.seen) {
    expect(transport).toBe("websocket");
    expect(direction === "out" ? destination : source).toEqual({ address: "127.0.0.1", port });
    expect(direction === "out" ? source : destination).toEqual({
      address: "alice.invalid",
      port: 0,
    });
  }
  expect(recorder.tracker.counters.unmatched).toBe(0);
  attachment.detach();
  await agent.stop();
  expect(recorder.transportLosses).toHaveLength(1);
  await new Promise<void>((resolve) => {
    server.close(resolve);
  });
});
