/**
 * What is said of every call of every fixture, against its golden text and against the golden record
 * it is argued from. `UPDATE_GOLDEN=1` rewrites the texts; the review is the diff. Of public captures,
 * which `MEDIAPROBE_CAPTURES` names the folder of, that it is well said.
 *
 * @module
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import type { CallReport } from "../src/call/call-report.js";
import type { CaptureReport } from "../src/call/report.js";
import { analyseCapture } from "../src/capture/analyse.js";
import { mosText } from "../src/report/quantity.js";
import { score } from "../src/report/satisfaction.js";
import { type CallExplanation, explainCall } from "../src/report/story/call-story.js";
import { valueAt } from "../src/report/story/sentence.js";
import { unfoundedNumbers } from "./support/evident-numbers.js";
import { fixtureNames } from "./support/fixtures.js";
import { describeCaptures } from "./support/public-captures.js";

const fixtureFile = (name: string, file: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}/${file}`, import.meta.url));

/** A person's patience. */
const MAX_CHARACTERS = 3000;

function callsOf(name: string): readonly CallReport[] {
  return (JSON.parse(readFileSync(fixtureFile(name, "expected.json"), "utf8")) as CaptureReport)
    .calls;
}

/** What holds of every explanation of whatever call. */
function expectWellSaid(call: CallReport, { paragraph, sentences }: CallExplanation): void {
  expect(paragraph).not.toMatch(
    /undefined|NaN|null|\[object|Infinity| {2}|\u00a0|\.\.|–|(?<![\d.,:])1 (?!ms\b)[a-z]{2,}s\b/,
  );
  expect(paragraph).toMatch(/^\S.*[.?]$/);
  expect(paragraph.length).toBeLessThan(MAX_CHARACTERS);
  expect(new Set(sentences.map(({ text }) => text)).size, paragraph).toBe(sentences.length);
  for (const sentence of sentences) {
    expect(unfoundedNumbers(sentence), sentence.text).toEqual([]);
    for (const [field, value] of Object.entries(sentence.evidence)) {
      expect(value, field).toBe(valueAt(call, field));
    }
  }
}

const named = fixtureNames()
  .map((name) => ({ name, calls: callsOf(name) }))
  .filter(({ calls }) => calls.length > 0);

describe.each(named)("fixtures/$name", ({ name, calls }) => {
  const explained = calls.map((call) => ({ call, explanation: explainCall(call) }));

  it("is explained as its golden file says", () => {
    const text = explained
      .map(({ call, explanation }) => `${call.callId}\n${explanation.paragraph}\n`)
      .join("\n");
    const path = fixtureFile(name, "explained.txt");
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });

  it("says no number but those of its records", () => {
    for (const { call, explanation } of explained) expectWellSaid(call, explanation);
  });

  it("gives both scores of a call, and each issue that somebody heard nothing for", () => {
    for (const { call, explanation } of explained) {
      const { callerToCallee, calleeToCaller } = call.quality ?? {};
      for (const quality of [callerToCallee, calleeToCaller]) {
        const mos = score(quality);
        if (mos !== undefined) expect(explanation.paragraph).toContain(` ${mosText(mos)}`);
      }
      for (const { kind, detail } of call.issues) {
        const [first = ""] = detail.split(/[;.]/);
        if (kind === "one-way-audio" || kind === "no-media") {
          expect(explanation.paragraph).toContain(first);
        }
      }
    }
  });
});

describe("the check of numbers", () => {
  const [sentence] = explainCall(callsOf("impaired-call")[0] as CallReport).sentences.filter(
    ({ about }) => about === "cause",
  );

  it("notices one that is not in the evidence", () => {
    const { text = "", evidence = {} } = sentence ?? {};
    expect(text).toContain("12.2");
    const wrong = text.replace("12.2", "12.3");
    expect(unfoundedNumbers({ about: "cause", text: wrong, evidence })).toEqual(["12.3"]);
  });
});

const captureFiles = (folder: string): string[] =>
  readdirSync(folder).filter((file) => /\.pcap(?:ng)?$/.test(file));

describeCaptures("explanations of the public captures", captureFiles, (files, folder) => {
  it.each(files)("%s is well explained", async (file) => {
    const { calls } = await analyseCapture({ path: join(folder, file) });
    for (const call of calls) expectWellSaid(call, explainCall(call));
  });
});
