import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { metricReference } from "../../src/metrics/reference.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENT = `${ROOT}docs/metrics.md`;
const DOCUMENTS = [
  `${ROOT}README.md`,
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith(".md") && name !== "metrics.md")
    .map((name) => `${ROOT}docs/${name}`),
];

/** A name in code, with or without labels, that ends as families do. */
const FAMILY =
  /`([a-z][a-z0-9]*(?:_[a-z0-9]+)*_(?:total|seconds|ratio|fraction|bytes|ms|mos_[cl]q|estimate))(?:\{[^`]*\})?`/g;

describe("the reference", () => {
  it("names every family of the catalogue once", () => {
    const named = [...metricReference().matchAll(/^### `(.+)`$/gm)].map((match) => match[1] ?? "");
    expect(named.sort()).toEqual(Object.keys(CATALOGUE).sort());
  });

  it("has every family that the other documents name", () => {
    const named = DOCUMENTS.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(FAMILY)].map(([, name = ""]) => name),
    );
    expect(new Set(named).size).toBeGreaterThan(10);
    // Fields of logs and of tables are named alike, but begin otherwise.
    const beginnings = new Set(Object.keys(CATALOGUE).map(firstWord));
    const missing = named.filter(
      (name) => beginnings.has(firstWord(name)) && !Object.hasOwn(CATALOGUE, name),
    );
    expect([...new Set(missing)]).toEqual([]);
  });

  it("is what docs/metrics.md holds", () => {
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(DOCUMENT, metricReference());
    expect(readFileSync(DOCUMENT, "utf8")).toBe(metricReference());
  });
});

function firstWord(name: string): string {
  return name.slice(0, name.indexOf("_"));
}
