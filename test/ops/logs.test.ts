/** ops/logs, held against lines that a logger of ours really writes. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { logEnd } from "../../src/logs/call-log.js";
import type { LogFormat } from "../../src/logs/log-line.js";
import { createLogger } from "../../src/logs/logger.js";
import { Lines } from "../logs/lines.js";
import { someReport } from "../metrics/calls.js";

const textOf = (file: string): string =>
  readFileSync(new URL(`../../ops/logs/${file}`, import.meta.url), "utf8");

/** What is written of a call with everything in it that queries ask for. */
async function written(format: LogFormat): Promise<Lines> {
  const lines = new Lines();
  const log = await createLogger({ format, destination: lines, environment: {} });
  log.warn({}, "nothing but a message");
  log.error({ error: new Error('no "room"'), session_id: "an id with spaces" }, "probe fault");
  const issue = { kind: "one-way-audio", detail: "Nothing came = nothing was heard." } as const;
  logEnd(someReport({ issues: [issue] }), log);
  return lines;
}

interface Promtail {
  readonly scrape_configs: readonly {
    readonly pipeline_stages: readonly Readonly<Record<string, Record<string, unknown>>>[];
  }[];
}

describe("Promtail", () => {
  const stages = (parse(textOf("promtail.yaml")) as Promtail).scrape_configs.flatMap(
    ({ pipeline_stages }) => pipeline_stages,
  );
  const stage = (name: string): Record<string, unknown> =>
    stages.find((one) => name in one)?.[name] ?? {};
  const extracted = stage("json")["expressions"] as Record<string, string>;

  it("takes out of a line what is there", async () => {
    const { entries } = await written("json");
    const known = new Set(entries.flatMap((entry) => Object.keys(entry)));
    expect(Object.values(extracted).filter((field) => !known.has(field))).toEqual([]);
    for (const name of ["labels", "structured_metadata"]) {
      for (const field of Object.keys(stage(name))) expect(extracted, name).toHaveProperty(field);
    }
  });

  it("takes the time of each line as RFC 3339 has it", async () => {
    expect(stage("timestamp")).toEqual({ source: "time", format: "RFC3339" });
    for (const { time } of (await written("json")).entries) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });

  it("has a session as structured metadata, never as a label", () => {
    expect(Object.keys(stage("labels"))).toEqual(["level"]);
    expect(Object.keys(stage("structured_metadata"))).toContain("session_id");
  });
});

/** Entries of one kind in Fluent Bit's classic configuration: keys in lower case, values as written. */
function sections(text: string, kind: string): ReadonlyMap<string, readonly string[]>[] {
  return text
    .split(/^(?=\[)/m)
    .filter((section) => section.startsWith(`[${kind}]`))
    .map((section) => {
      const entries = new Map<string, string[]>();
      for (const [, key = "", value = ""] of section.matchAll(/^ {4}([\w.]+) +(.+)$/gm)) {
        entries.set(key.toLowerCase(), [...(entries.get(key.toLowerCase()) ?? []), value]);
      }
      return entries;
    });
}

describe("Fluent Bit", () => {
  const parsers = sections(textOf("fluent-bit-parsers.conf"), "PARSER");
  const parser = (name: string): ReadonlyMap<string, readonly string[]> | undefined =>
    parsers.find((one) => one.get("name")?.[0] === name);

  it("names parsers that there are", () => {
    const [filter] = sections(textOf("fluent-bit.conf"), "FILTER");
    expect(filter?.get("parser")).toEqual(["mediaprobe-json", "mediaprobe-text"]);
    for (const name of filter?.get("parser") ?? []) expect(parser(name), name).toBeDefined();
    const [service] = sections(textOf("fluent-bit.conf"), "SERVICE");
    expect(service?.get("parsers_file")).toEqual(["fluent-bit-parsers.conf"]);
  });

  it("reads each line of text, field by field", async () => {
    const expression = new RegExp(parser("mediaprobe-text")?.get("regex")?.[0] ?? "");
    const lines = (await written("text")).all.map((line) => line.trimEnd());
    const read = lines.map((line) => expression.exec(line)?.groups);
    expect(read.map((groups) => [groups?.["level"], groups?.["msg"]])).toEqual([
      ["WARN", "nothing but a message"],
      ["ERROR", "probe fault"],
      ["WARN", "call issue"],
      ["INFO", "call ended"],
    ]);
    expect(read[2]?.["session_id"]).toBe("a84b4c76e66710");
    expect(read[3]?.["fields"]).toContain(" outcome=answered status_code=200");
    expect(parser("mediaprobe-text")?.get("time_format")).toEqual(["%Y/%m/%d %H:%M:%S"]);
    for (const groups of read) {
      expect(groups?.["time"]).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/);
    }
  });
});

describe("CloudWatch", () => {
  it("has options that its driver takes", () => {
    const { "log-driver": driver, "log-opts": options } = JSON.parse(
      textOf("docker-awslogs.json"),
    ) as Readonly<Record<"log-driver", string>> &
      Readonly<Record<"log-opts", Readonly<Record<string, string>>>>;
    expect(driver).toBe("awslogs");
    for (const value of Object.values(options)) expect(value).toBeTypeOf("string");
  });

  it("asks for fields, messages and levels that there are", async () => {
    const queries = JSON.parse(textOf("cloudwatch-queries.json")) as Record<string, string>;
    const { entries } = await written("json");
    const known = new Set(entries.flatMap((entry) => Object.keys(entry)));
    // Figures of media, which this call has none of.
    for (const figure of ["mos", "loss_ratio", "jitter_seconds", "rtt_seconds"]) known.add(figure);
    for (const [name, query] of Object.entries(queries)) {
      const [, fields = ""] = /^fields ([^|]+)/.exec(query) ?? [];
      const asked = fields.split(",").map((field) => field.trim());
      const unknown = asked.filter(
        (field) => field !== "" && !/^@/.test(field) && !known.has(field),
      );
      expect(unknown, name).toEqual([]);
      for (const [, field, value] of query.matchAll(/(msg|level) = "([^"]*)"/g)) {
        expect(
          entries.map((entry) => entry[field ?? ""]),
          name,
        ).toContain(value);
      }
    }
  });
});

describe("Datadog", () => {
  it("takes each line of JSON as the beginning of an entry", async () => {
    const { logs } = parse(textOf("datadog.yaml")) as {
      readonly logs: readonly {
        readonly log_processing_rules: readonly {
          readonly type: string;
          readonly pattern: string;
        }[];
      }[];
    };
    const [rule] = logs.flatMap(({ log_processing_rules }) => log_processing_rules);
    expect(rule?.type).toBe("multi_line");
    for (const line of (await written("json")).all) {
      expect(line).toMatch(new RegExp(rule?.pattern ?? "^$"));
    }
  });
});
