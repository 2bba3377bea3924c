/**
 * Live calls between sip.js and sipp through kamailio, over every transport.
 *
 * @module
 */

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { Inviter, Registerer, RegistererState, SessionState, UserAgent, Web } from "sip.js";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { WebSocket } from "ws";

import type { CallReport } from "../../src/call/call-report.js";
import { UdpTransport } from "../../src/demo/udp-transport.js";
import { exposition } from "../../src/metrics/exposition.js";
import { createProbe, type Probe } from "../../src/probe.js";
import { reaches, userAgent } from "../attach/support/user-agents.js";
import { until } from "../attach/support/werift-pair.js";
import { endChild } from "../support/end-child.js";
import { describePeer } from "../support/peer.js";
import { TcpTransport } from "./support/tcp-transport.js";

const MODULES = ["/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/kamailio/modules"].find(
  (folder) => existsSync(join(folder, "websocket.so")),
);
const available =
  MODULES !== undefined &&
  spawnSync("kamailio", ["-v"]).status === 0 &&
  spawnSync("sipp", ["-v"]).error === undefined;

const CALLS = 3;
const LOADED =
  "tm sl rr pv maxfwd usrloc registrar siputils textops xhttp nathelper websocket".split(" ");

interface Ports {
  readonly sip: number;
  readonly ws: number;
  readonly sipp: number;
}

function configuration({ sip, ws, sipp }: Ports): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
tcp_accept_no_cl=yes
listen=udp:127.0.0.1:${sip}
listen=tcp:127.0.0.1:${sip}
listen=tcp:127.0.0.1:${ws}
mpath="${MODULES ?? ""}/"
${LOADED.map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("usrloc", "db_mode", 0)
request_route {
  if (!mf_process_maxfwd_header("10")) exit;
  force_rport();
  if (is_method("REGISTER")) { fix_nated_register(); save("location"); exit; }
  if (is_method("INVITE|UPDATE")) add_contact_alias();
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { handle_ruri_alias(); t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) t_relay();
    exit;
  }
  if (is_method("INVITE")) record_route();
  if ($rU == "sipp") $du = "sip:127.0.0.1:${sipp}";
  else if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  t_on_reply("NAT");
  t_relay();
}
onreply_route[NAT] { add_contact_alias(); }
event_route[xhttp:request] {
  if ($hdr(Upgrade) =~ "websocket" && ws_handle_handshake()) exit;
  xhttp_reply("404", "Not Found", "", "");
}
`;
}

const IDENTITY = [
  "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9",
  "eyJhdHRlc3QiOiJBIiwiZGVzdCI6eyJ0biI6WyIxNDE1NTU1MDEwMSJdfSwiaWF0IjoxNzAwMDAwMDAwLCJvcmlnIjp7InRuIjoiMTQxNTU1NTAxMDAifSwib3JpZ2lkIjoiMTIzZTQ1NjctZTg5Yi0xMmQzLWE0NTYtNDI2NjU1NDQwMDAwIn0",
  "c2ln",
].join(".");

const SDP = `v=0
o=u 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`;

/** Calls, refreshes the session, hangs up and says why. */
const CALLER = scenario(
  request("INVITE", "sip:[service]@[remote_ip]:[remote_port]", 1, {
    extra: `Supported: timer
Session-Expires: 1800;refresher=uac
Identity: ${IDENTITY};info=<https://cert.example.org/passport.cer>;alg=ES256;ppt=shaken`,
    sdp: true,
  }),
  `<recv response="100" optional="true"/><recv response="180" optional="true"/>`,
  `<recv response="200" rrs="true"/>`,
  request("ACK", "[next_url]", 1, { isAgain: true }),
  `<pause milliseconds="200"/>`,
  request("BYE", "[next_url]", 2, {
    isAgain: true,
    extra: 'Reason: Q.850;cause=16;text="Normal call clearing"',
  }),
  `<recv response="200"/>`,
);

