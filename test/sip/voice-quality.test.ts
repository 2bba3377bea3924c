import { describe, expect, it } from "vitest";

import { scanSipMessage } from "../../src/sip/message.js";
import { parseVoiceQualityReport, voiceQualityReportIn } from "../../src/sip/voice-quality.js";

const lines = (...all: readonly string[]): string => `${all.join("\r\n")}\r\n`;

/** As RFC 6035 §4.7 has it. */
const STANDARD = lines(
  "VQSessionReport: CallTerm",
  "CallID: 8f2c@192.0.2.5",
  "LocalID: <sip:100@a.example>",
  "RemoteID: <sip:200@b.example>",
  "OrigID: <sip:100@a.example>",
  "LocalAddr: IP=192.0.2.5 PORT=40000 SSRC=0x1a2b3c4d",
  "RemoteAddr: IP=192.0.2.9 PORT=50000 SSRC=0x5e6f7081",
  "LocalMetrics:",
  "Timestamps: START=2026-01-05T10:00:00Z STOP=2026-01-05T10:01:30Z",
  "SessionDesc: PT=0 PD=PCMU SR=8000 FD=20 FPP=1 PPS=50 PLC=3 SSUP=off",
  "JitterBuffer: JBA=3 JBR=2 JBN=40 JBM=80 JBX=120",
  "PacketLoss: NLR=1.2 JDR=0.4",
  "BurstGapLoss: BLD=15.0 BD=240 GLD=0.3 GD=8000 GMIN=16",
  "Delay: RTD=84 ESD=60 SOWD=42 IAJ=6 MAJ=4",
  "Signal: SL=-21 NL=-50 RERL=55",
  "QualityEst: RLQ=88 RCQ=85 MOSLQ=4.3 MOSCQ=4.2",
  "RemoteMetrics:",
  "PacketLoss: NLR=0.0 JDR=0.0",
  "QualityEst: MOSLQ=4.4 MOSCQ=4.3",
  "DialogID: 8f2c@192.0.2.5;to-tag=x;from-tag=y",
);

const METRICS = {
  startedAtMs: Date.UTC(2026, 0, 5, 10, 0, 0),
  stoppedAtMs: Date.UTC(2026, 0, 5, 10, 1, 30),
  payloadType: 0,
  codec: "PCMU",
  sampleRateHz: 8000,
  lossRatio: 0.012,
  discardRatio: 0.004,
  burstDensityRatio: 0.15,
  burstDurationSeconds: 0.24,
  gapDensityRatio: 0.003,
  gapDurationSeconds: 8,
  jitterSeconds: 0.006,
  meanAbsoluteJitterSeconds: 0.004,
  roundTripSeconds: 0.084,
  endSystemDelaySeconds: 0.06,
  oneWayDelaySeconds: 0.042,
  jitterBufferSeconds: 0.04,
  signalLevelDbm: -21,
  noiseLevelDbm: -50,
  residualEchoReturnLossDb: 55,
  rFactorLq: 88,
  rFactorCq: 85,
  mosLq: 4.3,
  mosCq: 4.2,
};

const REPORT = {
  kind: "session",
  callId: "8f2c@192.0.2.5",
  originator: "<sip:100@a.example>",
  local: {
    id: "<sip:100@a.example>",
    endpoint: { address: "192.0.2.5", port: 40_000 },
    ssrc: 0x1a2b3c4d,
  },
  remote: {
    id: "<sip:200@b.example>",
    endpoint: { address: "192.0.2.9", port: 50_000 },
    ssrc: 0x5e6f7081,
  },
  localMetrics: METRICS,
  remoteMetrics: { lossRatio: 0, discardRatio: 0, mosLq: 4.4, mosCq: 4.3 },
};

