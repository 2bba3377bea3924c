import Srf from "drachtio-srf";
import { afterEach, describe, expect, it } from "vitest";
import { attachDrachtio } from "../../src/attach/drachtio.js";
import type { SipAttachment } from "../../src/attach/sip-attachment.js";
import type { SipStackObserver } from "../../src/attach/sip-observer.js";
import type { DrachtioSrf } from "../../src/attach/sip-ports.js";
import { DrachtioServer, type Command } from "./support/drachtio-server.js";
import { Recorder, TestClock } from "./support/recorder.js";
import { AUDIO_SDP } from "./support/user-agents.js";

/** The members of an Srf that the tests use; its own types are looser. */
interface App {
  on(event: string, listener: (...values: never[]) => void): void;
  connect(options: object): unknown;
  disconnect(): void;
  invite(handler: (request: unknown, response: unknown) => void): void;
  createUAS(request: unknown, response: unknown, options: object): Promise<Dialog>;
  createUAC(uri: string, options: object): Promise<Dialog>;
}

interface Dialog {
  on(event: string, listener: () => void): void;
  destroy(options: object, done: (error: unknown, request: unknown) => void): void;
}

const CALLER = "<sip:alice@198.51.100.9>;tag=a1";
const CALLEE = "<sip:bob@192.0.2.5>";

function request(method: string, cseq: number, branch: string, extra: readonly string[]): string {
  return [
    `${method} sip:bob@192.0.2.5 SIP/2.0`,
    `Via: SIP/2.0/UDP 198.51.100.9:5062;branch=z9hG4bK${branch};rport=5062`,
    "Max-Forwards: 70",
    `From: ${CALLER}`,
    `To: ${CALLEE}${method === "INVITE" ? "" : ";tag=b1"}`,
    "Call-ID: call-1",
    `CSeq: ${cseq} ${method}`,
    "Contact: <sip:alice@198.51.100.9:5062>",
    ...extra,
  ].join("\r\n");
}

const INVITE = `${request("INVITE", 1, "i", [
  "Content-Type: application/sdp",
  `Content-Length: ${AUDIO_SDP.length}`,
])}\r\n\r\n${AUDIO_SDP}`;
const ACK = `${request("ACK", 1, "k", ["Content-Length: 0"])}\r\n\r\n`;
const BYE = `${request("BYE", 2, "b", ["Reason: Q.850;cause=16", "Content-Length: 0"])}\r\n\r\n`;

/** A response as the server sends it: what the application gave, and what only the server knows. */
function sent(command: Command, method: string, cseq: number, branch: string): string {
  const [startLine = "", ...lines] = command.sip.split("\r\n");
  const own = /^(via|from|to|call-id|cseq|contact):/i;
  const end = lines.indexOf("");
  return [
    startLine,
    `Via: SIP/2.0/UDP 198.51.100.9:5062;branch=z9hG4bK${branch};rport=5062`,
    `From: ${CALLER}`,
    `To: ${CALLEE};tag=b1`,
    "Call-ID: call-1",
    `CSeq: ${cseq} ${method}`,
    "Contact: <sip:bob@192.0.2.5:5060>",
    ...lines.slice(0, end).filter((line) => !own.test(line)),
    ...lines.slice(end),
  ].join("\r\n");
}

const servers: DrachtioServer[] = [];
const apps: App[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) app.disconnect();
  for (const server of servers.splice(0)) await server.close();
});

/** It has no connection to close in the end. */
function forget(app: App): void {
  apps.splice(apps.indexOf(app), 1);
}

async function connected(): Promise<{ server: DrachtioServer; app: App }> {
  const server = new DrachtioServer();
  servers.push(server);
  const port = await server.listen();
  const app = new Srf() as unknown as App;
  apps.push(app);
  app.on("error", () => undefined);
  const isReady = new Promise<void>((resolve) => {
    app.on("connect", () => {
      resolve();
    });
  });
  app.connect({ host: "127.0.0.1", port, secret: "cymru", reconnect: { maxAttempts: 1 } });
  await isReady;
  return { server, app };
}

function observe(app: App): [Recorder, SipAttachment] {
  const recorder = new Recorder();
  const { nowMs } = new TestClock();
  return [recorder, attachDrachtio(app, recorder.tap, { nowMs })];
}

/** Plays a call into the application and hangs it up from the network. */
async function playIncoming(server: DrachtioServer, app: App): Promise<string[]> {
  const log: string[] = [];
  const ended = new Promise<void>((resolve) => {
    app.invite((incoming, response) => {
      void app.createUAS(incoming, response, { localSdp: AUDIO_SDP }).then((dialog) => {
        log.push("dialog");
        dialog.on("destroy", () => log.push("destroyed"));
        server.sip("network", "txn-bye", "dialog-1", BYE);
      });
    });
    server.onCommand = (command): void => {
      const line = command.sip.split("\r\n")[0] ?? "";
      log.push(line);
      if (log.includes("dialog")) {
        server.echo(command, "txn-bye", "dialog-1", sent(command, "BYE", 2, "b"));
        resolve();
        return;
      }
      server.echo(command, "txn-invite", "dialog-1", sent(command, "INVITE", 1, "i"));
      server.sip("network", "txn-ack", "dialog-1", ACK);
    };
  });
  server.sip("network", "txn-invite", "", INVITE);
  await ended;
  return log;
}

