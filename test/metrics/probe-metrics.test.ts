import { afterEach, describe, expect, it } from "vitest";

import { exposition, expositionInSlices } from "../../src/metrics/exposition.js";
import { ProbeMetrics, type ProbeFigures } from "../../src/metrics/probe-metrics.js";
import { register } from "../../src/metrics/prometheus.js";
import { Recorder } from "../../src/metrics/recorder.js";

const opened: ProbeMetrics[] = [];
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

function probe(counters: () => ProbeFigures): {
  recorder: Recorder;
  lines: (start: string) => string[];
} {
  const recorder = new Recorder();
  opened.push(
    new ProbeMetrics(recorder, { clock: () => 1_790_000_000_987, version: "1.2.3", counters }),
  );
  const lines = (start: string): string[] =>
    exposition(recorder)
      .split("\n")
      .filter((line) => line.startsWith(start));
  return { recorder, lines };
}

const NO_POLLS = { cheap: 0, full: 0, timeouts: 0, failures: 0, deferred: 0, skippedSlots: 0 };

describe("the probe's own families", () => {
  it("say when they were read, in whole seconds, and of which version", () => {
    const { lines } = probe(() => ({}));
    expect(lines("voiceserver_scrape_timestamp_seconds")).toEqual([
      "voiceserver_scrape_timestamp_seconds 1790000000",
    ]);
    expect(lines("mediaprobe_build_info")).toEqual(['mediaprobe_build_info{version="1.2.3"} 1']);
  });

  it("say which version it is also after their host has set them back", () => {
    const { recorder, lines } = probe(() => ({}));
    for (const table of recorder.tables) table.reset();
    expect(lines("mediaprobe_build_info")).toEqual(['mediaprobe_build_info{version="1.2.3"} 1']);
  });

  it("say nothing of the time before anybody told it", () => {
    expect(exposition(new Recorder())).not.toContain("\nvoiceserver_scrape_timestamp_seconds ");
  });

  it("copy totals that are kept elsewhere, and go on where one begins anew", () => {
    let cheap = 5;
    const { lines } = probe(() => ({
      polls: { cheap, full: 1, timeouts: 2, failures: 3, deferred: 4, skippedSlots: 6 },
    }));
    expect(lines("mediaprobe_poll")).toEqual([
      'mediaprobe_poll_problems_total{problem="timeout"} 2',
      'mediaprobe_poll_problems_total{problem="failure"} 3',
      'mediaprobe_poll_problems_total{problem="deferred"} 4',
      'mediaprobe_poll_problems_total{problem="skipped-slot"} 6',
      'mediaprobe_polls_total{kind="cheap"} 5',
      'mediaprobe_polls_total{kind="full"} 1',
    ]);
    cheap = 8;
    expect(lines('mediaprobe_polls_total{kind="cheap"}')).toEqual([
      'mediaprobe_polls_total{kind="cheap"} 8',
    ]);
    cheap = 1;
    expect(lines('mediaprobe_polls_total{kind="cheap"}')).toEqual([
      'mediaprobe_polls_total{kind="cheap"} 9',
    ]);
  });

  it("show tables, sinks and faults by their names", () => {
    const { lines } = probe(() => ({
      tables: { calls: { entries: 3, limit: 10, evicted: 0 }, flows: { evicted: 7 } },
      sinkDrops: { hep: 4 },
      faults: { "sip.js": 1 },
    }));
    expect(lines("mediaprobe_table")).toEqual([
      'mediaprobe_table_entries{table="calls"} 3',
      'mediaprobe_table_limit{table="calls"} 10',
    ]);
    expect(lines("mediaprobe_evictions_total")).toEqual([
      'mediaprobe_evictions_total{table="calls"} 0',
      'mediaprobe_evictions_total{table="flows"} 7',
    ]);
    expect(lines("mediaprobe_sink_drops_total")).toEqual([
      'mediaprobe_sink_drops_total{sink="hep"} 4',
    ]);
    expect(lines("mediaprobe_faults_total")).toEqual(['mediaprobe_faults_total{part="sip.js"} 1']);
  });

  it("say when a connection was last polled, once one was", () => {
    const polls: { lastAtMs?: number } = {};
    const { lines } = probe(() => ({ polls: { ...NO_POLLS, ...polls } }));
    expect(lines("mediaprobe_last_poll_timestamp_seconds")).toEqual([]);
    polls.lastAtMs = 1_790_000_000_250;
    expect(lines("mediaprobe_last_poll_timestamp_seconds")).toEqual([
      "mediaprobe_last_poll_timestamp_seconds 1790000000.25",
    ]);
  });

  it("show how long the process stood still, since the last time they were read", async () => {
    const { lines } = probe(() => ({}));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const until = process.hrtime.bigint() + 150_000_000n;
    while (process.hrtime.bigint() < until);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stat = 'mediaprobe_event_loop_delay_seconds{stat="max"} ';
    const seconds = Number(lines(stat)[0]?.slice(stat.length));
    // It stood still for 150 ms, of which up to 20 ms lie within a period of the monitor.
    expect(seconds).toBeGreaterThan(0.12);
  });

  it("are left as they are when closed, and by a source that throws", () => {
    const { recorder, lines } = probe(() => {
      throw new Error("gone");
    });
    expect(lines("mediaprobe_polls_total")).toHaveLength(2);
    for (const metrics of opened.splice(0)) metrics.close();
    recorder.gauge("voiceserver_scrape_timestamp_seconds").at().set(5);
    expect(lines("voiceserver_scrape_timestamp_seconds")).toEqual([
      "voiceserver_scrape_timestamp_seconds 5",
    ]);
  });
});

