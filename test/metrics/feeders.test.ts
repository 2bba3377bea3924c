/**
 * Nothing in the catalogue is left that nothing feeds. Each family is moved the way it is in life: by a
 * replay, by a probe on real stacks, or by the helper that hosts have for it. Each value of each closed
 * label is reached, by one of these or by telling the metrics what their sources can tell.
 *
 * A family or value that is added without a feeder fails here.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Family } from "../../src/metrics/family.js";
import { LABEL_VALUES, OTHER, type LabelValueList } from "../../src/metrics/label-values.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { fixtureNames } from "../support/fixtures.js";
import { hosted } from "./feeders/hosted.js";
import { live } from "./feeders/live.js";
import { Movement } from "./feeders/movement.js";
import { tellConnections, tellEvents, tellLive, tellProbe, tellReports } from "./feeders/told.js";

const families: readonly (readonly [string, Family])[] = Object.entries(CATALOGUE);

/** Values that nothing here reaches, and why they are there nevertheless. */
const UNREACHED: Readonly<Record<string, { readonly values: readonly string[]; why: string }>> = {
  "rtp_packets_discarded_total{media}": {
    values: ["video", "other"],
    why: "Only of speech is it known what came too late; with them all packets have the same labels.",
  },
};

const inLife = new Movement();
const told = new Movement();

beforeAll(async () => {
  // What a replay of each recording moves, which the golden test holds to.
  for (const name of fixtureNames()) inLife.add(expectedMetrics(name));
  inLife.add(await hosted());
  inLife.add(await live());
  const recorder = new Recorder();
  tellEvents(recorder);
  tellReports(recorder);
  tellConnections(recorder);
  tellLive(recorder);
  tellProbe(recorder);
  told.add(exposition(recorder));
}, 60_000);

function expectedMetrics(fixture: string): string {
  const path = new URL(`../../fixtures/${fixture}/expected.prom`, import.meta.url);
  return readFileSync(fileURLToPath(path), "utf8");
}

describe("each family", () => {
  it.each(families.map(([name]) => name))("%s is moved by what feeds it in life", (name) => {
    expect(inLife.has(name)).toBe(true);
  });
});

const labels = families.flatMap(([name, family]) =>
  family.labels.flatMap(([label, list]) => {
    const values: LabelValueList = LABEL_VALUES[list];
    return isClosed(values) ? [[name, label, values.filter((value) => value !== "")] as const] : [];
  }),
);

describe("each value of a closed label", () => {
  it.each(labels)("of %s{%s} is reached, or it is said why not", (name, label, values) => {
    const reached = new Set([...inLife.of(name, label), ...told.of(name, label)]);
    const missing = values.filter((value) => !reached.has(value));
    expect(missing).toEqual(UNREACHED[`${name}{${label}}`]?.values ?? []);
  });

  it.each(labels)("of %s{%s} is of its list, however it was reached", (name, label, values) => {
    const reached = [...inLife.of(name, label), ...told.of(name, label)];
    expect(reached.filter((value) => value !== OTHER && !values.includes(value))).toEqual([]);
  });
});

function isClosed(values: LabelValueList): values is readonly string[] {
  return Array.isArray(values);
}
