import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Family } from "../../src/metrics/family.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { describePeer } from "../support/peer.js";
import {
  hasPrometheus,
  startPrometheus,
  type PrometheusServer,
} from "../support/prometheus-server.js";
import { touchAll } from "./touched.js";

const pathOf = (file: string): string =>
  fileURLToPath(new URL(`../../ops/${file}`, import.meta.url));
const textOf = (file: string): string => readFileSync(pathOf(file), "utf8");

const families: ReadonlyMap<string, Family> = new Map(Object.entries(CATALOGUE));

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

const dashboard = JSON.parse(textOf("grafana/dashboard.json")) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [title: string, query: string] => [title, expr]),
);

/** Expressions of the rules: what follows `expr:`, folded lines included. */
const expressions = [
  ...textOf("prometheus/rules.yml").matchAll(/expr: (?:>\n((?: {10}.*\n)+)|(.+))/g),
]
  .map((match) => match[1] ?? match[2] ?? "")
  .map((text) => text.replaceAll(/\s+/g, " "));

/** Names that select series: with a selector, a range, an offset or a comparison after them. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\b(?:by|on|ignoring|without|group_left)\s*\([^)]*\)/g, " ")
    .replaceAll(/\{[^}]*\}/g, " ")
    .replaceAll(/\[[^\]]*\]/g, " ");
  return (bare.match(/[a-zA-Z_:][\w:]*/g) ?? []).filter(
    (word) => word.includes("_") && !/^(?:histogram_quantile|group_left)$/.test(word),
  );
}

/** The family that a series belongs to. */
function familyOf(series: string): Family | undefined {
  const whole = families.get(series);
  if (whole !== undefined) return whole;
  const family = families.get(series.replace(/_(?:bucket|sum|count)$/, ""));
  return family?.type === "histogram" || family?.type === "summary" ? family : undefined;
}

/** Label names in selectors and groupings. */
function labelsIn(expression: string): string[] {
  const selected = [...expression.matchAll(/([a-z_]+)\s*(?:=~|!=|=)\s*"/g)].map(([, name]) => name);
  const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names]) =>
    (names ?? "").split(",").map((name) => name.trim()),
  );
  return [...selected, ...grouped].filter((name): name is string => name !== undefined);
}

const FROM_PROMETHEUS = ["job", "instance", "le", "quantile"];

describe("what ops/ asks for", () => {
  const all: [string, string][] = [
    ...queries,
    ...expressions.map((expression, i): [string, string] => [`rule ${i + 1}`, expression]),
  ];

  it("is found where it is looked for", () => {
    expect(queries.length).toBeGreaterThan(60);
    expect(expressions).toHaveLength(textOf("prometheus/rules.yml").match(/expr:/g)?.length ?? 0);
    expect(metricsIn('sum by (a_b) (rate(x_total{c_d="e_f"}[5m])) > 0')).toEqual(["x_total"]);
  });

  it.each(all)("of “%s” is in the catalogue: %s", (_, expression) => {
    for (const series of metricsIn(expression)) {
      if (series.startsWith("job:")) continue;
      expect(familyOf(series), series).toBeDefined();
    }
  });

  it.each(all)("of “%s” has labels that its families have: %s", (_, expression) => {
    const known = metricsIn(expression).flatMap((series) => {
      // A recorded series has the labels it was grouped by.
      return familyOf(series)?.labels.map(([name]): string => name) ?? ["direction", "source"];
    });
    for (const label of labelsIn(expression)) {
      expect([...known, ...FROM_PROMETHEUS], label).toContain(label);
    }
  });

  it("of recorded series is recorded", () => {
    const recorded = [...textOf("prometheus/rules.yml").matchAll(/record: (\S+)/g)].map(
      (match) => match[1] ?? "",
    );
    const used = expressions.flatMap(metricsIn).filter((series) => series.startsWith("job:"));
    expect([...new Set(used)].sort()).toEqual(recorded.sort());
  });
});

describe("the alerts", () => {
  const alerts = [...textOf("prometheus/rules.yml").matchAll(/alert: (\S+)/g)].map(
    (match) => match[1] ?? "",
  );

  it("have each a test that fires and one that stays silent", () => {
    const tests = textOf("prometheus/rules.test.yml");
    for (const alert of alerts) {
      expect(tests).toContain(`name: ${alert} fires\n`);
      expect(tests).toContain(`name: ${alert} stays silent\n`);
    }
    expect(alerts.length).toBeGreaterThanOrEqual(19);
  });
});

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

describePeer("ops/prometheus in the eyes of promtool", hasPromtool, () => {
  it.each([
    ["check", "rules", "prometheus/rules.yml"],
    ["check", "config", "prometheus/scrape.yml"],
    ["test", "rules", "prometheus/rules.test.yml"],
  ])("passes %s %s of %s", { timeout: 120_000 }, (command, what, file) => {
    const { status, stdout, stderr } = spawnSync("promtool", [command, what, pathOf(file)], {
      encoding: "utf8",
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});

describePeer("the dashboard on a real Prometheus", hasPrometheus, () => {
  const recorder = new Recorder();
  let server: PrometheusServer;

  beforeAll(async () => {
    server = await startPrometheus(() => {
      touchAll(recorder);
      return exposition(recorder);
    });
    await server.scraped(4);
  }, 60_000);

  afterAll(() => server.close());

  it.each(queries)("shows something for “%s”: %s", async (_, query) => {
    const asked = query.replaceAll("$__rate_interval", "1m").replaceAll("$job", ".*");
    const results = await server.query(asked);
    expect(results.length, asked).toBeGreaterThan(0);
    expect(results.some(({ value }) => value[1] !== "NaN")).toBe(true);
  });
});
