import { describe, expect, it } from "vitest";

import { CONTENT_TYPES, exposition } from "../../src/metrics/exposition.js";
import { MetricRegistry, type MetricRegistryOptions } from "../../src/metrics/metric-registry.js";
import { register, unregister } from "../../src/metrics/prometheus.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { SAMPLE_RING_SIZE } from "../../src/metrics/sample-ring.js";

interface Made {
  readonly registry: MetricRegistry;
  readonly recorder: Recorder;
  readonly warnings: string[];
  /** Lines that start so. */
  readonly lines: (start: string) => string[];
}

function made(options?: MetricRegistryOptions): Made {
  const warnings: string[] = [];
  const recorder = new Recorder(undefined, { onWarning: (message) => warnings.push(message) });
  const registry = new MetricRegistry(recorder, options);
  const lines = (start: string): string[] => {
    let text = "";
    registry.writePromText((part) => (text += part));
    return text.split("\n").filter((line) => line.startsWith(start));
  };
  return { registry, recorder, warnings, lines };
}

describe("a counter of a host's own", () => {
  it("is exposed among the others, with its labels in order of their names", () => {
    const { registry, lines } = made();
    registry.incCounter("sip_uploads_total", "Uploads.\nOf files.", { to: "a", by: "b" });
    registry.addCounter("sip_uploads_total", "Something else.", { by: "b", to: "a" }, 2);
    expect(lines("sip_uploads_total")).toEqual(['sip_uploads_total{by="b",to="a"} 3']);
    expect(lines("# HELP sip_uploads_total")).toEqual([
      "# HELP sip_uploads_total Uploads.\\nOf files.",
    ]);
    const names = lines("# TYPE").map((line) => line.split(" ")[2] ?? "");
    expect(names).toEqual([...names].sort());
  });

  it.each([0, -1, Number.NaN, Infinity])("is not changed by %d", (amount) => {
    const { registry, lines } = made();
    registry.incCounter("uploads_total", "Uploads.");
    registry.addCounter("uploads_total", "Uploads.", {}, amount);
    expect(lines("uploads_total")).toEqual(["uploads_total 1"]);
  });

  it.each([0, -1, Number.NaN, Infinity])("does not begin with %d", (amount) => {
    const { registry, lines } = made();
    registry.addCounter("uploads_total", "Uploads.", {}, amount);
    expect(lines("# TYPE uploads_total")).toEqual([]);
    expect(lines("metrics_ignored_samples_total")).toHaveLength(amount === 0 ? 0 : 1);
  });

  it("has its name as help where it has none", () => {
    const { registry, lines } = made();
    registry.incCounter("uploads_total", "");
    expect(lines("# HELP uploads_total")).toEqual(["# HELP uploads_total uploads_total"]);
  });

  it("is of an unknown type to OpenMetrics where its name does not say that it counts", async () => {
    const { registry, recorder } = made();
    registry.incCounter("uploads", "Uploads.");
    expect(exposition(recorder)).toContain("# TYPE uploads counter\nuploads 1\n");
    const text = exposition(recorder, "openmetrics");
    expect(text).toContain("# TYPE uploads unknown\nuploads 1\n");
    const prom = register(recorder);
    prom.setContentType(CONTENT_TYPES.openmetrics as never);
    expect(await prom.metrics()).toBe(text);
  });
});

describe("a gauge of a host's own", () => {
  it("is set and moved, by finite numbers", () => {
    const { registry, lines } = made();
    registry.setGauge("depth", "Depth.", { queue: 7 }, 4);
    registry.addGauge("depth", "Depth.", { queue: 7 }, -1.5);
    registry.setGauge("depth", "Depth.", { queue: 7 }, Number.NaN);
    expect(lines("depth")).toEqual(['depth{queue="7"} 2.5']);
    expect(lines("metrics_ignored")).toHaveLength(1);
  });

  it.each([Number.NaN, Infinity])("is no 0 where it was only ever set or moved by %d", (value) => {
    const { registry, lines } = made();
    registry.setGauge("depth", "Depth.", {}, value);
    registry.addGauge("depth", "Depth.", {}, value);
    expect(lines("depth")).toEqual([]);
    expect(lines("metrics_ignored")[0]).toMatch(/metric="depth".* 2$/);
  });
});

