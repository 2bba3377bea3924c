import { describe, expect, it } from "vitest";

import type { MediaEvent } from "../../src/call/connection.js";
import {
  connect,
  connected,
  type Negotiation,
  negotiate,
  newPair,
  newRelay,
  type Pair,
  probe,
  type Probe,
  type ProbeOptions,
  sendRtp,
  until,
} from "./support/werift-pair.js";
import type { UdpRelay } from "./support/udp-relay.js";

interface Setup extends Pair {
  readonly relay: UdpRelay;
  readonly atA: Probe;
  readonly atB: Probe;
}

/** A offers and so becomes the DTLS server; B, who answers, the client. */
async function setUp(options: ProbeOptions = {}): Promise<Setup> {
  const relay = await newRelay();
  const pair = newPair();
  return { ...pair, relay, atA: probe(pair.a, options), atB: probe(pair.b, options) };
}

const alertRecord = (level: number, code: number): Buffer =>
  Buffer.from([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, level, code]);

const outcomes = ({ events }: Probe): MediaEvent[] =>
  events.filter(({ kind }) => kind === "dtls-outcome");

const failures = (at: Probe): string[] => at.kinds().filter((kind) => kind.startsWith("failed"));

const withWrongFingerprint = (sdp: string): string =>
  sdp.replace(/(a=fingerprint:sha-256 )(..)/g, (_, name: string, first: string) => {
    return `${name}${first === "00" ? "01" : "00"}`;
  });

const withoutFingerprint = (sdp: string): string => sdp.replace(/a=fingerprint:[^\r\n]*\r\n/g, "");

const blockDtls = (relay: UdpRelay): void => {
  relay.fate = ({ kind }) => (kind === "dtls" ? 0 : 1);
};

async function fails(changes: Negotiation, of: "atA" | "atB"): Promise<Probe> {
  const setup = await setUp();
  await negotiate(setup.a, setup.b, { relay: setup.relay, ...changes });
  const at = setup[of];
  await until(() => failures(at).length > 0);
  return at;
}

