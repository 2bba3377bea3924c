/**
 * The JSON Schema of the call record: made from its types, so that neither can change alone, and
 * held against every record in the golden files. `UPDATE_GOLDEN=1` rewrites it.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Ajv } from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { describe, expect, it } from "vitest";

import { fixtureNames } from "../support/fixtures.js";

const path = (relative: string): string =>
  fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const SCHEMA_FILE = path("docs/call-report.schema.json");

interface Golden {
  readonly calls: readonly { readonly callId: string }[];
}

const golden = (name: string): Golden =>
  JSON.parse(readFileSync(path(`fixtures/${name}/expected.json`), "utf8")) as Golden;

describe("docs/call-report.schema.json", () => {
  it("is what the types say", () => {
    const schema = createGenerator({
      path: path("src/call/call-report.ts"),
      tsconfig: path("tsconfig.json"),
      type: "CallReport",
      expose: "none",
      topRef: false,
      skipTypeCheck: true,
      sortProps: true,
    }).createSchema("CallReport");
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(SCHEMA_FILE, text);
    expect(text).toBe(readFileSync(SCHEMA_FILE, "utf8"));
  }, 60_000);

  const validate = new Ajv({ allErrors: true }).compile(
    JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as object,
  );

  it.each(fixtureNames())("describes every call in fixtures/%s", (name) => {
    for (const call of golden(name).calls) {
      expect(validate(call) ? [] : validate.errors, call.callId).toEqual([]);
    }
  });

  it("refuses a record with a field it does not know, and one without its Call-ID", () => {
    const [call] = fixtureNames().flatMap((name) => golden(name).calls);
    expect(validate(call)).toBe(true);
    expect(validate({ ...call, phoneNumber: "+1" })).toBe(false);
    expect(validate({ ...call, callId: undefined })).toBe(false);
  });
});
