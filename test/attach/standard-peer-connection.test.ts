import { describe, expect, it } from "vitest";

import { BrowserReports } from "../../src/attach/browser-reports.js";
import { attachPeerConnection } from "../../src/attach/peer-connection.js";
import { PollWheel } from "../../src/attach/poll-wheel.js";
import { StandardAttachment } from "../../src/attach/standard-peer-connection.js";
import type { MediaEvent } from "../../src/call/connection.js";
import { negotiatePeers, newPeers } from "./support/libwebrtc.js";
import { atEnd, clock, until } from "./support/werift-pair.js";

function probe(pc: object) {
  const wheel = new PollWheel({ clock, periodMs: 100, slots: 10 });
  const events: MediaEvent[] = [];
  const errors: unknown[] = [];
  const attachment = attachPeerConnection(pc, {
    sink: undefined,
    wheel,
    clock,
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
  });
  atEnd(() => {
    attachment.detach();
  });
  const kinds = (): string[] =>
    events.map((event) => (event.kind === "connection-state" ? event.state : event.kind));
  return { attachment, events, errors, kinds };
}

/** Waits for a restart of ICE that succeeds, and holds that there was no other. */
async function expectOneRestart({
  attachment,
  events,
}: Pick<ReturnType<typeof probe>, "attachment" | "events">): Promise<void> {
  const restarts = (): unknown[] =>
    events.flatMap((event) =>
      event.kind === "ice-restart" ? [[event.attempt, event.result]] : [],
    );
  await until(() => events.some((event) => event.kind === "ice-restart" && event.result === "ok"));
  expect(restarts()).toEqual([
    [1, "started"],
    [1, "ok"],
  ]);
  expect(attachment.ice()).toMatchObject({ result: "ok", restarts: 1 });
}

describe("a peer connection of libwebrtc", () => {
  it("is read by its reports: security, path, streams, channels", async () => {
    const beganAtMs = clock();
    const { a, b } = newPeers();
    const { attachment, events, errors, kinds } = probe(a);
    expect(attachment).toBeInstanceOf(StandardAttachment);
    const channel = a.createDataChannel("talk");
    channel.onopen = () => {
      for (let at = 0; at < 10; at += 1) channel.send("0123456789");
    };
    await negotiatePeers({ a, b });
    await until(() => attachment.roundTrip().stack !== undefined);
    await until(() => (attachment.inbound()[0]?.stack?.packetsReceived ?? 0) > 50);
    await until(() => attachment.totals().dataChannels.messagesSent === 10);

    expect(attachment.state).toBe("connected");
    expect(attachment.dtls()).toMatchObject({
      result: "ok",
      version: "1.2",
      cipher: expect.stringMatching(/^TLS_ECDHE_/) as string,
      srtpProfile: expect.stringMatching(/^SRTP_A/) as string,
    });
    // Datagrams of the handshake are not seen.
    expect(attachment.dtls()).not.toHaveProperty("retransmissions");
    expect(attachment.ice()).toMatchObject({
      result: "ok",
      localCandidateType: "host",
      remoteCandidateType: expect.stringMatching(/^(host|prflx)$/) as string,
    });
    // That checks go on may be over before the stack tells of it; that there is a path is told.
    const { selectedAt = "", startedAt = selectedAt } = attachment.ice() ?? {};
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Math.floor(beganAtMs));
    expect(Date.parse(selectedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt));
    const [inbound] = attachment.inbound();
    expect(inbound).toMatchObject({
      payloadType: 111,
      format: { name: "opus", clockRateHz: 48_000, channels: 2, kind: "audio" },
      stack: { kind: "audio", packetsLost: 0 },
    });
    expect(inbound?.measured).toBeUndefined();
    expect(attachment.totals().dataChannels).toMatchObject({ opened: 1, bytesSent: 100 });
    expect(attachment.iceCredentials()?.ufrag).toBe(
      /ufrag:(\S+)/.exec(a.localDescription?.sdp ?? "")?.[1],
    );
    expect(attachment.descriptions().map(({ by, isOffer }) => [by, isOffer])).toEqual([
      ["local", true],
      ["remote", false],
    ]);
    expect(kinds().filter((kind) => kind === "connected")).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === "ice-outcome")).toHaveLength(1);
    expect(errors).toEqual([]);
  }, 30_000);

  it("counts as its own report does, and keeps that after it is closed", async () => {
    const { a, b } = newPeers();
    const { attachment, kinds } = probe(a);
    await negotiatePeers({ a, b });
    await until(() => (attachment.outbound()[0]?.stack?.packetsSent ?? 0) > 20);
    const report = [...(await a.getStats()).values()];
    const own = report.find(({ type }) => type === "outbound-rtp");
    await until(
      () => (attachment.outbound()[0]?.stack?.packetsSent ?? 0) >= Number(own?.["packetsSent"]),
    );
    a.close();
    await until(() => kinds().includes("closed"));
    const sample = attachment.finalSample();
    expect(sample.state).toBe("closed");
    expect(sample.outbound[0]).toMatchObject({ ssrc: own?.["ssrc"], format: { name: "opus" } });
    expect(sample.totals.payload.packetsSent).toBe(sample.outbound[0]?.stack?.packetsSent);
    expect(sample.totals.wire.bytesSent).toBeGreaterThan(sample.totals.payload.bytesSent);
  }, 30_000);

  it("fails for a wrong fingerprint, and says so", async () => {
    const { a, b } = newPeers();
    const { attachment, events } = probe(a);
    await negotiatePeers(
      { a, b },
      {
        change: (sdp) =>
          sdp.replace(/(a=fingerprint:sha-256 )(..)/, (_, name: string, first: string) => {
            return name + (first === "00" ? "01" : "00");
          }),
      },
    );
    await until(() => events.some(({ kind }) => kind === "connection-failed"), 20_000);
    expect(attachment.dtls()?.result).toBe("fail");
    const failure = events.find((event) => event.kind === "connection-failed");
    expect(failure?.reason).toBe("dtls-failed");
  }, 30_000);

  it("restarts ICE, which is told with its result", async () => {
    const { a, b } = newPeers();
    const { attachment, events } = probe(a);
    await negotiatePeers({ a, b });
    await until(() => attachment.ice()?.result === "ok");
    await negotiatePeers({ a, b }, { iceRestart: true });
    await expectOneRestart({ attachment, events });
  }, 30_000);

  it("keeps the handlers that its host has set, and has none of ours left", async () => {
    const { a, b } = newPeers();
    const told: string[] = [];
    const handler = (): void => {
      told.push(a.connectionState);
    };
    a.onconnectionstatechange = handler;
    const own = Object.getOwnPropertyNames(a);
    const { attachment } = probe(a);
    expect(a.onconnectionstatechange).toBe(handler);
    await negotiatePeers({ a, b });
    await until(() => told.includes("connected"));
    attachment.detach();
    attachment.detach();
    expect(Object.getOwnPropertyNames(a)).toEqual(own);
    expect(a.onconnectionstatechange).toBe(handler);
    probe(a).attachment.detach();
  }, 30_000);

  it("names what it cannot show", () => {
    const { a } = newPeers();
    expect(probe(a).attachment.capabilities).toEqual({
      present: [
        "statistics",
        "selected-pair",
        "data-channels",
        "dtls-outcome",
        "ice-outcome",
        "session-descriptions",
        "connection-state",
      ],
      missing: [
        "inbound-packets",
        "sent-packets",
        "received-rtcp",
        "sent-rtcp",
        "cheap-statistics",
        "extended-reports",
        "packet-sink",
      ],
    });
  });
});

