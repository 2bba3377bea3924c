import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { metricReference } from "../../src/metrics/reference.js";

const DOCUMENT = fileURLToPath(new URL("../../docs/metrics.md", import.meta.url));

describe("the reference", () => {
  it("names every family of the catalogue once", () => {
    const named = [...metricReference().matchAll(/^### `(.+)`$/gm)].map((match) => match[1] ?? "");
    expect(named.sort()).toEqual(Object.keys(CATALOGUE).sort());
  });

  it("is what docs/metrics.md holds", () => {
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(DOCUMENT, metricReference());
    expect(readFileSync(DOCUMENT, "utf8")).toBe(metricReference());
  });
});
