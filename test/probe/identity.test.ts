import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { Inviter, SessionState, UserAgent } from "sip.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { exposition } from "../../src/metrics/exposition.js";
import { createProbe, type Probe } from "../../src/probe.js";
import type { ProbeStirOptions } from "../../src/probe/identities.js";
import { TrustStore } from "../../src/stir/trust-store.js";
import { Wire } from "../attach/support/memory-transport.js";
import { memoryAgent, reaches, settle } from "../attach/support/user-agents.js";
import { until } from "../attach/support/werift-pair.js";
import { issue, tnAuthList } from "../stir/certificates.js";
import { identity, NOW } from "../stir/tokens.js";
import { ownAddress } from "../support/own-address.js";

/** Certificates are fetched from few ports only. */
const PORT = 8443;
const HERE = ownAddress();
const PLACE = `sti.example.org:${PORT}/provider.pem`;

const anchor = issue({ name: "STI-CA", isAuthority: true });
const provider = issue({
  name: "Provider",
  issuer: anchor,
  tnAuthList: tnAuthList({ spc: "709J" }),
});
const webAuthority = issue({ name: "Web", isAuthority: true });
const web = issue({ name: "sti.example.org", issuer: webAuthority, hosts: ["sti.example.org"] });

let server: Server;
let requests = 0;

beforeAll(async () => {
  const key = web.key.export({ type: "pkcs8", format: "pem" });
  server = createServer({ key, cert: web.pem }, (_request, response) => {
    requests += 1;
    response.writeHead(200, { "content-type": "application/pem-certificate-chain" });
    response.end(provider.pem);
  });
  await once(server.listen(PORT, HERE), "listening");
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const nowMs = (): number => NOW * 1000 + performance.now();

const FETCH: ProbeStirOptions["fetch"] = {
  allowedHosts: ["sti.example.org"],
  reachableNetworks: [`${HERE}/32`],
  authorities: [webAuthority.pem],
  // What is not tested here: how long it takes.
  timeoutMs: 25_000,
  lookup: (_hostname, _options, callback) => {
    callback(null, HERE, 4);
  },
};

function numbered(number: string): NonNullable<ReturnType<typeof UserAgent.makeURI>> {
  const uri = UserAgent.makeURI(`sip:+${number}@127.0.0.1;user=phone`);
  if (uri === undefined) throw new Error("no URI");
  return uri;
}

/** A call with an Identity header, and what the probe at the callee makes of it. */
async function calledWith(
  header: string | undefined,
  stir: ProbeStirOptions,
): Promise<{ readonly call: CallReport; readonly probe: Probe; readonly metrics: string }> {
  const wire = new Wire();
  const caller = memoryAgent(wire, "alice", "bob", { uri: numbered("12155550121") });
  const callee = memoryAgent(wire, "bob", "alice", {
    onInvite: (invitation) => void invitation.accept(),
  });
  await caller.start();
  await callee.start();
  const probe = createProbe({ clock: nowMs, stir });
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  probe.attachUserAgent(callee);
  const target = UserAgent.makeURI("sip:bob@127.0.0.1");
  if (target === undefined) throw new Error("no URI");
  const session = new Inviter(caller, target, {
    params: { toUri: numbered("12155550131") },
    extraHeaders: header === undefined ? [] : [`Identity: ${header}`],
  });
  await session.invite();
  await reaches(session, SessionState.Established);
  await until(() => probe.counters().identities.waiting === 0);
  await settle();
  await probe.close();
  const [call] = ended;
  if (call === undefined) throw new Error("no call");
  return { call, probe, metrics: exposition(probe.recorder) };
}

const signed = identity({ key: provider.key, ppt: "shaken", place: PLACE });

describe("who vouches for the caller of a live call", () => {
  it("is verified with a certificate fetched from where the header says", async () => {
    const trust = new TrustStore({ anchors: [anchor.der] });
    const before = requests;
    const { call, probe, metrics } = await calledWith(signed, { trust, fetch: FETCH });
    expect(call.security.stir).toMatchObject({
      result: "verified",
      attestation: "A",
      signer: { subject: "CN=Provider", serviceProviderCode: "709J" },
    });
    expect(requests).toBe(before + 1);
    expect(probe.counters().identities.fetches).toMatchObject({ requests: 1, fetched: 1 });
    expect(metrics).toMatch(/^sip_stir_verify_total\{result="verified"\} 1$/m);
    expect(metrics).toMatch(/^sip_stir_attestation_total\{attestation="A",result="verified"\} 1$/m);
  });

  it("is not fetched unless that was asked for, and is then unverified", async () => {
    const trust = new TrustStore({ anchors: [anchor.der] });
    const before = requests;
    const { call, metrics } = await calledWith(signed, { trust });
    expect(call.security.stir).toMatchObject({ result: "unverified", reason: "no-certificate" });
    expect(requests).toBe(before);
    expect(metrics).toMatch(/^sip_stir_unverified_total\{reason="no-certificate"\} 1$/m);
    expect(metrics).not.toMatch(/^sip_stir_verify_total\{result="(verified|failed)"\} 1$/m);
  });

  it("is nobody where there is no Identity, and a liar where the signature is not the signer's", async () => {
    const nobody = await calledWith(undefined, { fetch: FETCH });
    expect(nobody.call.security.stir).toMatchObject({ result: "no-identity" });
    expect(nobody.metrics).toMatch(/^sip_stir_verify_total\{result="no-identity"\} 1$/m);
    const other = issue({ name: "Other" });
    const trust = new TrustStore({ anchors: [anchor.der] });
    const forged = identity({ key: other.key, ppt: "shaken", place: PLACE });
    const liar = await calledWith(forged, { trust, fetch: FETCH });
    // Verification is ours, and the call went through all the same (RFC 8224 §6.2.2).
    expect(liar.call.security.stir).toMatchObject({ result: "soft-fail", reason: "bad-signature" });
    expect(liar.call.outcome.statusCode).toBe(200);
  });
});
