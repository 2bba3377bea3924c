import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import type { CaptureReport, StreamReport } from "../../src/call/report.js";
import { diagnoseCapture } from "../../src/doctor/diagnose-capture.js";
import type { Finding, Sight, Subject } from "../../src/doctor/finding.js";
import { TIE } from "../../src/report/display-text.js";
import { call, capture, cleanCall, counters, stream } from "../report/samples.js";

/** What was made of a fixture's capture. */
const reportOn = (name: string): CaptureReport =>
  JSON.parse(
    readFileSync(
      fileURLToPath(new URL(`../../fixtures/${name}/expected.json`, import.meta.url)),
      "utf8",
    ),
  ) as CaptureReport;

function about(report: CaptureReport, name: string): Subject {
  const found = diagnoseCapture(report).subjects.find((subject) => subject.name === name);
  if (found === undefined) throw new Error(`there is no subject ${name}`);
  return found;
}

/** The findings of a subject that take something away, by what is seen. */
function seen(report: CaptureReport, name: string, sight?: Sight): string[] {
  return about(report, name)
    .findings.filter((finding) => sight === undefined || finding.sight === sight)
    .map((finding) => finding.seen.replaceAll(TIE, " "));
}

function finding(report: CaptureReport, name: string, beginning: string): Finding | undefined {
  return about(report, name).findings.find((one) => one.seen.startsWith(beginning));
}

/** As a report leaves out what is not known. */
function without(of: StreamReport, ...names: readonly (keyof StreamReport)[]): StreamReport {
  const known = Object.entries(of).filter(([name]) => !names.includes(name as keyof StreamReport));
  return Object.fromEntries(known) as unknown as StreamReport;
}

const sights = (report: CaptureReport): Record<string, Sight> =>
  Object.fromEntries(diagnoseCapture(report).subjects.map(({ name, sight }) => [name, sight]));

describe("the diagnosis of a capture", () => {
  it("sees all there is of a call that was captured whole", () => {
    expect(sights(reportOn("impaired-call"))).toEqual({
      capture: "ok",
      signalling: "ok",
      media: "ok",
      "round trips": "ok",
      quality: "ok",
      security: "ok",
      identity: "ok",
    });
  });

  it("is blind to all but the media of RTP that stands alone", () => {
    const report = reportOn("aiortc-audio");
    expect(sights(report)).toMatchObject({
      signalling: "blind",
      media: "ok",
      "round trips": "blind",
      security: "limited",
      identity: "blind",
    });
    expect(seen(report, "signalling")).toEqual(["There is no SIP."]);
    expect(seen(report, "round trips")).toEqual([
      "Packets of RTCP that are encrypted (SRTCP): 61 of 61.",
    ]);
    expect(seen(report, "security")).toEqual(["1 DTLS handshake, without signalling."]);
  });

  it("is blind to media where only signalling was captured", () => {
    const report = reportOn("kamailio-stir");
    expect(sights(report)).toMatchObject({
      signalling: "ok",
      media: "blind",
      "round trips": "blind",
      quality: "blind",
    });
    expect(finding(report, "media", "There is no RTP.")?.remedy).toContain("Capture all of udp");
  });

  it("counts the identities that wait for certificates", () => {
    expect(seen(reportOn("kamailio-stir"), "identity", "limited")).toEqual([
      "Calls with an Identity whose certificate, or whose signer's authority, is not at hand: 7 of 10.",
    ]);
  });

  it("rates streams of speech, and asks nothing of video and its repairs", () => {
    const video = reportOn("webrtc-video");
    expect(seen(video, "quality")[0]).toBe("Streams of speech with a MOS: 2 of 2.");
    expect(seen(reportOn("video-ulpfec"), "quality")).toEqual(["No stream is of speech."]);
  });
});

