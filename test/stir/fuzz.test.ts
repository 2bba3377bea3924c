/** Hostile and random Identity values: nothing is thrown, everything stays bounded. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { MAX_IDENTITIES, MAX_PARAMETERS, parseIdentities } from "../../src/stir/identity.js";
import { stirOutcome } from "../../src/stir/outcome.js";
import { MAX_DESTINATIONS } from "../../src/stir/passport.js";
import { mutated } from "../sdp/mutation.js";
import { generator } from "../sdp/random.js";

const SAMPLES = (
  JSON.parse(readFileSync(new URL("identities.json", import.meta.url), "utf8")) as {
    readonly identity: string;
  }[]
).map(({ identity }) => identity);

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function checkInvariants(value: string): void {
  const identities = parseIdentities([value, value]);
  must(identities.length <= MAX_IDENTITIES, "values are bounded");
  for (const { parameters, passport, damage } of identities) {
    must(parameters.size <= MAX_PARAMETERS, "parameters are bounded");
    if (passport === undefined) continue;
    must((passport.damage ?? damage) === damage, "damage is told");
    for (const { numbers, uris } of [passport.destination, passport.originator]) {
      must(numbers.length <= MAX_DESTINATIONS && uris.length <= MAX_DESTINATIONS, "bounded");
    }
  }
  stirOutcome({ identities: [value], verstat: value, reasons: [], hasProceeded: true });
}

/** The value with its payload decoded, mutated and encoded again. */
function mutatedInside(value: string, pick: (limit: number) => number): string {
  const parts = value.split(".");
  const at = pick(2);
  const text = Buffer.from(parts[at] ?? "", "base64url").toString();
  parts[at] = Buffer.from(mutated(text, pick)).toString("base64url");
  return parts.join(".");
}

describe("an Identity value", () => {
  it("mutated at random does no harm, outside or inside", () => {
    const pick = generator(3);
    for (let round = 0; round < 4000; round += 1) {
      const sample = SAMPLES[pick(SAMPLES.length)] ?? "";
      checkInvariants(pick(2) === 0 ? mutated(sample, pick) : mutatedInside(sample, pick));
    }
  });

  it.each([
    { what: "separators", unit: ";" },
    { what: "commas", unit: "," },
    { what: "open quotes", unit: '"' },
    { what: "open brackets", unit: "<" },
    { what: "backslashes in quotes", unit: '"\\' },
    { what: "dots", unit: "." },
    { what: "parameters", unit: ";a=b" },
  ])("of a megabyte of $what is refused or read once", ({ unit }) => {
    checkInvariants(unit.repeat(1_000_000 / unit.length));
    checkInvariants(unit.repeat(16_000 / unit.length));
  });

  it("of JSON nested without end is no object that counts", () => {
    const deep = Buffer.from(`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`).toString("base64url");
    const [parsed] = parseIdentities([`${deep}.e30.c2ln;info=<https://a.example/>`]);
    expect(["bad-claim", "bad-json"]).toContain(parsed?.damage);
  });
});