describe("a distribution of a host's own", () => {
  it("has exact quantiles by linear interpolation, and the sum and count of all samples", () => {
    const { registry, lines } = made();
    for (let i = 1; i <= 100; i += 1) registry.observe("wait_ms", "Waits.", i);
    expect(lines("wait_ms")).toEqual([
      'wait_ms{quantile="0.5"} 50.5',
      expect.stringMatching(/^wait_ms\{quantile="0.9"\} 90.10/),
      expect.stringMatching(/^wait_ms\{quantile="0.95"\} 95.05/),
      'wait_ms{quantile="0.99"} 99.01',
      "wait_ms_sum 5050",
      "wait_ms_count 100",
    ]);
  });

  it("never forgets in its sum and count", () => {
    const { registry, lines } = made();
    let last = 0;
    for (let i = 1; i <= 10_000; i += 1) {
      registry.observe("wait_ms", "Waits.", i);
      if (i % 500 !== 0) continue;
      const count = Number(lines("wait_ms_count")[0]?.split(" ")[1]);
      expect(count).toBe(i);
      expect(count).toBeGreaterThan(last);
      last = count;
    }
    expect(lines("wait_ms_sum")).toEqual(["wait_ms_sum 50005000"]);
    // Of the newest 2048: 7953 to 10000.
    expect(lines('wait_ms{quantile="0.5"}')).toEqual(['wait_ms{quantile="0.5"} 8976.5']);
  });

  it("keeps as many samples as its first update says", () => {
    const { registry, lines } = made();
    for (let i = 1; i <= 10; i += 1) registry.observeN("wait_ms", "Waits.", i, i === 1 ? 3 : 8);
    expect(lines('wait_ms{quantile="0.5"}')).toEqual(['wait_ms{quantile="0.5"} 9']);
    registry.observeN("other_ms", "Waits.", -2, 0);
    expect(lines('other_ms{quantile="0.5"}')).toEqual(['other_ms{quantile="0.5"} -2']);
  });
});

describe("a family of the catalogue", () => {
  it("is updated by its own rules", () => {
    const { registry, lines } = made();
    const labels = { method: "BYE", call_id: "a84b4c76e66710" };
    registry.incCounter("sip_transaction_timeout_total", "Mine.", labels);
    registry.incCounter("sip_transaction_timeout_total", "Mine.", { method: "PUBLISH" });
    registry.observe("sip_call_rtt_ms", "Mine.", 25);
    registry.observe("voiceserver_dialog_reconnect_seconds", "Mine.", 1);
    registry.setGauge("voiceserver_active_calls", "Mine.", { transport: "sip" }, 4);
    expect(lines("sip_transaction_timeout_total").filter((line) => !line.endsWith(" 0"))).toEqual([
      'sip_transaction_timeout_total{method="BYE"} 1',
      'sip_transaction_timeout_total{method="other"} 1',
    ]);
    expect(lines("sip_call_rtt_ms_count")).toEqual(["sip_call_rtt_ms_count 1"]);
    expect(lines('voiceserver_active_calls{transport="sip"}')).toEqual([
      'voiceserver_active_calls{transport="sip"} 4',
    ]);
    expect(lines("# HELP sip_transaction_timeout_total")).not.toContain("Mine.");
  });
});