describe("parseVoiceQualityReport", () => {
  it("reads what RFC 6035 writes", () => {
    expect(parseVoiceQualityReport(STANDARD)).toEqual(REPORT);
  });

  it.each([
    { how: "without blanks after the colons", text: STANDARD.replaceAll(": ", ":") },
    { how: "with blanks before the colons", text: STANDARD.replaceAll(": ", " : ") },
    { how: "with line feeds alone", text: STANDARD.replaceAll("\r\n", "\n") },
    { how: "in lower case", text: STANDARD.replaceAll(/^\w+:/gm, (name) => name.toLowerCase()) },
    {
      how: "with names in lower case",
      text: STANDARD.replaceAll(/[A-Z]+=/g, (n) => n.toLowerCase()),
    },
    { how: "without saying why", text: STANDARD.replace(": CallTerm", "") },
    {
      how: "with scores ten times as large",
      text: STANDARD.replace("MOSLQ=4.3 MOSCQ=4.2", "MOSLQ=43 MOSCQ=42"),
    },
    {
      how: "with a blank forgotten",
      text: STANDARD.replace("JBN=40 JBM=80 JBX", "JBN=40JBM=80JBX"),
    },
    { how: "with decimal SSRCs", text: STANDARD.replace("0x1a2b3c4d", String(0x1a2b3c4d)) },
    { how: "with bare hexadecimal SSRCs", text: STANDARD.replace("0x1a2b3c4d", "1A2B3C4D") },
    {
      how: "with address and port as one",
      text: STANDARD.replace("192.0.2.5 PORT=40000", "192.0.2.5:40000"),
    },
    { how: "with the Call-ID in DialogID alone", text: STANDARD.replace(/CallID.*\r\n/, "") },
    {
      how: "with fields nobody knows",
      text: STANDARD.replace("LocalMetrics", "x-UserAgent:snom821\r\nLocalMetrics"),
    },
  ])("reads it $how", ({ text }) => {
    expect(parseVoiceQualityReport(text)).toEqual(REPORT);
  });

  it("finds what is of the session below the metrics", () => {
    const [first = "", ...rest] = STANDARD.split("\r\n");
    const [ids, metrics] = [rest.slice(0, 6), rest.slice(6)];
    const [local, remote] = [metrics.slice(0, 9), metrics.slice(9)];
    expect(parseVoiceQualityReport(lines(first, ...local, ...ids, ...remote))).toEqual(REPORT);
  });

  it("leaves out what stands for unknown: 127, a delay or score of 0, no start", () => {
    const report = parseVoiceQualityReport(
      lines(
        "VQIntervalReport: CallTerm",
        "CallID:43483408",
        "LocalMetrics:",
        "Timestamps: START=0 STOP=0",
        "SessionDesc:PT=0 PPS=50 PLC=3 SSUP=off",
        "Delay:RTD=0 ESD=0 SOWD=48 IAJ=0 MAJ=0",
        "Signal:SL=127 NL=-84 RERL=127",
        "QualityEst:RLQ=127 RCQ=92 EXTRI=127 MOSLQ=0 MOSCQ=0.0",
      ),
    );
    expect(report).toEqual({
      kind: "interval",
      callId: "43483408",
      local: {},
      remote: {},
      localMetrics: {
        payloadType: 0,
        jitterSeconds: 0,
        meanAbsoluteJitterSeconds: 0,
        oneWayDelaySeconds: 0.048,
        noiseLevelDbm: -84,
        rFactorCq: 92,
      },
    });
  });

  it.each([
    { what: "values that are none", line: "PacketLoss: NLR=many JDR=101 XYZ=1" },
    { what: "an empty line of them", line: "PacketLoss:" },
    { what: "a name without a value", line: "PacketLoss: NLR= JDR" },
  ])("has no metrics of $what", ({ line }) => {
    const text = lines("VQAlertReport: Type=NLR", "CallID: 1", "LocalMetrics:", line);
    expect(parseVoiceQualityReport(text)).toEqual({
      kind: "alert",
      callId: "1",
      local: {},
      remote: {},
    });
  });

  it("is of no kind that every object has", () => {
    expect(parseVoiceQualityReport(lines("constructor:", "CallID: 1"))).toBeUndefined();
    const text = lines("toString:", "valueOf", "VQAlertReport: Type=NLR", "CallID: 1");
    expect(parseVoiceQualityReport(text)?.kind).toBe("alert");
  });

  it.each([
    { what: "one long word", line: `PacketLoss: ${"a1".repeat(8000)}` },
    { what: "blanks before another kind of line end", line: `A:${" ".repeat(16_000)}x\u2028` },
  ])("reads $what in time", ({ line }) => {
    const text = lines("VQAlertReport:", "CallID: 1", "LocalMetrics:", line);
    // Were it read from each of its letters on this would take minutes.
    for (let i = 0; i < 200; i += 1) expect(parseVoiceQualityReport(text)?.callId).toBe("1");
  });

  it.each(["", "v=0", "VQSessionReport: CallTerm", "CallID: 1", "\0".repeat(100_000)])(
    "is none: %j",
    (text) => {
      expect(parseVoiceQualityReport(text)).toBeUndefined();
    },
  );
});

describe("voiceQualityReportIn", () => {
  const message = (method: string, type: string) => {
    const scanned = scanSipMessage(
      lines(
        `${method} sip:collector@c.example SIP/2.0`,
        "Call-ID: 1",
        `Content-Type: ${type}`,
        "",
        STANDARD,
      ),
    );
    if (typeof scanned === "string") throw new Error(scanned);
    return scanned;
  };

  it.each(["PUBLISH", "NOTIFY"])("takes it from a %s", (method) => {
    expect(voiceQualityReportIn(message(method, "Application/vq-rtcpxr"))).toEqual(REPORT);
  });

  it("takes it from nothing else", () => {
    expect(voiceQualityReportIn(message("MESSAGE", "application/vq-rtcpxr"))).toBeUndefined();
    expect(voiceQualityReportIn(message("PUBLISH", "application/pidf+xml"))).toBeUndefined();
  });
});
