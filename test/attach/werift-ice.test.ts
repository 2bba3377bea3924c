import { describe, expect, it } from "vitest";

import {
  connect,
  connected,
  negotiate,
  newPair,
  newPeer,
  newRelay,
  probe,
  sendRtp,
  until,
} from "./support/werift-pair.js";

const rtpCame = (count: number, at: ReturnType<typeof probe>): boolean =>
  at.attachment.inbound().reduce((sum, { wire }) => sum + (wire?.packets ?? 0), 0) === count;

describe("how media found its path", () => {
  it("is told once, with its duration and the kinds of candidates", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    const began = performance.now();
    await connect(pair);
    expect(at.attachment.ice()).toMatchObject({
      result: "ok",
      localCandidateType: "host",
      // A check may come before the candidates do.
      remoteCandidateType: expect.stringMatching(/^(host|prflx)$/) as string,
    });
    const { durationSeconds, startedAt = "", selectedAt = "" } = at.attachment.ice() ?? {};
    expect(durationSeconds).toBeGreaterThan(0);
    expect(durationSeconds).toBeLessThan((performance.now() - began) / 1000);
    expect((Date.parse(selectedAt) - Date.parse(startedAt)) / 1000).toBeCloseTo(
      durationSeconds ?? NaN,
      2,
    );
    expect(at.kinds().filter((kind) => kind.startsWith("ice"))).toEqual(["ice ok"]);
  });

  it("has no time where it was found before anybody looked", async () => {
    const pair = newPair();
    await connect(pair);
    const { attachment } = probe(pair.a);
    expect(attachment.ice()?.result).toBe("ok");
    expect(attachment.ice()).not.toHaveProperty("startedAt");
    expect(attachment.ice()).not.toHaveProperty("selectedAt");
  });

  it("is not taken from the state that only ends gathering (D17)", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    const states: string[] = [];
    pair.a.dtlsTransports[0]?.iceTransport.onStateChange.subscribe((state) => {
      states.push(state);
      if (state === "completed") expect(at.kinds()).not.toContain("ice ok");
    });
    await connect(pair);
    expect(states.indexOf("completed")).toBeGreaterThanOrEqual(0);
    expect(states.indexOf("completed")).toBeLessThan(states.indexOf("checking"));
    expect(at.kinds()).toContain("ice ok");
  });

  it("is a failure when no pair works, though the stack says connecting for ever (D11)", async () => {
    const relay = await newRelay();
    relay.fate = () => 0;
    const pair = newPair();
    const at = probe(pair.a);
    await negotiate(pair.a, pair.b, { relay });
    await until(() => at.kinds().includes("ice failed"));
    const { connection } = pair.a.dtlsTransports[0]?.iceTransport ?? {};
    expect(connection?.candidatePairs.map(({ state }) => state)).not.toContain(2);
    expect(pair.a.connectionState).toBe("connecting");
    expect(at.kinds().slice(-2)).toEqual(["ice failed", "failed ice-failed"]);
    expect(at.attachment.ice()).toEqual({
      result: "failed",
      startedAt: expect.any(String) as string,
    });
  });

  it("is a failure by our own clock while checks still go on (D11)", async () => {
    const relay = await newRelay();
    relay.fate = () => 0;
    const pair = newPair();
    const at = probe(pair.a, { iceTimeoutMs: 300 });
    await negotiate(pair.a, pair.b, { relay });
    await until(() => at.kinds().includes("failed ice-failed"));
    expect(pair.a.iceConnectionState).toBe("checking");
  });

  it("is ok in the end where the first check comes through after our clock ran out", async () => {
    const relay = await newRelay();
    relay.fate = () => 0;
    const pair = newPair();
    const at = probe(pair.a, { iceTimeoutMs: 100 });
    await negotiate(pair.a, pair.b, { relay });
    await until(() => at.kinds().includes("ice failed"));
    relay.fate = () => 1;
    await connected(pair.a);
    expect(at.attachment.ice()?.result).toBe("ok");
    expect(at.kinds().filter((kind) => kind.startsWith("ice"))).toEqual(["ice failed", "ice ok"]);
  });

  it("is aborted when this side gives up before", async () => {
    const relay = await newRelay();
    relay.fate = () => 0;
    const pair = newPair();
    const at = probe(pair.a);
    await negotiate(pair.a, pair.b, { relay });
    await until(() => pair.a.connectionState === "connecting");
    await pair.a.close();
    expect(at.kinds().slice(-3)).toEqual(["state closed", "failed aborted", "closed"]);
  });
});