describe("the duration of a scrape", () => {
  const FAMILY = "mediaprobe_scrape_duration_seconds";

  /** A recorder whose scrapes take as long as the clock says. */
  function timed(): { recorder: Recorder; pass: (ms: number) => void; taken: () => number[] } {
    let nowMs = 1_790_000_000_000;
    const recorder = new Recorder();
    opened.push(
      new ProbeMetrics(recorder, { clock: () => nowMs, version: "1.2.3", counters: () => ({}) }),
    );
    const series = recorder.histogram(FAMILY).at();
    return {
      recorder,
      pass: (ms) => (nowMs += ms),
      taken: () => {
        const of = (suffix: string): number =>
          series.samples().find(({ name }) => name === `${FAMILY}${suffix}`)?.value ?? Number.NaN;
        return [of("_count"), of("_sum")];
      },
    };
  }

  it("is from its first line to its last", async () => {
    const { recorder, pass, taken } = timed();
    const broken = expositionInSlices(recorder, "prometheus", 100);
    await broken.next();
    pass(10);
    await broken.return(undefined);
    expect(taken()).toEqual([0, 0]);
    const whole = expositionInSlices(recorder, "prometheus", 100);
    let passes = 0;
    // The last slice comes when nothing is left to be written.
    for (await whole.next(); taken()[0] === 0; await whole.next()) {
      pass(10);
      passes += 1;
    }
    expect(passes).toBeGreaterThan(5);
    expect(taken()).toEqual([1, passes / 100]);
  });

  it("is told apart of scrapes that overlap", async () => {
    const { recorder, pass, taken } = timed();
    const first = expositionInSlices(recorder, "prometheus", 50);
    await first.next();
    pass(1000);
    exposition(recorder);
    expect(taken()).toEqual([1, 0]);
    while ((await first.next()).done !== true);
    expect(taken()).toEqual([2, 1]);
  });

  it("is that of a whole registry, and not of a metric asked for alone", async () => {
    const { recorder, pass, taken } = timed();
    const registry = register(recorder);
    await registry.getSingleMetricAsString(FAMILY);
    expect(taken()).toEqual([0, 0]);
    const reading = registry.metrics();
    pass(20);
    await reading;
    expect(taken()).toEqual([1, 0.02]);
  });

  it("is no longer taken when closed", () => {
    const { recorder, taken } = timed();
    for (const metrics of opened.splice(0)) metrics.close();
    exposition(recorder);
    expect(taken()).toEqual([0, 0]);
  });
});
