import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { catalogDocument, catalogText } from "../../src/metrics/catalog-document.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { metricReference } from "../../src/metrics/reference.js";
import { everyFamily } from "../support/every-family.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENT = `${ROOT}docs/metrics.md`;
const CATALOG = `${ROOT}docs/catalog.json`;
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

describe("the catalogue for programs", () => {
  const { families, values } = catalogDocument();

  it("has every family of the catalogue once", () => {
    expect(families.map(({ name }) => name).sort()).toEqual(Object.keys(CATALOGUE).sort());
  });

  it("says of every series that is exposed which labels, values and edges it has", () => {
    const recorder = new Recorder();
    everyFamily(recorder);
    const exposed = recorder.tables.flatMap((table) =>
      table.all().flatMap((series) => series.samples().map(({ labels }) => [table.name, labels])),
    ) as [string, Record<string, string>][];
    expect(exposed.length).toBeGreaterThan(1000);
    const unknown = exposed.filter(([name, labels]) => {
      const family = families.find((one) => one.name === name);
      return !Object.entries(labels).every(([label, value]) => {
        if (label === "le") return value === "+Inf" || family?.buckets?.includes(Number(value));
        if (label === "quantile") return family?.quantiles?.includes(Number(value));
        const list = values[family?.labels.find((one) => one.name === label)?.values ?? ""];
        return list !== undefined && (!("values" in list) || list.values.includes(value));
      });
    });
    expect(unknown).toEqual([]);
  });

  it("bounds the series of every family", () => {
    const recorder = new Recorder();
    for (const { name, seriesBound } of families) {
      const series = recorder.tableOf(name)?.all().length ?? 0;
      expect(seriesBound, name).toBeGreaterThanOrEqual(Math.max(1, series));
      expect(seriesBound, name).toBeLessThanOrEqual(10_000);
    }
  });

  it("is what docs/catalog.json holds", () => {
    const text = catalogText(catalogDocument());
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(CATALOG, text);
    expect(readFileSync(CATALOG, "utf8")).toBe(text);
    expect(JSON.parse(text)).toEqual(catalogDocument());
  });
});

function firstWord(name: string): string {
  return name.slice(0, name.indexOf("_"));
}