describe("labels that are declared", () => {
  it("are the only ones left, as declared last; others are counted and said once", () => {
    const { registry, lines, warnings } = made();
    registry.registerLabels("uploads_total", "kind", "size");
    registry.registerLabels("uploads_total", "kind", "");
    for (let i = 0; i < 3; i += 1) {
      registry.incCounter("uploads_total", "Uploads.", { kind: "audio", size: "big" });
    }
    expect(lines("uploads_total")).toEqual(['uploads_total{kind="audio"} 3']);
    expect(lines("voiceserver_metrics_unknown_label_total")).toEqual([
      'voiceserver_metrics_unknown_label_total{key="size",metric="uploads_total"} 3',
    ]);
    expect(warnings).toEqual(['uploads_total: "size" is no label of the family; it is left out']);
  });

  it("are none where none is declared", () => {
    const { registry, lines } = made();
    registry.registerLabels("uploads_total");
    registry.registerLabels("", "kind");
    registry.incCounter("uploads_total", "Uploads.", { kind: "audio" });
    expect(lines("uploads_total")).toEqual(["uploads_total 1"]);
  });

  it("may have declared values; others are counted as other and said once", () => {
    const { registry, lines, warnings } = made();
    registry.registerValues("uploads_total", "kind", "audio", "video");
    for (const kind of ["audio", "text", "text"]) {
      registry.incCounter("uploads_total", "Uploads.", { kind });
    }
    expect(lines("uploads_total")).toEqual([
      'uploads_total{kind="audio"} 1',
      'uploads_total{kind="other"} 2',
    ]);
    expect(warnings).toHaveLength(1);
  });

  it("narrow what a family of the catalogue has, too", () => {
    const { registry, lines } = made();
    registry.registerLabels("sip_transaction_timeout_total");
    registry.incCounter("sip_transaction_timeout_total", "", { method: "BYE" });
    expect(lines('sip_transaction_timeout_total{method="BYE"}')[0]).toMatch(/ 0$/);
  });
});

describe("what cannot be taken", () => {
  it.each([
    ["a name that is none", "a-total", "name"],
    ["an empty name", "", "name"],
    ["a name longer than any", `${"x".repeat(200)}_total`, "name"],
    ["a gauge's name", "depth", "type"],
    ["the name of another family's line", "wait_ms_count", "type"],
    ["the name of a line of the catalogue", "sip_call_rtt_ms_sum", "type"],
    ["the OpenMetrics name of a counter", "sip_bye", "type"],
    ["the name of a family of the catalogue that is no counter", "sip_call_rtt_ms", "type"],
  ])("is counted: %s", (_, name, reason) => {
    const { registry, lines } = made();
    registry.setGauge("depth", "Depth.", {}, 1);
    registry.observe("wait_ms", "Waits.", 1);
    registry.incCounter(name, "Mine.", {});
    expect(lines("metrics_refused_updates_total")).toEqual([
      expect.stringContaining(`reason="${reason}"} 1`),
    ]);
  });

  it("is counted beyond so many families and series", () => {
    const { registry, lines } = made({ maxFamilies: 2, maxSeriesPerFamily: 3 });
    for (let i = 0; i < 5; i += 1) registry.incCounter(`f${i}_total`, "F.");
    for (let i = 0; i < 9; i += 1) registry.incCounter("f0_total", "F.", { [`k${i}`]: `v${i}` });
    expect(lines("# TYPE f")).toHaveLength(2);
    expect(lines("f0_total")).toHaveLength(4);
    expect(lines('f0_total{overflow="other"}')).toEqual(['f0_total{overflow="other"} 7']);
    expect(lines("metrics_refused_updates_total")).toHaveLength(3);
  });
});

describe("samples handed in for later", () => {
  it("are recorded in a turn to come, or at the next scrape", async () => {
    const { registry, recorder, lines } = made();
    registry.observeAsync("wait_ms", "Waits.", 5);
    expect(recorder.tables.some(({ name }) => name === "wait_ms")).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(recorder.tables.some(({ name }) => name === "wait_ms")).toBe(true);
    registry.observeAsync("wait_ms", "Waits.", 6);
    expect(lines("wait_ms_sum")).toEqual(["wait_ms_sum 11"]);
  });

  it("are dropped and counted by family when too many wait, and none is lost on closing", () => {
    const { registry, recorder, lines, warnings } = made();
    for (let i = 0; i < SAMPLE_RING_SIZE; i += 1) registry.observeAsync("sip_call_rtt_ms", "", 1);
    for (let i = 0; i < 3; i += 1) registry.observeAsync("wait_ms", "Waits.", 1);
    expect(registry.asyncDroppedCount).toBe(3);
    expect(warnings).toEqual([
      "wait_ms: the family has more samples waiting than fit; some are dropped",
    ]);
    registry.close();
    expect(recorder.summary("sip_call_rtt_ms").at().count).toBe(SAMPLE_RING_SIZE);
    expect(lines("voiceserver_metrics_observe_dropped_total")).toEqual([
      'voiceserver_metrics_observe_dropped_total{metric="wait_ms"} 3',
    ]);
    registry.observeAsync("sip_call_rtt_ms", "", 1);
    registry.close();
    expect(recorder.summary("sip_call_rtt_ms").at().count).toBe(SAMPLE_RING_SIZE + 1);
  });
});

