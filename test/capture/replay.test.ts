import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { analyseCapture, analyseMerged } from "../../src/capture/analyse.js";
import { analyseLadder } from "../../src/capture/analyse-ladder.js";
import { replay } from "../../src/capture/replay.js";
import type { CaptureSource } from "../../src/capture/source.js";
import { CaptureDamagedError, CaptureOpenError } from "../../src/errors.js";
import { fixtureCapture } from "../support/fixtures.js";
import {
  bytesOf as joinedBytes,
  type CapturedFrame,
  ethernetFrame,
  ipPacket,
  pcapFile,
  udpFrame,
  uint,
} from "../support/packets.js";

async function calls(
  source: string | Readable | CaptureSource,
  options: Parameters<typeof replay>[1] = {},
): Promise<CallReport[]> {
  const all: CallReport[] = [];
  for await (const call of replay(source, options)) all.push(call);
  return all;
}

function bytesOf(name: string): Buffer {
  const path = fixtureCapture(name);
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** Cuts bytes into pieces whose lengths follow one another in a circle. */
function pieces(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}

describe("replay", () => {
  const path = fixtureCapture("impaired-call");

  it("gives the calls of a path, a stream and a named source alike", async () => {
    const options = { observationPoint: "tap" };
    const { calls: expected } = await analyseCapture({ path }, options);
    expect(expected).toHaveLength(1);
    expect(await calls(path, options)).toEqual(expected);
    expect(await calls({ path }, options)).toEqual(expected);
    expect(await calls(createReadStream(path), options)).toEqual(expected);
  });

  it("names the file, not the folder, as the place where calls were seen", async () => {
    const [call] = await calls(path);
    expect(call?.observationPoint).toBe(path.split("/").at(-1));
  });

  it("rejects where the capture cannot be opened", async () => {
    await expect(calls("/no/such/capture.pcap")).rejects.toThrow(CaptureOpenError);
  });

  it("gives out what a damaged capture holds, then says where it breaks off", async () => {
    const bytes = bytesOf("byes");
    const cut = Readable.from([bytes.subarray(0, bytes.length - 1000)]);
    const seen: string[] = [];
    const all = (async (): Promise<void> => {
      for await (const { callId } of replay({ stream: cut, name: "cut.pcap" })) seen.push(callId);
    })();
    await expect(all).rejects.toThrow(CaptureDamagedError);
    await expect(all).rejects.toThrow(/^cut\.pcap: The capture is cut short/);
    expect(seen.length).toBeGreaterThan(15);
  });

  it.each([
    ["sip-tcp-segments", [1]],
    ["sip-tcp-segments", [7, 1, 64, 3]],
    ["session-timers", [13, 1, 1460]],
    ["baresip-dtls-srtp", [1, 999]],
    ["proxy-hops-forks", [31]],
    ["webrtc-websocket", [4096, 1]],
  ])("does not care where the bytes of %s are cut: %j", async (name, lengths) => {
    const options = { observationPoint: "tap" };
    const bytes = bytesOf(name);
    const whole = await calls(Readable.from([bytes]), options);
    expect(whole.length).toBeGreaterThan(0);
    expect(await calls(Readable.from(pieces(bytes, lengths)), options)).toEqual(whole);
  });

  it("does not care in which order merged captures are named", async () => {
    const paths = ["impaired-call", "byes", "sip-dialogs"].map(fixtureCapture);
    const forward = await analyseMerged(paths);
    expect(forward.calls.length).toBe(26);
    expect(await analyseMerged(paths.toReversed())).toEqual(forward);
  });
});

describe("sides", () => {
  const path = fixtureCapture("impaired-call");

  it.each([
    [["10.77.1.0/24"], "caller", "local"],
    [["10.77.2.0/24"], "callee", "remote"],
  ] as const)("are those of the networks %j", async (local, localParty, endedBySide) => {
    const [call] = await calls(path, { local });
    expect(call).toMatchObject({ localParty, outcome: { endedBy: "caller", endedBySide } });
    expect(call?.confidence).toEqual([]);
  });

  it.each([[["10.77.0.0/16"]], [["192.0.2.0/24"]], [[]]])(
    "are assumed, and said to be, where %j fits both parties or none",
    async (local) => {
      const [call] = await calls(path, { local });
      expect(call?.localParty).toBe("callee");
      expect(call?.confidence.map(({ kind }) => kind)).toEqual(["side-assumed"]);
    },
  );

  it("must be networks", async () => {
    await expect(calls(path, { local: ["lan"] })).rejects.toThrow(
      '"lan" is no network; write an address and a prefix length, as in 10.0.0.0/8',
    );
  });
});

describe("an observer", () => {
  it("is told of every call once, of its messages in order, and of handshakes without a call", async () => {
    const told: string[] = [];
    const messages: number[] = [];
    let handshakes = 0;
    for (const name of ["byes", "openssl-dtls-outcomes"]) {
      await analyseCapture(
        { path: fixtureCapture(name) },
        {
          observer: {
            onSipEvent: (event) => {
              if (event.kind === "message") messages.push(event.atMs);
            },
            onCall: ({ callId }) => told.push(callId),
            onHandshake: () => {
              handshakes += 1;
            },
          },
        },
      );
    }
    expect(told).toHaveLength(20);
    expect(new Set(told).size).toBe(20);
    expect(messages).toEqual(messages.toSorted((a, b) => a - b));
    expect(messages).toHaveLength(182);
    expect(handshakes).toBe(8);
  });
});

describe("analyseLadder", () => {
  const source = { path: fixtureCapture("byes") };

  it("has every message of the call, retransmissions marked", async () => {
    const { ladder } = await analyseLadder(source, "bye-unanswered@example.test");
    const steps = ladder?.steps ?? [];
    const labels = steps.map((step) =>
      step.kind === "message" ? `${step.label}${step.isRetransmission ? " again" : ""}` : step.kind,
    );
    expect(labels.slice(0, 5)).toEqual([
      "INVITE (SDP)",
      expect.stringMatching(/^1\d\d /),
      expect.stringMatching(/^1\d\d /),
      "200 OK (INVITE, SDP)",
      "ACK",
    ]);
    expect(labels.filter((label) => label === "BYE again").length).toBeGreaterThan(5);
  });

  it("finds a call by how its Call-ID begins, and lists those that begin so", async () => {
    const { ladder } = await analyseLadder(source, "callee-16");
    expect(ladder?.call.callId).toBe("callee-16@example.test");
    const several = await analyseLadder(source, "caller-");
    expect(several.ladder).toBeUndefined();
    expect("candidates" in several && several.candidates.map(({ callId }) => callId)).toEqual([
      "caller-31@example.test",
      "caller-34@example.test",
      "caller-102@example.test",
      "caller-several-reasons@example.test",
      "caller-no-reason@example.test",
    ]);
  });

  it("needs no Call-ID where there is one call", async () => {
    const { ladder } = await analyseLadder({ path: fixtureCapture("impaired-call") }, undefined);
    expect(ladder?.steps.map(({ kind }) => kind)).toContain("media");
  });
});

describe("SIP over TLS", () => {
  const plain = dissectedSip();

  it("is a caveat of every call beside which it was seen", async () => {
    const hello = [22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3];
    for (const [port, kinds] of [
      [5061, ["signalling-encrypted"]],
      [443, []],
    ] as const) {
      const frames = [...plain, tcpFrame(port, hello)];
      const [call] = await calls(Readable.from([Buffer.from(pcapFile(frames))]));
      const found = call?.confidence.map(({ kind }) => kind) ?? [];
      expect(found.filter((kind) => kind === "signalling-encrypted")).toEqual(kinds);
    }
  });
});

/** An INVITE as it went over UDP. */
function dissectedSip(): CapturedFrame[] {
  const invite =
    "INVITE sip:b@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
    "From: <sip:a@example.org>;tag=a\r\nTo: <sip:b@example.org>\r\nCall-ID: one\r\n" +
    "CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  const source = { address: "192.0.2.1", port: 5060 };
  const destination = { address: "198.51.100.2", port: 5060 };
  const bytes = udpFrame({ source, destination, payload: Buffer.from(invite) });
  return [{ atNs: 1_700_000_000_000_000_000n, bytes }];
}

/** A TCP segment (RFC 9293 §3.1) to that port. */
function tcpFrame(port: number, payload: readonly number[]): CapturedFrame {
  const header = [...uint(40_000, 2), ...uint(port, 2), ...uint(1, 4), ...uint(1, 4), 0x50, 0x18];
  const segment = joinedBytes(header, uint(65_535, 2), [0, 0, 0, 0], payload);
  const packet = ipPacket("192.0.2.1", "198.51.100.2", segment, { protocol: 6 });
  return { atNs: 1_700_000_001_000_000_000n, bytes: ethernetFrame(packet) };
}