describe("a connection that hides or breaks things", () => {
  it("is polled where it has no events", async () => {
    const pc = { connectionState: "new", getStats: () => Promise.resolve(new Map()) };
    const { attachment, kinds } = probe(pc);
    expect(attachment.capabilities.missing).toContain("connection-state");
    pc.connectionState = "connecting";
    await until(() => kinds().includes("connecting"));
    pc.connectionState = "closed";
    await until(() => kinds().at(-1) === "closed");
    expect(kinds()).toEqual(["connecting", "closed", "connection-failed", "closed"]);
  });

  it("is closed though it is detached before anybody looks again", () => {
    const pc = { connectionState: "connected", getStats: () => Promise.resolve(new Map()) };
    const { attachment, kinds } = probe(pc);
    pc.connectionState = "closed";
    attachment.detach();
    expect(kinds().slice(-2)).toEqual(["closed", "closed"]);
    expect(attachment.finalSample().state).toBe("closed");
    attachment.detach();
    expect(kinds().filter((kind) => kind === "closed")).toHaveLength(2);
  });

  it("may reject, hang and lie", async () => {
    let report: () => Promise<object> = () => Promise.reject(new Error("the stack's own"));
    const pc = { connectionState: "connected", getStats: () => report() };
    const { attachment } = probe(pc);
    const lies = ["x", 7, null, { type: "inbound-rtp", ssrc: "1" }, { type: "transport", id: {} }];
    report = () => Promise.resolve([...lies, { type: "inbound-rtp", ssrc: 5, packetsReceived: 3 }]);
    await until(() => attachment.inbound().length > 0);
    expect(attachment.inbound()).toMatchObject([{ ssrc: 5, stack: { packetsReceived: 3 } }]);
    attachment.detach();
  });
});