/** Answers and asks to do the refreshes itself. */
const CALLEE = scenario(
  `<recv request="INVITE"/>`,
  response("180 Ringing", ";tag=[pid]s[call_number]"),
  response(
    "200 OK",
    ";tag=[pid]s[call_number]",
    `Require: timer
Session-Expires: 1800;refresher=uas
Content-Type: application/sdp`,
    SDP,
  ),
  `<recv request="ACK"/>`,
  `<recv request="BYE"/>`,
  response("200 OK", ""),
);

function scenario(...steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="s">${steps.join("\n")}\n</scenario>\n`;
}

function request(
  method: string,
  uri: string,
  number: number,
  {
    extra = "",
    sdp = false,
    isAgain = false,
  }: { extra?: string; sdp?: boolean; isAgain?: boolean },
): string {
  const lines = [
    `${method} ${uri} SIP/2.0`,
    ...(isAgain ? ["[routes]"] : []),
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
    "From: <sip:+14155550100@[local_ip];user=phone>;tag=[pid]c[call_number]",
    isAgain ? "[last_To:]" : "To: <sip:+14155550101@[remote_ip];user=phone>",
    "Call-ID: [call_id]",
    `CSeq: ${number} ${method}`,
    "Contact: <sip:sipp@[local_ip]:[local_port]>",
    "Max-Forwards: 70",
    ...(extra === "" ? [] : [extra]),
    ...(sdp ? ["Content-Type: application/sdp"] : []),
    "Content-Length: [len]",
  ];
  return `<send><![CDATA[\n${lines.join("\n")}\n\n${sdp ? SDP : ""}\n]]></send>`;
}

function response(status: string, tag: string, extra = "", body = ""): string {
  return `<send><![CDATA[
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:]${tag}
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
${extra === "" ? "" : `${extra}\n`}Content-Length: [len]

${body}
]]></send>`;
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Waits until the proxy accepts connections; it has its UDP port before. What is sent earlier is
 * lost, and sip.js sends no request again over UDP.
 */
async function answering(port: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    },
    { timeout: 15_000, interval: 100 },
  );
}

const run = promisify(execFile);

describePeer("live calls between sip.js and sipp through kamailio", available, () => {
  let folder: string;
  let kamailio: ChildProcess;
  let ports: Ports;
  const hadWebSocket = "WebSocket" in globalThis;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mediaprobe-kamailio-"));
    ports = { sip: await freePort(), ws: await freePort(), sipp: await freePort() };
    writeFileSync(join(folder, "k.cfg"), configuration(ports));
    writeFileSync(join(folder, "caller.xml"), CALLER);
    writeFileSync(join(folder, "callee.xml"), CALLEE);
    const argv = ["-DD", "-E", "-f", join(folder, "k.cfg"), "-Y", folder, "-m", "64", "-M", "8"];
    kamailio = spawn("kamailio", argv, { stdio: "ignore" });
    if (!hadWebSocket) Object.assign(globalThis, { WebSocket });
    await answering(ports.sip);
  });

  afterAll(async () => {
    if (!hadWebSocket) Reflect.deleteProperty(globalThis, "WebSocket");
    await endChild(kamailio);
    rmSync(folder, { recursive: true });
  });

  const TRANSPORTS = {
    UDP: () => ({
      transportConstructor: UdpTransport,
      transportOptions: { remotePort: () => ports.sip },
    }),
    TCP: () => ({ transportConstructor: TcpTransport, transportOptions: { port: ports.sip } }),
    WebSocket: () => ({
      transportConstructor: Web.Transport,
      transportOptions: { server: `ws://127.0.0.1:${ports.ws}`, keepAliveInterval: 0 },
    }),
  } as const;

  interface Told {
    readonly probe: Probe;
    readonly ended: CallReport[];
    readonly agent: UserAgent;
  }

  /** A user agent that is registered over a transport, and a probe at it. */
  async function registered(name: string, transport: keyof typeof TRANSPORTS): Promise<Told> {
    const agent = userAgent(name, {
      forceRport: true,
      ...(transport === "UDP"
        ? { contactParams: { transport: "udp" } }
        : {
            viaHost: `${name}.invalid`,
            contactParams: { transport: transport === "TCP" ? "tcp" : "ws" },
          }),
      onInvite: (invitation) => {
        void invitation.progress({ statusCode: 180 });
        setTimeout(() => void invitation.accept(), 60);
      },
      ...(TRANSPORTS[transport]() as object),
    });
    const probe = createProbe({ t1Ms: 50 });
    const ended: CallReport[] = [];
    probe.on("end", (call) => ended.push(call));
    probe.attachUserAgent(agent);
    await agent.start();
    if (transport === "UDP") {
      agent.contact.uri.port = (agent.transport as unknown as UdpTransport).port;
    }
    const registrar = UserAgent.makeURI("sip:127.0.0.1");
    if (registrar === undefined) throw new Error("no URI");
    const registerer = new Registerer(agent, { registrar });
    await registerer.register();
    await until(() => registerer.state === RegistererState.Registered);
    return { probe, ended, agent };
  }

  it.each(["UDP", "TCP", "WebSocket"] as const)(
    "come in over %s: counted as sipp counted them, with timer, Identity and Reason",
    { timeout: 60_000 },
    async (transport) => {
      const { probe, ended, agent } = await registered(`callee-${transport}`, transport);
      const file = join(folder, "caller.xml");
      const where = ["-i", "127.0.0.1", "-p", String(ports.sipp), `127.0.0.1:${ports.sip}`];
      const to = ["-s", `callee-${transport}`];
      const argv = ["-sf", file, "-m", String(CALLS), "-r", "5", "-nostdin", ...to, ...where];
      // Exits with 0 if every call succeeded, by its own count.
      await run("sipp", argv, { timeout: 30_000 });
      await until(() => ended.length === CALLS);
      for (const call of ended) {
        expect(call).toMatchObject({
          transport: "sip",
          localParty: "callee",
          outcome: {
            statusCode: 200,
            endedBy: "caller",
            endedBySide: "remote",
            byeReasonClass: "normal",
            reasons: [{ protocol: "Q.850", cause: 16 }],
          },
          // Its claim is old, and there is no certificate to check it with.
          security: { stir: { attestation: "A" } },
        });
        expect(call.timings.durationSeconds).toBeGreaterThan(0.19);
        expect(call.timings.durationSeconds).toBeLessThan(2);
      }
      const metrics = exposition(probe.recorder);
      for (const line of [
        `sip_invite_result_total{class="2xx",direction="inbound"} ${CALLS}`,
        `sip_bye_total{by="remote",direction="inbound",reason_class="normal"} ${CALLS}`,
        `voiceserver_calls_total{status="ok",transport="sip"} ${CALLS}`,
        'voiceserver_active_calls{transport="sip"} 0',
      ]) {
        expect(metrics.split("\n")).toContain(line);
      }
      await agent.stop();
      await probe.close();
    },
  );

  it.each(["UDP", "TCP", "WebSocket"] as const)(
    "go out over %s: with the timer that sipp grants",
    { timeout: 60_000 },
    async (transport) => {
      const { probe, ended, agent } = await registered(`caller-${transport}`, transport);
      const file = join(folder, "callee.xml");
      const where = ["-i", "127.0.0.1", "-p", String(ports.sipp)];
      const sipp = spawn("sipp", ["-sf", file, "-m", "1", "-nostdin", ...where], {
        stdio: "ignore",
      });
      const exited = new Promise((resolve) => sipp.once("exit", resolve));
      const target = UserAgent.makeURI("sip:sipp@127.0.0.1");
      if (target === undefined) throw new Error("no URI");
      target.port = ports.sip;
      const session = new Inviter(agent, target, {
        extraHeaders: ["Supported: timer", "Session-Expires: 1800"],
      });
      await session.invite();
      await reaches(session, SessionState.Established);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await session.bye();
      expect(await exited).toBe(0);
      await until(() => ended.length === 1);
      expect(ended[0]).toMatchObject({
        localParty: "caller",
        outcome: { statusCode: 200, endedBy: "caller", endedBySide: "local" },
        sessionTimer: { intervalSeconds: 1800, refresher: "remote" },
      });
      expect(ended[0]?.timings.ringSeconds).toBeGreaterThanOrEqual(0);
      expect(exposition(probe.recorder).split("\n")).toContain(
        'sip_invite_result_total{class="2xx",direction="outbound"} 1',
      );
      await agent.stop();
      await probe.close();
    },
  );
});