describe("the diagnosis of how a capture was taken", () => {
  it("says what the capture is of, and what it cannot say", () => {
    expect(seen(capture([stream()]), "capture")).toEqual([
      "pcap, Ethernet, times to 1 µs, not said whether packets were lost while capturing.",
    ]);
  });

  it("does not take messages that are cut short for messages of no call", () => {
    const of = (packetsCut: number): CaptureReport =>
      capture([], { calls: [], counters: counters({ packets: 100, packetsCut, sip: 7 }) });
    const seven = "7 messages, none of them of a call.";
    expect(seen(of(0), "signalling", "ok")).toEqual([seven]);
    expect(seen(of(7), "signalling", "limited")).toEqual([seven]);
  });

  it("tells bytes that the capture dropped from those that a snap length took", () => {
    const confidence = [{ kind: "packets-cut", detail: "Bytes are missing." }] as const;
    const of = (packetsCut: number): (string | undefined)[] => {
      const report = capture([], {
        calls: [call({ confidence })],
        counters: counters({ packets: 100, packetsCut, sip: 7, tcpBytesSkipped: 900 }),
      });
      return ["Calls with messages", `900${TIE}B of SIP`].map(
        (beginning) => finding(report, "signalling", beginning)?.remedy,
      );
    };
    for (const remedy of of(0)) expect(remedy).toMatch(/widen the buffer \(-B\)/);
    for (const remedy of of(5)) expect(remedy).toMatch(/tcpdump -s 0\.$/);
  });

  it("names what a snap length took", () => {
    const report = capture([stream()], {
      counters: counters({ packets: 100, packetsCut: 40, rtp: 90 }),
      inputs: [{ format: "pcap", interfaces: 1, linkType: 1, snapLengthBytes: 96 }],
    });
    const cut = finding(report, "capture", "40 of");
    expect(cut?.seen.replaceAll(TIE, " ")).toBe(
      "40 of 100 frames are cut short, at 96 bytes at the earliest.",
    );
    expect(cut?.remedy).toBe("Capture whole packets: tcpdump -s 0.");
  });

  it("counts what whoever captured lost, and is content where that is nothing", () => {
    const lost = (packetsDropped: number): CaptureReport =>
      capture([stream()], {
        inputs: [{ format: "pcapng", interfaces: 1, linkType: 1, packetsDropped }],
      });
    expect(seen(lost(7), "capture", "limited")).toEqual([
      "Whoever captured lost 7 packets, by the capture's own count.",
    ]);
    expect(about(lost(0), "capture").sight).toBe("ok");
  });

  it("doubts times that are rounded to more than jitter is", () => {
    const coarse = capture([stream()], {
      inputs: [{ format: "pcapng", interfaces: 1, linkType: 1, timestampResolutionSeconds: 0.001 }],
    });
    expect(seen(coarse, "capture", "limited")).toEqual([
      "The times of packets are rounded to 1.00 ms.",
    ]);
  });

  it("is blind where no frame is of a link type that can be read", () => {
    const wireless = capture([], {
      counters: counters({ packets: 50, malformed: { linkType: 50 } }),
      inputs: [{ format: "pcap", interfaces: 1, linkType: 105 }],
    });
    expect(seen(wireless, "capture", "blind")).toEqual(["All frames are of link type 105."]);
  });

  it("notices copies, a step back in time, and what was given up", () => {
    const report = capture([stream({ packetsReceived: 200, packetsDuplicated: 100 })], {
      firstPacketAt: "2024-05-03T12:00:09.000000Z",
      lastPacketAt: "2024-05-03T12:00:01.000000Z",
      counters: counters({ packets: 200, rtp: 200, evicted: { streams: 3 } }),
    });
    expect(seen(report, "capture", "limited")).toEqual([
      "The last frame is older than the first: they are not in order of time.",
      "Streams captured twice, as from a mirrored port: 1 of 1.",
      "3 given up for lack of time or room (streams).",
    ]);
    expect(finding(report, "capture", "3")?.remedy).toContain("--streams N");
  });

  it("repeats why a capture was not read to its end", () => {
    const damage = { reason: "truncated", offset: 9, sentence: "The capture is cut short." };
    expect(seen(capture([stream()], { damage }), "capture", "limited")).toEqual([damage.sentence]);
  });
});