describe("an ICE restart", () => {
  it("is one once it is agreed, whatever was offered and rolled back before", async () => {
    const described = (ufrag: string) => ({
      type: "offer",
      sdp:
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" +
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" +
        `a=ice-ufrag:${ufrag}\r\na=ice-pwd:0123456789012345678901\r\n`,
    });
    const inUse = { ufrag: "aaaa" };
    const pc = Object.assign(new EventTarget(), {
      connectionState: "connected",
      iceConnectionState: "connected",
      signalingState: "stable",
      localDescription: described("aaaa"),
      remoteDescription: null,
      getStats: () =>
        Promise.resolve([
          { id: "T", type: "transport", dtlsState: "connected", selectedCandidatePairId: "P" },
          { id: "P", type: "candidate-pair", localCandidateId: "L" },
          { id: "L", type: "local-candidate", usernameFragment: inUse.ufrag },
        ]),
    });
    const { attachment, events } = probe(pc);
    const become = (ufrag: string, signalingState: string): void => {
      Object.assign(pc, { localDescription: described(ufrag), signalingState });
      pc.dispatchEvent(new Event("signalingstatechange"));
    };
    // Both sides offered at once, and this one gives way.
    become("bbbb", "have-local-offer");
    become("aaaa", "have-remote-offer");
    become("cccc", "stable");
    inUse.ufrag = "cccc";
    await expectOneRestart({ attachment, events });
  });
});

describe("why a connection failed", () => {
  const transport = (dtlsState: string) => ({ id: "T", type: "transport", dtlsState });

  /** A connection whose reports are of these states, one after the other, after its failure. */
  function failing(...states: readonly string[]) {
    const asked = { since: 0 };
    const pc = {
      connectionState: "connecting",
      iceConnectionState: "connected",
      getStats: () => {
        const isFailed = pc.connectionState === "failed";
        const state = isFailed ? states[Math.min(asked.since, states.length - 1)] : "connecting";
        if (isFailed) asked.since += 1;
        return Promise.resolve([transport(state ?? "")]);
      },
    };
    return { pc, asked };
  }

  const reasons = (events: readonly MediaEvent[]): unknown[] =>
    events.flatMap((event) => (event.kind === "connection-failed" ? [event.reason] : []));

  it("is told of the second report where the first is from before the failure", async () => {
    const { pc, asked } = failing("connecting", "failed");
    const { attachment, events } = probe(pc);
    pc.connectionState = "failed";
    await until(() => reasons(events).length > 0);
    expect(reasons(events)).toEqual(["dtls-failed"]);
    expect(attachment.dtls()?.result).toBe("fail");
    expect(asked.since).toBeGreaterThan(1);
  });

  it("is unknown when no report tells", async () => {
    const { pc } = failing("connecting");
    const { events } = probe(pc);
    pc.connectionState = "failed";
    await until(() => reasons(events).length > 0);
    expect(reasons(events)).toEqual(["unknown"]);
  });

  it("is told of a connection that its host closes as soon as it has failed", async () => {
    const { pc } = failing("connecting");
    const listeners: (() => void)[] = [];
    const { kinds, events } = probe(
      Object.assign(pc, {
        signalingState: "stable",
        addEventListener: (_type: string, listener: () => void) => listeners.push(listener),
        removeEventListener: () => undefined,
      }),
    );
    pc.connectionState = "failed";
    for (const listener of listeners) listener();
    expect(reasons(events)).toEqual([]);
    Object.assign(pc, { connectionState: "closed", signalingState: "closed" });
    for (const listener of listeners) listener();
    const told = ["ice-outcome", "failed", "closed", "connection-failed", "closed"];
    expect(kinds()).toEqual(told);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(kinds()).toEqual(told);
  });
});

describe("a browser's reports", () => {
  it("stand for its connection until it is gone", async () => {
    const { a, b } = newPeers();
    await negotiatePeers({ a, b });
    const browser = new BrowserReports();
    const { attachment, kinds } = probe(browser);
    const sent = async (): Promise<unknown> =>
      JSON.parse(JSON.stringify([...(await a.getStats()).values()]));
    await until(() => a.connectionState === "connected");
    browser.report(await sent());
    await until(() => attachment.dtls() !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    browser.report(await sent());
    await until(() => (attachment.outbound()[0]?.stack?.packetsSent ?? 0) > 0);
    expect(attachment.dtls()).toMatchObject({ result: "ok", version: "1.2" });
    expect(attachment.capabilities.missing).toContain("session-descriptions");
    browser.report("nonsense");
    browser.close();
    browser.report(await sent());
    expect(kinds().slice(-2)).toEqual(["closed", "closed"]);
    expect(attachment.state).toBe("closed");
  }, 30_000);
});
