/**
 * Every fixture's whole report and exposition against its golden files, and against what the tools
 * that sent, received or impaired its packets counted. `UPDATE_GOLDEN=1` rewrites the files; the
 * review is the diff.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

import type { CallReport } from "../src/call/call-report.js";
import type { CaptureReport } from "../src/call/report.js";
import { analysedFixture, identityOf, streamsOf } from "./support/analysed.js";
import { packetsNeverReceivedOf } from "./support/counts.js";
import { fixtureNames, type KnownCall, knownCalls, knownStreams } from "./support/fixtures.js";
import { recordedMetrics } from "./support/recorded-metrics.js";

const goldenFile = (name: string, file: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}/${file}`, import.meta.url));

function golden(name: string, file: string, text: string): string {
  const path = goldenFile(name, file);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
  return readFileSync(path, "utf8");
}

describe.each(fixtureNames())("fixtures/%s", (name) => {
  const metrics = recordedMetrics();
  let report: CaptureReport;
  beforeAll(async () => {
    report = await analysedFixture(name, metrics.observer);
  });

  it("is reported as its golden file says", () => {
    const expected = golden(name, "expected.json", `${JSON.stringify(report, undefined, 1)}\n`);
    expect(report).toEqual(JSON.parse(expected));
  });

  it("moves the metrics that its golden file says, and no others", () => {
    const moved = `${metrics.nonZeroLines().join("\n")}\n`;
    expect(moved).toBe(golden(name, "expected.prom", moved));
  });

  it.each(knownStreams(name))(
    "has the counts that its tools logged of $ssrc from $source.address",
    ({ source, destination, ssrc, packetsMissing, ...counts }) => {
      const identity = identityOf({ source, destination, ssrc });
      const found = streamsOf(report).find((stream) => identityOf(stream) === identity);
      expect(found, identity).toMatchObject(countsOnly(counts));
      if (packetsMissing !== undefined && found !== undefined) {
        expect(packetsNeverReceivedOf(found), identity).toBe(packetsMissing);
      }
    },
  );

  it.each(knownCalls(name).map((known) => [known.callId, known] as const))(
    "has the call %s as its peers played it",
    (callId, known) => {
      const [call, ...others] = report.calls.filter((one) => one.callId === callId);
      expect(others).toEqual([]);
      expect(call && playedOf(call, known)).toEqual(withoutNotes(known));
    },
  );
});

const COUNTS = [
  "packetsReceived",
  "packetsExpected",
  "packetsLost",
  "packetsDuplicated",
  "packetsReordered",
  "lossRuns",
] as const;

/** Of what is known, the fields that a report has too. */
function countsOnly(known: Partial<Record<(typeof COUNTS)[number], unknown>>): object {
  return Object.fromEntries(
    COUNTS.filter((name) => known[name] !== undefined).map((name) => [name, known[name]]),
  );
}

/** Of a record, what is known of its call. */
function playedOf(call: CallReport, known: KnownCall): object {
  const { outcome, sessionTimer, hops, streams, issues } = call;
  const found = issues.map(({ kind }) => kind);
  const all: Readonly<Record<string, unknown>> = {
    callId: call.callId,
    statusCode: outcome.statusCode,
    via: outcome.via,
    attempts: outcome.attempts,
    cancelled: outcome.cancelled,
    endedBy: outcome.endedBy,
    byeReasonClass: outcome.byeReasonClass,
    reasons: outcome.reasons ?? [],
    hops: hops?.length ?? 1,
    refreshes: sessionTimer?.refreshes.map(({ result }) => result) ?? [],
    intervalSeconds: sessionTimer?.intervalSeconds,
    refresher: sessionTimer?.refresher,
    issues: known.issues?.filter((kind) => found.includes(kind)),
    absentIssues: known.absentIssues?.filter((kind) => !found.includes(kind)),
    ssrcs: [...new Set(streams.map(({ ssrc }) => ssrc))].sort((a, b) => a - b),
  };
  return Object.fromEntries(Object.keys(withoutNotes(known)).map((key) => [key, all[key]]));
}

const NOT_IN_RECORDS: readonly string[] = ["why", "messages"];

/** What a record can say: notes for people are left out, as are counts of messages. */
function withoutNotes(known: KnownCall): object {
  const { ssrcs } = known;
  const all = { ...known, ...(ssrcs && { ssrcs: ssrcs.toSorted((a, b) => a - b) }) };
  return Object.fromEntries(Object.entries(all).filter(([key]) => !NOT_IN_RECORDS.includes(key)));
}
