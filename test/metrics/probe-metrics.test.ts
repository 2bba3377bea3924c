import { afterEach, describe, expect, it } from "vitest";

import { exposition } from "../../src/metrics/exposition.js";
import { ProbeMetrics, type ProbeFigures } from "../../src/metrics/probe-metrics.js";
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

describe("the probe's own families", () => {
  it("say when they were read, in whole seconds, and of which version", () => {
    const { lines } = probe(() => ({}));
    expect(lines("voiceserver_scrape_timestamp_seconds")).toEqual([
      "voiceserver_scrape_timestamp_seconds 1790000000",
    ]);
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
