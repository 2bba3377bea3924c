import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";

import { CONTENT_TYPES, exposition, expositionInSlices } from "../../src/metrics/exposition.js";
import type { Catalogue } from "../../src/metrics/family.js";
import { register, unregister } from "../../src/metrics/prometheus.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { escapedHelp, escapedLabelValue } from "../../src/metrics/series.js";

/** A recorder with something of every kind in it. */
function used(): Recorder {
  const recorder = new Recorder();
  recorder.counter("sip_bye_total").at("inbound", "remote", "normal").add(3);
  recorder.gauge("voiceserver_active_calls").at("webrtc").set(2);
  recorder.summary("sip_call_rtt_ms").at().observe(12.5);
  const loss = recorder.histogram("rtp_call_loss_ratio");
  loss.at("sip", "inbound", "PCMU", "measured").observe(0.0123);
  loss.at("sip", "outbound", "opus", "reported").observe(0);
  recorder.counter("metrics_unknown_value_total").at('a"b', "c\\d\ne").inc();
  return recorder;
}

/** The same families in prom-client's own classes. */
async function theirs(registry: Registry): Promise<string> {
  const registers = [registry];
  const labelNames = ["by", "direction"];
  const counter = new Counter({ name: "a_total", help: "It's \\ a\nhelp.", labelNames, registers });
  for (const direction of ["inbound", "outbound"]) {
    for (const by of ["local", "remote"]) counter.inc({ by, direction }, 0);
  }
  counter.inc({ by: "remote", direction: "outbound" }, 5);
  const gauge = new Gauge({ name: "b", help: "B.", registers });
  gauge.set(-1.5);
  const histogram = new Histogram({ name: "c", help: "C.", buckets: [0.1, 1, 10], registers });
  for (const value of SAMPLES) histogram.observe(value);
  return registry.metrics();
}

const SAMPLES = [0, 0.1, 0.10001, 1, 7.25, 10, 11, 1e9];

const FACTS = { unit: "events", origin: "mediaprobe", series: "all", when: "Now." } as const;
const SAME = {
  a_total: {
    type: "counter",
    help: "It's \\ a\nhelp.",
    labels: [
      ["direction", "direction"],
      ["by", "side"],
    ],
    ...FACTS,
  },
  b: { type: "gauge", help: "B.", labels: [], ...FACTS },
  c: { type: "histogram", help: "C.", labels: [], buckets: [0.1, 1, 10], ...FACTS },
} as const satisfies Catalogue;

function ours(): Recorder<Catalogue> {
  const recorder = new Recorder(SAME);
  recorder.counter("a_total").at("outbound", "remote").add(5);
  recorder.gauge("b").at().set(-1.5);
  for (const value of SAMPLES) recorder.histogram("c").at().observe(value);
  return recorder;
}

/** Without the families that every recorder has, and without empty lines. */
function own(text: string): string {
  const lines = text.split("\n");
  return lines.filter((line) => line !== "" && !/(voiceserver_)?metrics_/.test(line)).join("\n");
}

