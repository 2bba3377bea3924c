import { describe, expect, it } from "vitest";

import { diagnosisText } from "../../src/doctor/diagnosis-text.js";
import { blind, type Diagnosis, ok, subject } from "../../src/doctor/finding.js";
import { plain } from "../../src/report/tone.js";

const DIAGNOSIS: Diagnosis = {
  schema: "mediaprobe.doctor/1",
  of: "capture",
  file: "call.pcap",
  subjects: [
    subject("media", [ok("2 streams.")]),
    subject("round trips", [
      blind("There is no RTCP.", "Round-trip times are unknown.", "Capture all of udp."),
      ok("\u001b[31mred"),
    ]),
  ],
};

const lines = (width: number): string[] => [...diagnosisText(DIAGNOSIS, { width, paint: plain })];

describe("diagnosisText", () => {
  it("puts what is seen beside each subject, and what to do below it", () => {
    expect(lines(100)).toEqual([
      "  media        ok       2 streams.",
      "  round trips  blind    There is no RTCP. Round-trip times are unknown.",
      "                          → Capture all of udp.",
      "                        \ufffd[31mred",
    ]);
  });

  it("puts it below where there is no room beside", () => {
    expect(lines(48)).toEqual([
      "  media        ok",
      "    2 streams.",
      "  round trips  blind",
      "    There is no RTCP. Round-trip times are",
      "    unknown.",
      "      → Capture all of udp.",
      "    \ufffd[31mred",
    ]);
  });
});
