/**
 * Every fixture's whole report against its golden file, and against what the tools that sent,
 * received or impaired its packets counted. `UPDATE_GOLDEN=1` rewrites the files; the review is the
 * diff.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { packetsNeverReceivedOf } from "./support/counts.js";
import { analysedFixture, identityOf } from "./support/analysed.js";
import { fixtureNames, knownStreams } from "./support/fixtures.js";

const goldenFile = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}/expected.json`, import.meta.url));

describe.each(fixtureNames())("fixtures/%s", (name) => {
  it("is reported as its golden file says", async () => {
    const report = await analysedFixture(name);
    if (process.env["UPDATE_GOLDEN"] === "1") {
      writeFileSync(goldenFile(name), `${JSON.stringify(report, undefined, 1)}\n`);
    }
    expect(report).toEqual(JSON.parse(readFileSync(goldenFile(name), "utf8")));
  });

  if (knownStreams(name).length === 0) return;
  it("has the counts that its tools logged", async () => {
    const { streams } = await analysedFixture(name);
    for (const { source, destination, ssrc, packetsMissing, ...counts } of knownStreams(name)) {
      const identity = identityOf({ source, destination, ssrc });
      const found = streams.find((stream) => identityOf(stream) === identity);
      expect(found, identity).toMatchObject(countsOnly(counts));
      if (packetsMissing !== undefined && found !== undefined) {
        expect(packetsNeverReceivedOf(found), identity).toBe(packetsMissing);
      }
    }
  });
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
