import { Inviter, type SessionDescriptionHandler, SessionState, UserAgent } from "sip.js";
import { MediaStreamTrack, type RTCPeerConnection } from "werift";
import { expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { UdpTransport } from "../../src/demo/udp-transport.js";
import { createProbe } from "../../src/probe.js";
import {
  atEnd,
  codec,
  keepLocal,
  newPeer,
  OPUS,
  sendRtp,
  until,
} from "../attach/support/werift-pair.js";
import { reaches, userAgent } from "../attach/support/user-agents.js";
import { describePeer } from "../support/peer.js";
import { Baresip, hasBaresip, MEDIA_ADDRESS } from "./support/baresip.js";

/** Media by werift, with what baresip needs changed in the descriptions. */
class MediaHandler implements SessionDescriptionHandler {
  readonly peerConnection: RTCPeerConnection;
  readonly track = new MediaStreamTrack({ kind: "audio" });

  constructor() {
    const peer = newPeer({
      codecs: { audio: [codec({ ...OPUS, payloadType: 96 })], video: [] },
      iceInterfaceAddresses: { udp4: MEDIA_ADDRESS },
      iceAdditionalHostAddresses: [],
    });
    this.peerConnection = peer;
    peer.addTransceiver(this.track, { direction: "sendrecv" });
  }

  async getDescription(): Promise<{ body: string; contentType: string }> {
    const peer = this.peerConnection;
    keepLocal(peer);
    await peer.setLocalDescription(await peer.createOffer());
    const sdp = peer.localDescription?.sdp ?? "";
    // Where a candidate is not in the m= line, baresip takes it for a mismatch (RFC 8839 §4.2.5).
    const [, address = "", port = ""] =
      /a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/i.exec(sdp) ?? [];
    const body = sdp
      .replace("c=IN IP4 0.0.0.0", `c=IN IP4 ${address}`)
      .replace("m=audio 9 ", `m=audio ${port} `);
    return { body, contentType: "application/sdp" };
  }

  async setDescription(answer: string): Promise<void> {
    const setup = /a=setup:\S+\r\n/.exec(answer)?.[0] ?? "";
    // baresip answers without what werift needs to find the section and its role.
    const whole = /a=mid:/.test(answer)
      ? answer
      : answer
          .replace(/(m=audio[^\r]*\r\n)/, `$1a=mid:0\r\n${setup}`)
          .replace("t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 0\r\n");
    await this.peerConnection.setRemoteDescription({ type: "answer", sdp: whole });
  }

  hasDescription(contentType: string): boolean {
    return contentType === "application/sdp";
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {
    void this.peerConnection.close();
  }
}

/** A user agent that calls baresip, and a probe on it. */
async function caller(baresip: Baresip, handler: () => SessionDescriptionHandler) {
  const agent = userAgent("alice", {
    forceRport: true,
    transportConstructor: UdpTransport,
    transportOptions: { remotePort: () => baresip.port },
    sessionDescriptionHandlerFactory: handler,
  });
  const probe = createProbe({ pollIntervalMs: 200, t1Ms: 100 });
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  probe.attachUserAgent(agent);
  await agent.start();
  agent.contact.uri.port = (agent.transport as unknown as UdpTransport).port;
  atEnd(async () => {
    await probe.close();
    await agent.stop();
  });
  return { agent, probe, ended };
}

async function callTone(agent: UserAgent): Promise<Inviter> {
  const target = UserAgent.makeURI("sip:tone@127.0.0.1");
  if (target === undefined) throw new Error("no URI");
  const session = new Inviter(agent, target);
  await session.invite();
  await reaches(session, SessionState.Established);
  return session;
}

const counts = (statistics: ReadonlyMap<string, string>, name: string): number[] =>
  (statistics.get(name) ?? "").split(",").map(Number);

describePeer("baresip and a watched media server", hasBaresip, () => {
  it("agree on a call with ICE, DTLS-SRTP and Opus", async () => {
    const baresip = await Baresip.start(
      "mediaenc=dtls_srtp;medianat=ice;audio_codecs=opus/48000/2",
    );
    const handlers: MediaHandler[] = [];
    const { agent, ended } = await caller(baresip, () => {
      const handler = new MediaHandler();
      handlers.push(handler);
      return handler;
    });
    const session = await callTone(agent);
    const [handler] = handlers;
    if (handler === undefined) throw new Error("no media");
    await until(() => handler.peerConnection.connectionState === "connected");
    // What comes before it has its keys too, baresip does not take.
    let heard = 0;
    handler.peerConnection.getReceivers()[0]?.track.onReceiveRtp.subscribe(() => {
      heard += 1;
    });
    await until(() => heard > 25);
    await sendRtp(handler.track, { count: 320, payloadType: 96, intervalMs: 20 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await session.bye();
    const statistics = await baresip.statistics();
    await until(() => ended.length === 1);
    const [call = expect.fail("no record")] = ended;
    const toUs = call.streams.find(({ direction }) => direction === "callee-to-caller");
    const toThem = call.streams.find(({ direction }) => direction === "caller-to-callee");
    const total = await baresip.packets();
    // PR and PS are of the moment of our last sender report: baresip renews them with each it gets, and
    // what comes after the last is in neither. Its totals of the whole stream have all.
    const [received = NaN] = counts(statistics, "PR");
    const [sent = NaN] = counts(statistics, "PS");
    expect(total.received).toBe(320);
    expect(received).toBeLessThanOrEqual(320);
    expect(toThem).toMatchObject({ packetsReceived: 320, packetsLost: 0, codec: "opus" });
    // Until the BYE has reached it baresip goes on sending, and our last look is before the BYE.
    expect(toUs?.packetsReceived).toBeGreaterThanOrEqual(sent);
    expect(toUs?.packetsReceived).toBeLessThanOrEqual(total.sent);
    expect(toUs).toMatchObject({ packetsMissing: 0, codec: "opus", clockRateHz: 48_000 });
    expect(counts(statistics, "PL")).toEqual([0, 0]);
    // baresip puts its reports into what it says of itself as a sender: the stack has no use for them.
    expect(toThem?.rtcp).toMatchObject({ packetsLost: 0 });
    const roundTripMs = Number(statistics.get("DL"));
    expect(Math.abs((call.rtt?.measured?.meanSeconds ?? NaN) * 1000 - roundTripMs)).toBeLessThan(
      30,
    );
    expect(call).toMatchObject({
      transport: "webrtc",
      localParty: "caller",
      callee: { userAgent: expect.stringContaining("baresip") as string },
      outcome: { statusCode: 200, endedBySide: "local" },
      security: { srtpKeying: "dtls", dtls: [{ result: "ok", version: "1.2" }] },
      ice: { result: "ok" },
    });
  }, 60_000);
});