/** Comes when the application has been told of everything that was written before. */
async function heard(recorder: Recorder, messages: number): Promise<void> {
  await expect.poll(() => recorder.seen.length, { interval: 1 }).toBeGreaterThanOrEqual(messages);
}

describe("a call through drachtio-srf", () => {
  it("that came in is seen with its outcome, its endpoints and the Reason of its BYE", async () => {
    const { server, app } = await connected();
    const [recorder] = observe(app);
    await playIncoming(server, app);
    await heard(recorder, 5);
    expect(recorder.seen.map(({ direction }) => direction)).toEqual([
      "in",
      "out",
      "in",
      "in",
      "out",
    ]);
    expect(recorder.outcomes).toEqual(["200 response"]);
    expect(recorder.byes).toEqual(["caller normal"]);
    expect(recorder.sessions).toHaveLength(2);
    const call = recorder.events.find((event) => event.kind === "bye")?.call;
    expect(call).toMatchObject({
      direction: "in",
      hasInvite: true,
      reasons: [{ protocol: "Q.850", cause: 16 }],
      caller: { endpoint: { address: "198.51.100.9", port: 5062 } },
      callee: { endpoint: { address: "192.0.2.5", port: 5060 } },
    });
    expect(call?.acknowledgedAtMs).toBeDefined();
  });

  it("takes what the server sends of its own accord as going out", async () => {
    const { server, app } = await connected();
    const [recorder] = observe(app);
    server.sip("application", "unsolicited", "dialog-1", BYE);
    await heard(recorder, 1);
    expect(recorder.seen[0]?.direction).toBe("out");
  });

  it("says that it sees a part, and of what nothing", async () => {
    const { app } = await connected();
    const [, { capabilities }] = observe(app);
    expect(capabilities.isPartialView).toBe(true);
    expect(capabilities.present).toEqual([
      "sent-messages",
      "received-messages",
      "transport-state",
      "stack-state",
    ]);
    expect(capabilities.missing).toContain("send-failures");
  });

  it("is the same with a probe whose every callback throws", async () => {
    const plain = await connected();
    const without = await playIncoming(plain.server, plain.app);
    const probed = await connected();
    const fail = (): never => {
      throw new Error("the probe is broken");
    };
    const broken = new Proxy({}, { get: () => fail }) as SipStackObserver;
    const { nowMs } = new TestClock();
    attachDrachtio(probed.app, broken, { nowMs, onError: fail });
    expect(await playIncoming(probed.server, probed.app)).toEqual(without);
    expect(without).toEqual(["SIP/2.0 200 OK", "dialog", "destroyed", "SIP/2.0 200 OK"]);
  });
});

describe("attached to drachtio-srf", () => {
  it("a probe tells a connection that is lost from one that was closed", async () => {
    const lost = await connected();
    const [atLost] = observe(lost.app);
    forget(lost.app);
    lost.server.break();
    await expect.poll(() => atLost.transportLosses.length, { interval: 1 }).toBe(1);
    const closed = await connected();
    const [atClosed] = observe(closed.app);
    await playIncoming(closed.server, closed.app);
    closed.app.disconnect();
    forget(closed.app);
    await expect.poll(() => atClosed.events.at(-1)?.kind, { interval: 1 }).toBe("call-ended");
    expect(atClosed.transportLosses).toEqual([]);
  });

  it("a probe leaves no listener behind, however often it is attached", async () => {
    const { app } = await connected();
    const wire = Reflect.get(
      Reflect.get(Reflect.get(app, "_app") as object, "client") as object,
      "wp",
    ) as { listenerCount(name: string): number };
    const counts = (): number[] => ["msg", "close"].map((name) => wire.listenerCount(name));
    const before = counts();
    for (let i = 0; i < 10_000; i++) observe(app)[1].detach();
    expect(counts()).toEqual(before);
    const [, attachment] = observe(app);
    expect(() => observe(app)).toThrow("attached already");
    attachment.detach();
  });

  it("a probe that comes before the connection finds nothing to attach to, and says so", () => {
    const app = new Srf() as unknown as App;
    const [, attachment] = observe(app);
    expect(attachment.capabilities.present).toEqual([]);
    expect(attachment.capabilities.missing).toContain("received-messages");
    attachment.detach();
  });

  it("takes the real class without a cast", () => {
    const port = (srf: Srf): DrachtioSrf => srf;
    expect(port).toBeDefined();
  });
});
