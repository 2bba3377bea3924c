/**
 * Captures of which a snap length took the ends of the frames: what may be behind the cut is unknown,
 * not absent.
 */

import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import { diagnoseCapture } from "../../src/doctor/diagnose-capture.js";
import { TIE } from "../../src/report/display-text.js";
import { fixtureCapture } from "../support/fixtures.js";

const FILE_HEADER_BYTES = 24;
const SNAP_LENGTH_AT = 16;
const RECORD_HEADER_BYTES = 16;

/** The fixture as `tcpdump -s` would have written it. */
async function snapped(name: string, snapLength: number): Promise<CaptureReport> {
  const path = fixtureCapture(name);
  const file = readFileSync(path);
  const capture = path.endsWith(".gz") ? gunzipSync(file) : file;
  const header = Buffer.from(capture.subarray(0, FILE_HEADER_BYTES));
  header.writeUInt32LE(snapLength, SNAP_LENGTH_AT);
  const parts: Buffer[] = [header];
  for (let at = FILE_HEADER_BYTES; at < capture.length;) {
    const captured = capture.readUInt32LE(at + 8);
    const kept = Math.min(captured, snapLength);
    const record = Buffer.from(capture.subarray(at, at + RECORD_HEADER_BYTES + kept));
    record.writeUInt32LE(kept, 8);
    parts.push(record);
    at += RECORD_HEADER_BYTES + captured;
  }
  return analyseCapture({ stream: Readable.from([Buffer.concat(parts)]), name });
}

function seen(report: CaptureReport, name: string): string[] {
  const subject = diagnoseCapture(report).subjects.find((one) => one.name === name);
  return (subject?.findings ?? []).map((finding) => finding.seen.replaceAll(TIE, " "));
}

describe("a capture cut short", () => {
  it("does not call media clear whose keys may stand behind the cut", async () => {
    const whole = await snapped("baresip-dtls-srtp", 65_535);
    expect(whole.calls[0]?.security.srtpKeying).toBe("dtls");
    const cut = await snapped("baresip-dtls-srtp", 700);
    expect(cut.calls[0]?.security).not.toHaveProperty("srtpKeying");
    expect(seen(cut, "security")).toContain(
      "Calls without the whole descriptions of both parties: 1 of 1.",
    );
  });

  it("does not call a caller unvouched for whose Identity may stand behind the cut", async () => {
    const results = async (snapLength: number): Promise<unknown[]> =>
      (await snapped("kamailio-stir", snapLength)).calls.map(
        ({ security }) => security.stir?.result,
      );
    expect(await results(65_535)).toContain("no-identity");
    expect(await results(300)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(seen(await snapped("kamailio-stir", 300), "identity")).toEqual([
      "No INVITE is seen whole.",
    ]);
    expect(seen(await snapped("kamailio-stir", 500), "identity")).toEqual([
      "Calls with an INVITE that is cut short: 10 of 10.",
    ]);
  });

  it("does not say that there is no signalling, or no call, where neither can be made out", async () => {
    const cut = await snapped("sipp-pcma-dtmf", 96);
    expect(cut.calls).toEqual([]);
    expect(seen(cut, "security")).toEqual([
      "There is no handshake, and no call can be made out of the signalling.",
    ]);
    expect(seen(cut, "identity")).toEqual(["No INVITE is seen whole."]);
  });
});
