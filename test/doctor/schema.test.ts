/**
 * The JSON Schema of a diagnosis: made from its types, and held against diagnoses of every fixture.
 * `UPDATE_GOLDEN=1` rewrites it.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Ajv } from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import { diagnoseCapture } from "../../src/doctor/diagnose-capture.js";
import { fixtureNames } from "../support/fixtures.js";

const path = (relative: string): string =>
  fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const SCHEMA_FILE = path("docs/doctor.schema.json");

describe("docs/doctor.schema.json", () => {
  it("is what the types say", () => {
    const schema = createGenerator({
      path: path("src/doctor/finding.ts"),
      tsconfig: path("tsconfig.json"),
      type: "Diagnosis",
      expose: "none",
      topRef: false,
      skipTypeCheck: true,
      sortProps: true,
    }).createSchema("Diagnosis");
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(SCHEMA_FILE, text);
    expect(text).toBe(readFileSync(SCHEMA_FILE, "utf8"));
  }, 60_000);

  it.each(fixtureNames())("describes the diagnosis of fixtures/%s", (name) => {
    const validate = new Ajv({ allErrors: true }).compile(
      JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as object,
    );
    const golden = readFileSync(path(`fixtures/${name}/expected.json`), "utf8");
    const diagnosis = diagnoseCapture(JSON.parse(golden) as CaptureReport);
    expect(validate(diagnosis) ? [] : validate.errors).toEqual([]);
    // Every subject says something, and what is not wholly seen says what that takes away.
    for (const { findings } of diagnosis.subjects) {
      expect(findings.length).toBeGreaterThan(0);
      for (const { sight, consequence } of findings) {
        expect(consequence === undefined).toBe(sight === "ok");
      }
    }
  });
});