describe("the exposition", () => {
  it("is what prom-client writes of its own metrics, byte for byte", async () => {
    const their = await theirs(new Registry());
    expect(own(exposition(ours()))).toBe(own(their));
  });

  it("is the same in OpenMetrics", async () => {
    const registry = new Registry();
    registry.setContentType(CONTENT_TYPES.openmetrics as never);
    const their = (await theirs(registry)).split("\n");
    const our = own(exposition(ours(), "openmetrics")).split("\n");
    expect(our).toEqual(their.filter((line) => line !== ""));
    expect(our.at(-1)).toBe("# EOF");
    expect(our).toContain("# TYPE a counter");
    expect(our).toContain('a_total{by="remote",direction="outbound"} 5');
  });

  it("is in order of names, whatever order the catalogue is in", () => {
    const names = exposition(used()).match(/(?<=# TYPE )\S+/g) ?? [];
    expect(names).toEqual([...names].sort());
    expect(names.length).toBeGreaterThan(40);
  });

  it("escapes label values and help", () => {
    expect(escapedLabelValue('a"b\\c\nd')).toBe('a\\"b\\\\c\\nd');
    expect(escapedHelp('a"b\\c\nd')).toBe('a"b\\\\c\\nd');
    expect(exposition(used())).toContain(
      'metrics_unknown_value_total{key="c\\\\d\\ne",metric="a\\"b"} 1\n',
    );
  });

  it("escapes quotes in help for OpenMetrics only, as each format wants it", () => {
    const recorder = new Recorder({ ...SAME, b: { ...SAME.b, help: 'A "B".' } });
    expect(exposition(recorder)).toContain('# HELP b A "B".\n');
    expect(exposition(recorder, "openmetrics")).toContain('# HELP b A \\"B\\".\n');
  });

  it("comes in slices that make up the whole", async () => {
    const recorder = used();
    for (const seriesASlice of [1, 7, 2048]) {
      const slices: string[] = [];
      for await (const slice of expositionInSlices(recorder, "prometheus", seriesASlice)) {
        slices.push(slice);
      }
      expect(slices.join("")).toBe(exposition(recorder));
      if (seriesASlice === 7) expect(slices.length).toBeGreaterThan(20);
    }
  });

  it("comes in slices that are not long, however many lines a series has", async () => {
    const recorder = used();
    const sizes: number[] = [];
    for await (const slice of expositionInSlices(recorder, "prometheus", Infinity)) {
      sizes.push(slice.length);
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(65_536);
  });

  it("lets others have their turn between slices", async () => {
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    let bytes = 0;
    for await (const slice of expositionInSlices(used(), "prometheus", 1)) bytes += slice.length;
    clearInterval(others);
    expect(bytes).toBe(exposition(used()).length);
    expect(turns).toBeGreaterThan(0);
  });

  it.each([0, -1, Number.NaN])("has no slices of %d series", async (count) => {
    await expect(expositionInSlices(used(), "prometheus", count).next()).rejects.toThrow(
      RangeError,
    );
  });
});

describe("a registry", () => {
  it("exposes the same bytes", async () => {
    const recorder = used();
    expect(await register(recorder).metrics()).toBe(exposition(recorder));
  });

  it("exposes them too to a host that asked for names, and gives it no labels twice as data", async () => {
    const recorder = used();
    const registry = register(recorder);
    expect(registry.getMetricsAsArray().map(({ name }) => name)).toContain("sip_bye_total");
    expect(await registry.metrics()).toBe(exposition(recorder));
    const rows = (await registry.getMetricsAsJSON()).flatMap(({ values }) => values as object[]);
    expect(rows.filter((row) => "sharedLabels" in row)).toEqual([]);
  });

  it("exposes what is recorded later", async () => {
    const recorder = new Recorder();
    const registry = register(recorder);
    recorder.counter("call_issues_total").at("no-media").inc();
    expect(await registry.metrics()).toContain('call_issues_total{kind="no-media"} 1\n');
  });

  it("puts default labels on every line", async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ instance_name: "a" });
    const text = await register(used(), registry).metrics();
    const samples = text.split("\n").filter((line) => /^[^#]/.test(line));
    expect(samples.length).toBeGreaterThan(100);
    expect(samples.filter((line) => !line.includes('instance_name="a"'))).toEqual([]);
    expect(text.replaceAll(/instance_name="a",?/g, "").replaceAll("{}", "")).toBe(
      exposition(used()),
    );
  });

  it("may be merged into one with default labels and OpenMetrics of its own", async () => {
    const recorder = used();
    const registry = register(recorder);
    const merged = Registry.merge([new Registry(), registry]);
    expect(await merged.metrics()).toBe(exposition(recorder));
    merged.setDefaultLabels({ pod: "a-1" });
    const samples = (await merged.metrics()).split("\n").filter((line) => /^[^#]/.test(line));
    for (const sample of samples) expect(sample).toMatch(/^\w+\{.*pod="a-1".*\} [^ ]+$/);
    merged.setDefaultLabels({});
    merged.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    expect(await merged.metrics()).toBe(exposition(recorder, "openmetrics"));
    expect(await registry.metrics()).toBe(exposition(recorder));
  });

  it("exposes OpenMetrics, and the text format again when asked for it again", async () => {
    const recorder = used();
    const registry = register(recorder);
    registry.setContentType(CONTENT_TYPES.openmetrics as never);
    expect(await registry.metrics()).toBe(exposition(recorder, "openmetrics"));
    registry.setContentType(CONTENT_TYPES.prometheus);
    expect(await registry.metrics()).toBe(exposition(recorder));
    // All lines as one, which costs a fraction of rows.
    const family = registry.getSingleMetric("sip_bye_total") as unknown as {
      getForPromString(): Promise<{ readonly values: readonly unknown[] }>;
    };
    expect((await family.getForPromString()).values).toHaveLength(1);
  });

  it("gives one metric by its name", async () => {
    const text = await register(used()).getSingleMetricAsString("voiceserver_active_calls");
    expect(text.split("\n").slice(2)).toEqual([
      'voiceserver_active_calls{transport="sip"} 0',
      'voiceserver_active_calls{transport="webrtc"} 2',
    ]);
  });

  it("gives rows to who wants JSON", async () => {
    const rows = await register(used()).getMetricsAsJSON();
    const byes = rows.find(({ name }) => name === "sip_bye_total");
    expect(byes?.values).toHaveLength(16);
    expect(byes?.values).toContainEqual({
      labels: { by: "remote", direction: "inbound", reason_class: "normal" },
      value: 3,
    });
  });

  it("goes back to 0 when reset", async () => {
    const recorder = used();
    const registry = register(recorder);
    registry.resetMetrics();
    expect(await registry.metrics()).not.toMatch(/^[^#].* [^0]\d*$/m);
    recorder.summary("sip_call_rtt_ms").at().observe(3);
    expect(await registry.metrics()).toContain('sip_call_rtt_ms{quantile="0.99"} 3\n');
  });

  it("may have metrics of its host, but none of our names", async () => {
    const registry = new Registry();
    const registers = [registry];
    new Counter({ name: "host_total", help: "Host.", registers }).inc();
    new Counter({ name: "sip_bye_total", help: "Host.", registers });
    expect(() => register(used(), registry)).toThrow('"sip_bye_total"');
    expect(registry.getMetricsAsArray()).toHaveLength(2);
    registry.removeSingleMetric("sip_bye_total");
    register(used(), registry);
    expect(await registry.metrics()).toContain("host_total 1\n");
  });

  it("has only its host's metrics when ours are taken out", () => {
    const registry = new Registry();
    new Gauge({ name: "host", help: "Host.", registers: [registry] });
    const recorder = used();
    register(recorder, registry);
    unregister(new Recorder(), registry);
    expect(registry.getSingleMetric("sip_bye_total")).toBeDefined();
    unregister(recorder, registry);
    expect(registry.getMetricsAsArray().map((metric) => metric.name)).toEqual(["host"]);
  });

  it("leaves quantiles, times and scores out of what the workers of a cluster add up", async () => {
    const rows = await register(used()).getMetricsAsJSON();
    const aggregators = Object.fromEntries(rows.map((row) => [row.name, row.aggregator]));
    expect(aggregators).toMatchObject({
      sip_call_rtt_ms: "omit",
      rtp_live_mos_lq: "omit",
      voiceserver_scrape_timestamp_seconds: "omit",
      sip_bye_total: "sum",
      voiceserver_active_calls: "sum",
      rtp_call_rtt_seconds: "sum",
      mediaprobe_build_info: "first",
    });
  });

  it("is added up by a primary that writes text, though the workers have OpenMetrics", async () => {
    const recorder = used();
    recorder.gauge("mediaprobe_build_info").at("1.2.3").set(1);
    const worker = register(recorder);
    worker.setContentType(CONTENT_TYPES.openmetrics as never);
    const rows = [await worker.getMetricsAsJSON(), await worker.getMetricsAsJSON()];
    const text = await AggregatorRegistry.aggregate(rows).metrics();
    expect(text).toContain('mediaprobe_build_info{version="1.2.3"} 1\n');
    expect(text).toContain("# TYPE sip_bye_total counter\n");
    expect(text).toContain(
      'sip_bye_total{by="remote",direction="inbound",reason_class="normal"} 6\n',
    );
  });
});