describe("the diagnosis of calls", () => {
  it("counts the calls that carry a caveat, and says the first one in its own words", () => {
    const detail = "Signalling was seen in one direction only.";
    const report = capture([], {
      calls: [call({ confidence: [{ kind: "one-sided-signalling", detail }] }), cleanCall()],
    });
    expect(finding(report, "signalling", "Calls with messages of one")).toEqual({
      sight: "limited",
      seen: `Calls with messages of one direction only: 1${TIE}of${TIE}2.`,
      consequence: detail,
      remedy: "Capture where both directions pass: on the server itself, or on its mirrored port.",
    });
  });

  it("takes an assumed side for what it is: nothing of the call is unseen", () => {
    const confidence = [{ kind: "side-assumed", detail: "It is assumed." }] as const;
    const report = capture([], { calls: [call({ confidence })] });
    expect(about(report, "signalling").sight).toBe("ok");
    expect(finding(report, "signalling", "Calls of which the callee")?.remedy).toContain("--local");
  });

  it("is blind to signalling that is all encrypted, and doubts it where some is", () => {
    const of = (sip: number): CaptureReport =>
      capture([stream()], { counters: counters({ packets: 9, sip, sipOverTls: 2 }) });
    expect(about(of(0), "signalling")).toMatchObject({ sight: "blind" });
    expect(about(of(4), "signalling")).toMatchObject({ sight: "limited" });
    expect(seen(of(0), "signalling")).toEqual(["2 connections of SIP over TLS (port 5061) began."]);
  });

  it("misses the handshake of a call that was to have one", () => {
    const joined = call({ security: { srtpKeying: "dtls" } });
    expect(seen(capture([], { calls: [joined] }), "security", "limited")).toEqual([
      "Calls of DTLS-SRTP without a handshake in the capture: 1 of 1.",
    ]);
  });

  it("cannot tell from RTP alone whether it is encrypted", () => {
    expect(about(capture([stream()]), "security").sight).toBe("blind");
  });
});

describe("the diagnosis of round trips and quality", () => {
  const rtcp = { reports: 2, lost: 0 } as never;

  it("says of how many streams they are measured, stated, or unknown, and why", () => {
    const summary = { samples: 1, lastSeconds: 0.04, minSeconds: 0.04, meanSeconds: 0.04 };
    const rtt = { ...summary, p95Seconds: 0.04, maxSeconds: 0.04 };
    const bare = without(stream(), "rtt", "rtcp");
    const report = capture(
      [
        { ...bare, ssrc: 1, rtt: { measured: rtt } },
        { ...bare, ssrc: 2, rtt: { reported: rtt } },
        { ...bare, ssrc: 3, rtcp },
        { ...bare, ssrc: 4 },
      ],
      { counters: counters({ packets: 900, rtp: 800, rtcp: 8 }) },
    );
    expect(seen(report, "round trips")).toEqual([
      "Streams with a measured round-trip time: 1 of 4.",
      "Streams with a round-trip time that an end states: 1 of 4.",
      "Streams without a report of the receiving end: 1 of 4.",
      "Streams with reports that answer no sender report in the capture: 1 of 4.",
    ]);
    expect(about(report, "round trips").sight).toBe("limited");
  });

  it("names the payload types that no SDP does, and what to say of them", () => {
    const bare = without(stream(), "codec", "clockRateHz", "quality");
    const report = capture([
      { ...bare, payloadType: 111, payloadTypes: [{ payloadType: 111, packets: 9 }] },
    ]);
    expect(seen(report, "quality", "blind")).toEqual([
      "Streams of a payload type (111) that no SDP in the capture names: 1 of 1.",
    ]);
    expect(finding(report, "quality", "Streams of a payload type")?.remedy).toContain(
      "--payload 111=opus/48000",
    );
  });

  it("misses the other way of streams that no call explains", () => {
    const there = stream({ ssrc: 1 });
    const back = stream({ ssrc: 2, source: there.destination, destination: there.source });
    expect(about(capture([there, back]), "media").sight).toBe("ok");
    expect(seen(capture([there]), "media", "limited")).toEqual([
      "Streams without a call, and without one the other way: 1 of 1.",
    ]);
  });
});
