/**
 * Our exposition in the eyes of Prometheus: promtool parses it, and says what is bad style.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Family } from "../../src/metrics/family.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { describePeer } from "../support/peer.js";

const promtool = process.env["PROMTOOL"] ?? "promtool";
const available = spawnSync(promtool, ["--version"]).status === 0;
const families = new Map<string, Family>(Object.entries(CATALOGUE));

/** What promtool has to say, a line each. Empty when it is content. */
function complaints(text: string): string[] {
  const run = spawnSync(promtool, ["check", "metrics"], { input: text, encoding: "utf8" });
  expect(run.status === 0 || run.status === 3, run.stderr).toBe(true);
  return `${run.stdout}${run.stderr}`.split("\n").filter((line) => line !== "");
}

describePeer("the exposition read by promtool", available, () => {
  it("has nothing to complain of but the units of compatible names", () => {
    const recorder = new Recorder();
    recorder.summary("sip_call_rtt_ms").at().observe(20);
    recorder.histogram("rtp_call_mos_cq").at("sip", "inbound", "PCMU", "narrowband").observe(4.2);
    recorder.histogram("rtp_interval_loss_ratio").at("webrtc", "inbound", "opus").observe(0);
    recorder.counter("metrics_unknown_value_total").at('a"b', "c\\d\ne").inc();
    for (const complaint of complaints(exposition(recorder))) {
      const [name = ""] = complaint.split(" ");
      expect(families.get(name)?.origin, complaint).toBe("voiceserver");
      expect(complaint).toContain("units");
    }
  });

  it("is refused where a line is broken, so that this test can fail", () => {
    const broken = exposition(new Recorder()).replace('direction="inbound"', 'direction="inbound');
    const run = spawnSync(promtool, ["check", "metrics"], { input: broken, encoding: "utf8" });
    expect(run.status).toBe(1);
  });
});