describe("an ICE restart", () => {
  it("is an attempt that failed when no pair comes of it, and nothing counts as sent (D9, D12)", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const [atA, atB] = [probe(pair.a, { iceTimeoutMs: 700 }), probe(pair.b)];
    await connect(pair, { relay });
    await sendRtp(pair.trackA, { count: 50, intervalMs: 2 });
    await until(() => rtpCame(50, atB));
    const before = relay.count("ab", "rtp").packets;
    await pair.a.setLocalDescription(await pair.a.createOffer({ iceRestart: true }));
    const offer = pair.a.localDescription;
    if (offer === null) throw new Error("no offer");
    await pair.b.setRemoteDescription(offer);
    await pair.b.setLocalDescription(await pair.b.createAnswer());
    const answer = pair.b.localDescription;
    if (answer === null) throw new Error("no answer");
    await pair.a.setRemoteDescription(answer);
    expect(atA.kinds()).toContain("restart 1 started");

    const { packetsSent: onWire } = atA.attachment.totals().wire;
    await sendRtp(pair.trackA, { count: 100, sequenceNumber: 1050 });
    await until(() => atA.kinds().includes("restart 1 failed"));
    const { totals, outbound } = atA.attachment.finalSample();
    expect(relay.count("ab", "rtp").packets).toBe(before);
    expect(outbound[0]?.stack).toMatchObject({ packetsSent: 150, packetsNotSent: 100 });
    expect(totals.wire.packetsSent).toBe(onWire);
    expect(totals.payload).toMatchObject({ packetsSent: 50, bytesSent: 4000 });
    expect(atA.attachment.ice()).toMatchObject({ result: "lost", restarts: 1 });
    expect(atA.kinds().slice(-3)).toEqual(["restart 1 failed", "ice lost", "failed ice-lost"]);
    const failed = atA.events.find((event) => {
      return event.kind === "ice-restart" && event.result === "failed";
    });
    expect(failed).toMatchObject({ attempt: 1 });
    // The far end noticed the same by the changed credentials.
    expect(atB.kinds()).toContain("restart 1 started");
  });

  it("is ok as soon as there is a pair again", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    const transport = pair.a.dtlsTransports[0]?.iceTransport;
    const pairInUse = transport?.connection.nominated;
    transport?.restart();
    expect(at.kinds().at(-1)).toBe("restart 1 started");
    // werift finds none by itself; another version may.
    Reflect.set(transport?.connection ?? {}, "nominated", pairInUse);
    await until(() => at.kinds().includes("restart 1 ok"));
    expect(at.attachment.ice()).toMatchObject({ result: "ok", restarts: 1 });
  });
});

describe("a connection whose path goes away", () => {
  it("is lost and not failed, and says so once", async () => {
    const pair = newPair();
    const at = probe(pair.a);
    await connect(pair);
    // What the end of consent does after thirty seconds (RFC 7675).
    const connection = pair.a.dtlsTransports[0]?.iceTransport.connection;
    connection?.stateChanged.execute("failed");
    expect(pair.a.connectionState).toBe("failed");
    expect(at.attachment.ice()?.result).toBe("lost");
    expect(at.kinds().filter((kind) => kind.startsWith("failed"))).toEqual(["failed ice-lost"]);
    expect(at.attachment.dtls()?.result).toBe("ok");
  });
});

describe("a peer without servers", () => {
  it("would still ask one, which tests must prevent (D16)", () => {
    const peer = newPeer();
    peer.addTransceiver("audio");
    const stunServers = peer.dtlsTransports.map((each) => each.iceTransport.connection.stunServer);
    expect(peer.getConfiguration().iceServers).toEqual([]);
    expect(stunServers).toEqual([["stun.l.google.com", 19302]]);
  });
});