describe("what a DTLS handshake came to", () => {
  it("is ok, with its duration and what was negotiated, in both roles", async () => {
    const { a, b, trackA, trackB, relay, atA, atB } = await setUp();
    const began = performance.now();
    await connect({ a, b, trackA, trackB }, { relay });
    for (const { attachment } of [atA, atB]) {
      expect(attachment.handshakes()).toHaveLength(1);
      expect(attachment.dtls()).toMatchObject({
        result: "ok",
        version: "1.2",
        cipher: expect.stringMatching(/^TLS_ECDHE_/) as string,
        srtpProfile: expect.stringMatching(/^SRTP_/) as string,
        retransmissions: 0,
      });
      expect(attachment.dtls()?.durationSeconds).toBeGreaterThan(0.005);
      expect(attachment.dtls()?.durationSeconds).toBeLessThan((performance.now() - began) / 1000);
    }
    const roles = [atA, atB].map(({ attachment }) => attachment.dtls()?.localRole);
    expect(new Set(roles)).toEqual(new Set(["client", "server"]));
    // The client waits a tenth of a second before it begins.
    expect(atB.attachment.dtls()?.durationSeconds).toBeGreaterThan(0.09);
  });

  it("is a fingerprint mismatch where the certificate is another's, in both roles", async () => {
    for (const [change, of] of [
      [{ changeOffer: withWrongFingerprint }, "atB"],
      [{ changeAnswer: withWrongFingerprint }, "atA"],
    ] as const) {
      const at = await fails(change, of);
      expect(at.attachment.dtls()?.result).toBe("fingerprint-mismatch");
      expect(outcomes(at)).toHaveLength(1);
      expect(failures(at)).toEqual(["failed fingerprint-mismatch"]);
    }
  });

  it("is a fingerprint mismatch where only a broken hash function was offered", async () => {
    const md5 = (sdp: string): string =>
      sdp.replace(/a=fingerprint:sha-256 [^\r\n]*/g, `a=fingerprint:md5 ${"AB:".repeat(15)}AB`);
    const at = await fails({ changeOffer: md5 }, "atB");
    expect(at.attachment.dtls()?.result).toBe("fingerprint-mismatch");
  });

  it("is that there was no fingerprint, as soon as ICE is up", async () => {
    const at = await fails({ changeAnswer: withoutFingerprint }, "atA");
    expect(at.attachment.dtls()).toMatchObject({ result: "no-fingerprint", retransmissions: 0 });
    expect(failures(at)).toEqual(["failed no-fingerprint"]);
  });

  it("is that there was no SRTP profile, where the stack stays in connecting", async () => {
    const { a, b, atB } = await setUp();
    for (const transport of a.dtlsTransports) Reflect.set(transport, "srtpProfiles", []);
    await negotiate(a, b);
    await until(() => failures(atB).length > 0);
    expect(b.dtlsTransports[0]?.state).toBe("connecting");
    expect(atB.attachment.dtls()?.result).toBe("no-srtp-profile");
    expect(failures(atB)).toEqual(["failed no-srtp-profile"]);
  });

  it("is a timeout by our own clock where the peer is silent, in both roles (D13)", async () => {
    const { a, b, relay, atA, atB } = await setUp({ dtlsTimeoutMs: 600 });
    blockDtls(relay);
    await negotiate(a, b, { relay });
    await until(() => failures(atA).length > 0 && failures(atB).length > 0);
    for (const [pc, at] of [
      [a, atA],
      [b, atB],
    ] as const) {
      // The stack knows of nothing yet, and as a server it never will.
      expect(pc.connectionState).toBe("connecting");
      expect(at.attachment.dtls()).toMatchObject({ result: "timeout" });
      expect(at.attachment.dtls()?.alert).toBeUndefined();
      expect(at.attachment.dtls()?.durationSeconds).toBeCloseTo(0.6, 1);
      expect(failures(at)).toEqual(["failed dtls-timeout"]);
    }
  });

  it("is late but ok where it ends after our timer, and counted once", async () => {
    const { a, b, relay, atA } = await setUp({ dtlsTimeoutMs: 300 });
    blockDtls(relay);
    await negotiate(a, b, { relay });
    await until(() => failures(atA).length > 0);
    relay.fate = () => 1;
    await connected(a);
    expect(atA.attachment.handshakes()).toEqual([expect.objectContaining({ result: "late-ok" })]);
    expect(atA.kinds().filter((kind) => kind.startsWith("dtls"))).toEqual([
      "dtls timeout",
      "dtls late-ok",
    ]);
    expect(failures(atA)).toEqual(["failed dtls-timeout"]);
  });

  it("is labelled by a fatal alert that the stack ignores, and not caused by it (D13)", async () => {
    const { a, b, relay, atB } = await setUp({ dtlsTimeoutMs: 600 });
    blockDtls(relay);
    await negotiate(a, b, { relay });
    await until(() => b.dtlsTransports[0]?.state === "connecting");
    relay.inject("ab", alertRecord(2, 40));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(outcomes(atB)).toEqual([]);
    await until(() => failures(atB).length > 0);
    expect(atB.attachment.dtls()).toMatchObject({
      result: "fail",
      alert: { level: "fatal", code: 40, name: "handshake_failure", by: "server" },
    });
    expect(failures(atB)).toEqual(["failed dtls-failed"]);
  });

  it("is ok in spite of a forged alert before its end (D13)", async () => {
    const { a, b, relay, atB } = await setUp();
    blockDtls(relay);
    await negotiate(a, b, { relay });
    await until(() => b.dtlsTransports[0]?.state === "connecting");
    relay.inject("ab", alertRecord(2, 40));
    relay.fate = () => 1;
    await connected(b);
    expect(atB.attachment.dtls()?.result).toBe("ok");
    expect(failures(atB)).toEqual([]);
  });

  it("is aborted where this side closes before its end", async () => {
    const { a, b, relay, atB } = await setUp();
    blockDtls(relay);
    await negotiate(a, b, { relay });
    await until(() => b.dtlsTransports[0]?.state === "connecting");
    await b.close();
    expect(atB.attachment.dtls()?.result).toBe("aborted");
    expect(atB.kinds().slice(-4)).toEqual([
      "state closed",
      "dtls aborted",
      "failed aborted",
      "closed",
    ]);
  });
});

describe("a far end that closes DTLS", () => {
  it("is told of, though the stack stays connected, and whether it can be believed (D14)", async () => {
    const { a, b, trackA, trackB, relay, atA, atB } = await setUp();
    await connect({ a, b, trackA, trackB }, { relay });
    relay.inject("ab", alertRecord(1, 0));
    await until(() => atB.kinds().includes("closed-by-peer"));
    expect(b.connectionState).toBe("connected");
    expect(atB.events.at(-1)).toMatchObject({ kind: "closed-by-peer", isAuthenticated: false });
    expect(atB.attachment.dtls()?.result).toBe("ok");
    expect(failures(atB)).toEqual([]);
    await sendRtp(trackA, { count: 5 });
    expect(atA.kinds()).not.toContain("closed-by-peer");
  });

  it("is believed where no plaintext alert came before it", async () => {
    const { a, b, trackA, trackB, atB } = await setUp();
    await connect({ a, b, trackA, trackB });
    // What werift does when an encrypted alert has been deciphered.
    const socket = b.dtlsTransports[0]?.dtls;
    socket?.onClose.execute();
    expect(atB.events.at(-1)).toMatchObject({ kind: "closed-by-peer", isAuthenticated: true });
    expect(b.connectionState).toBe("connected");
  });
});
