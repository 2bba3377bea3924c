/**
 * Identity headers between us and kamailio's secsipid, in both directions.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { parseNameAndUri } from "../../src/sip/address.js";
import { scanSipMessage, type SipMessage } from "../../src/sip/message.js";
import { LocalCertificates } from "../../src/stir/local-certificates.js";
import { TrustStore } from "../../src/stir/trust-store.js";
import { type IdentityVerdict, IdentityVerifier } from "../../src/stir/verify.js";
import { issue, tnAuthList } from "../stir/certificates.js";
import { identity, PLACE } from "../stir/tokens.js";
import { endChild } from "../support/end-child.js";
import { describePeer } from "../support/peer.js";

const MODULES = ["/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/kamailio/modules"].find(
  (folder) => existsSync(join(folder, "secsipid.so")),
);
const available = MODULES !== undefined && spawnSync("kamailio", ["-v"]).status === 0;

const CALLER = "12155550121";
const CALLEE = "12155550131";
const root = issue({ name: "Root", isAuthority: true });
const signer = issue({ name: "Provider", issuer: root, tnAuthList: tnAuthList({ spc: "709J" }) });
const stranger = issue({ name: "Stranger", issuer: root, tnAuthList: tnAuthList({ spc: "1" }) });

const verifier = new IdentityVerifier({
  certificates: new LocalCertificates([{ name: PLACE, content: Buffer.from(signer.pem) }]),
  trust: new TrustStore({ anchors: [Buffer.from(root.pem)] }),
});

/** Signs what comes with `X-Sign`, checks everything else; what passes goes on to us. */
function configuration(folder: string, port: number, ours: number): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
disable_tcp=yes
listen=udp:127.0.0.1:${port}
mpath="${MODULES ?? ""}/"
${["tm", "sl", "pv", "textops", "textopsx", "siputils", "secsipid"].map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("secsipid", "expire", 300)
request_route {
  if (is_method("ACK")) exit;
  if (is_present_hf("X-Sign")) {
    secsipid_add_identity("$fU", "$rU", "B", "", "https://${PLACE}", "${folder}/key.pem");
    msg_apply_changes();
  } else if (!secsipid_check_identity("${folder}/certificate.pem")) {
    sl_send_reply("438", "Invalid Identity Header");
    exit;
  }
  $du = "sip:127.0.0.1:${ours}";
  t_relay();
}
`;
}

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

const portOf = (socket: Socket): number => socket.address().port;

describePeer("Identity headers with kamailio's secsipid", available, () => {
  let folder: string;
  let kamailio: ChildProcess;
  let port: number;
  let socket: Socket;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mediaprobe-secsipid-"));
    writeFileSync(join(folder, "key.pem"), signer.key.export({ type: "sec1", format: "pem" }));
    writeFileSync(join(folder, "certificate.pem"), signer.pem);
    socket = await bound();
    const reserved = await bound();
    port = portOf(reserved);
    await new Promise<void>((resolve) => reserved.close(resolve));
    writeFileSync(join(folder, "k.cfg"), configuration(folder, port, portOf(socket)));
    const argv = ["-DD", "-E", "-f", join(folder, "k.cfg"), "-Y", folder, "-m", "32", "-M", "4"];
    kamailio = spawn("kamailio", argv, { stdio: "ignore" });
    await answered(`OPTIONS sip:1@127.0.0.1 SIP/2.0`, "X-Sign: 1", "ready");
  }, 30_000);

  afterAll(async () => {
    await endChild(kamailio);
    await new Promise<void>((resolve) => socket.close(resolve));
    rmSync(folder, { recursive: true });
  });

  /** The first message that comes for a request, ours passed on or an answer; it is sent until then. */
  async function answered(startLine: string, field: string, callId: string): Promise<SipMessage> {
    const [method = ""] = startLine.split(" ");
    const lines = [
      startLine,
      `Via: SIP/2.0/UDP 127.0.0.1:${portOf(socket)};branch=z9hG4bK${callId}`,
      `From: <sip:${CALLER}@a.example;user=phone>;tag=1`,
      `To: <sip:${CALLEE}@b.example;user=phone>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      "Max-Forwards: 70",
      field,
      "Content-Length: 0",
      "",
      "",
    ];
    return new Promise((resolve) => {
      const send = (): void => {
        socket.send(lines.join("\r\n"), port, "127.0.0.1");
      };
      const again = setInterval(send, 200);
      const listen = (bytes: Buffer): void => {
        const message = scanSipMessage(bytes);
        if (typeof message !== "object" || message.callId !== callId) return;
        if (message.kind === "response" && message.statusCode === 100) return;
        clearInterval(again);
        socket.off("message", listen);
        resolve(message);
      };
      socket.on("message", listen);
      send();
    });
  }

  const invite = (field: string, callId: string): Promise<SipMessage> =>
    answered(`INVITE sip:${CALLEE}@127.0.0.1 SIP/2.0`, field, callId);

  function verdictOn(message: SipMessage): IdentityVerdict {
    const uri = (name: string): string => parseNameAndUri(message.header(name) ?? "").uri;
    return verifier.verify({
      identities: message.headerList("identity"),
      fromUri: uri("from"),
      toUri: uri("to"),
      assertedUris: [],
      receivedAtMs: Date.now(),
    });
  }

  const nowSeconds = (): number => Math.floor(Date.now() / 1000);

  it("that it signs verify here", async () => {
    const signed = await invite("X-Sign: 1", "signed");
    expect(signed.kind).toBe("request");
    expect(verdictOn(signed)).toMatchObject({
      status: "verified",
      attestation: "B",
      signer: { subject: "CN=Provider", serviceProviderCode: "709J" },
    });
  });

  it("that we sign are passed on there, and verify here", async () => {
    const ours = identity({ key: signer.key, ppt: "shaken", iat: nowSeconds() });
    const passed = await invite(`Identity: ${ours}`, "ours");
    expect(passed.kind).toBe("request");
    expect(verdictOn(passed).status).toBe("verified");
  });

  it.each([
    { what: "signed with another key", plan: { key: stranger.key } },
    { what: "an hour old", plan: { key: signer.key, iat: nowSeconds() - 3600 } },
  ])("that are $what are refused by both", async ({ what, plan }) => {
    const ours = identity({ ppt: "shaken", iat: nowSeconds(), ...plan });
    const answer = await invite(`Identity: ${ours}`, what.replaceAll(" ", "-"));
    expect(answer).toMatchObject({ kind: "response", statusCode: 438 });
    const verdict = verifier.verify({
      identities: [ours],
      fromUri: `tel:+${CALLER}`,
      toUri: `tel:+${CALLEE}`,
      assertedUris: [],
      receivedAtMs: Date.now(),
    });
    expect(verdict.status).toBe("failed");
  });
});