describe("a listener that is told of a sample", () => {
  it("may hand in others and have everything read, and none is lost or taken twice", () => {
    const recorder = new Recorder(undefined, {
      onWarning: () => {
        registry.observeAsync("warnings_seconds", "Warnings.", 8);
        exposition(recorder);
      },
    });
    const registry = new MetricRegistry(recorder);
    registry.observeAsync("wait_ms", "Waits.", 1);
    // Of a counter, so that it is not taken and the listener told.
    registry.observeAsync("sip_bye_total", "", 2);
    registry.observeAsync("wait_ms", "Waits.", 4);
    registry.flush();
    const text = exposition(recorder);
    for (const line of ["wait_ms_sum 5", "wait_ms_count 2", "warnings_seconds_sum 8"]) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text.match(/^metrics_refused_updates_total.*/gm)).toEqual([
      'metrics_refused_updates_total{metric="sip_bye_total",reason="type"} 1',
    ]);
  });
});

describe("families that are added later", () => {
  it("come into a prom-client registry that has the others, and go with them", async () => {
    const { registry, recorder } = made();
    const prom = register(recorder);
    registry.incCounter("late_total", "Late.");
    registry.observeAsync("later_ms", "Later.", 3);
    expect(await prom.metrics()).toContain("late_total 1\n");
    const inOrder = (text: string): string[] => text.split("\n").sort();
    expect(inOrder(await prom.metrics())).toEqual(inOrder(exposition(recorder)));
    unregister(recorder, prom);
    expect(prom.getMetricsAsArray()).toEqual([]);
    registry.incCounter("last_total", "Last.");
    expect(prom.getMetricsAsArray()).toEqual([]);
  });

  it("stay out of a prom-client registry that was cleared, given all again, and left", () => {
    const { registry, recorder } = made();
    const prom = register(recorder);
    prom.clear();
    register(recorder, prom);
    unregister(recorder, prom);
    registry.incCounter("last_total", "Last.");
    expect(prom.getMetricsAsArray()).toEqual([]);
  });
});

describe("a registry that is frozen", () => {
  it("takes what it knows, and counts what it does not", () => {
    const { registry, lines, warnings } = made();
    registry.registerLabels("uploads_total", "kind");
    registry.registerValues("uploads_total", "kind", "audio");
    registry.setGauge("waiting", "Waiting.", {}, 1);
    registry.freeze();
    registry.incCounter("uploads_total", "Uploads.", { kind: "audio" });
    registry.incCounter("uploads_total", "Uploads.", { kind: "odd", user: "bob" });
    registry.setGauge("waiting", "Waiting.", {}, 2);
    registry.incCounter("call_issues_total", "", { kind: "no-media" });
    registry.incCounter("uplaods_total", "Uploads.");
    expect(lines("up")).toEqual(['uploads_total{kind="audio"} 1', 'uploads_total{kind="other"} 1']);
    expect(lines("waiting")).toEqual(["waiting 2"]);
    expect(lines('call_issues_total{kind="no-media"}')).toEqual([
      'call_issues_total{kind="no-media"} 1',
    ]);
    expect(lines("metrics_refused_updates_total")).toEqual([
      'metrics_refused_updates_total{metric="uplaods_total",reason="frozen"} 1',
    ]);
    expect(warnings.at(-1)).toBe(
      "uplaods_total: the family was not known when the registry was frozen; it is not recorded",
    );
  });

  it("is told nothing more", () => {
    const { registry } = made();
    registry.freeze();
    expect(() => {
      registry.registerLabels("uploads_total", "kind");
    }).toThrow('registerLabels("uploads_total") comes after freeze(). Declare everything before.');
    expect(() => {
      registry.registerValues("uploads_total", "kind", "audio");
    }).toThrow('registerValues("uploads_total") comes after freeze()');
  });
});
