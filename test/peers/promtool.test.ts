/**
 * Our exposition in the eyes of Prometheus: promtool parses it, and says what is bad style.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { exposition } from "../../src/metrics/exposition.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { everyFamily } from "../support/every-family.js";
import { describePeer } from "../support/peer.js";

const promtool = process.env["PROMTOOL"] ?? "promtool";
const available = spawnSync(promtool, ["--version"]).status === 0;

/** What promtool has to say, a line each. Empty when it is content. */
function complaints(text: string): string[] {
  const run = spawnSync(promtool, ["check", "metrics"], { input: text, encoding: "utf8" });
  expect(run.status === 0 || run.status === 3, run.stderr).toBe(true);
  return `${run.stdout}${run.stderr}`.split("\n").filter((line) => line !== "");
}

describePeer("the exposition read by promtool", available, () => {
  it("has nothing to complain of but the units of compatible names", () => {
    const recorder = new Recorder();
    everyFamily(recorder);
    recorder.counter("metrics_unknown_value_total").at('a"b', "c\\d\ne").inc();
    const inMilliseconds = [...Object.entries(CATALOGUE)]
      .filter(([, { unit }]) => unit === "milliseconds")
      .map(([name]) => `${name} metric names should not contain abbreviated units`);
    expect(inMilliseconds).toHaveLength(5);
    expect(complaints(exposition(recorder)).sort()).toEqual(inMilliseconds.sort());
  });

  it("is refused where a line is broken, so that this test can fail", () => {
    const broken = exposition(new Recorder()).replace('direction="inbound"', 'direction="inbound');
    const run = spawnSync(promtool, ["check", "metrics"], { input: broken, encoding: "utf8" });
    expect(run.status).toBe(1);
  });
});
