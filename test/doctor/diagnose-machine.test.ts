import { describe, expect, it } from "vitest";

import { diagnoseMachine, type MachineFacts } from "../../src/doctor/diagnose-machine.js";
import type { Subject } from "../../src/doctor/finding.js";
import { TIE } from "../../src/report/display-text.js";

/** On a system that says nothing of sockets. */
const ELSEWHERE: MachineFacts = {
  node: { version: "22.3.0", range: ">=20.19" },
  platform: "linux x64",
  cores: 8,
  memoryBytes: 16e9,
  addon: { what: "/app/mediaprobe.node" },
  database: { what: "libsql" },
  packages: [{ name: "werift", version: "0.24.4", range: ">=0.24.4 <0.26" }],
  port: { port: 9464 },
};
const FACTS: MachineFacts = {
  ...ELSEWHERE,
  receiveBuffer: { mostBytes: 16_777_216, wantedBytes: 8_388_608 },
};

function about(name: string, facts: Partial<MachineFacts> = {}): Subject {
  const { subjects } = diagnoseMachine({ ...FACTS, ...facts });
  const found = subjects.find((subject) => subject.name === name);
  if (found === undefined) throw new Error(`there is no subject ${name}`);
  return found;
}

const firstOf = (name: string, facts: Partial<MachineFacts>): string =>
  about(name, facts).findings[0]?.seen.replaceAll(TIE, " ") ?? "";

describe("the diagnosis of a machine", () => {
  it("finds nothing where all is there", () => {
    expect(diagnoseMachine(FACTS).subjects.map(({ name, sight }) => `${name} ${sight}`)).toEqual([
      "machine ok",
      "addon ok",
      "packages ok",
      "records ok",
      "server ok",
      "datagrams ok",
    ]);
  });

  it("says which Node is wanted", () => {
    const { sight, findings } = about("machine", { node: { version: "18.0.0", range: ">=20.19" } });
    expect(sight).toBe("limited");
    expect(findings[1]?.remedy).toBe("Use a Node of >=20.19.");
  });

  it("is blind without the addon, and says why it does not load and how to build it", () => {
    const addon = { what: "/app/mediaprobe.node", problem: "wrong ELF class" };
    const [finding] = about("addon", { addon }).findings;
    expect(finding).toMatchObject({ sight: "blind" });
    expect(finding?.seen).toBe("/app/mediaprobe.node does not load: wrong ELF class.");
    expect(finding?.remedy).toContain("npm rebuild mediaprobe");
  });

  it("names a version that nothing is tested with, and the command that fits it", () => {
    const werift = { name: "werift", version: "0.26.1", range: ">=0.24.4 <0.26" };
    expect(about("packages", { packages: [werift] }).findings).toEqual([
      {
        sight: "limited",
        seen: "werift 0.26.1 is not of >=0.24.4 <0.26.",
        consequence: "Nothing is tested with it: figures may be missing.",
        remedy: "npm install 'werift@>=0.24.4 <0.26'",
      },
    ]);
  });

  it("takes what is not installed for a choice, and says what it would be for", () => {
    const packages = [
      { name: "jssip", version: "3.14.0", triedWith: "3.13.8" },
      { name: "@opentelemetry/api", range: "^1.9.0" },
      { name: "vitest", range: ">=3.2.0 <5" },
      { name: "sip.js", range: ">=0.21.2 <0.22" },
    ];
    const { sight, findings } = about("packages", { packages });
    expect(sight).toBe("ok");
    expect(findings.map(({ seen }) => seen.replaceAll(TIE, " "))).toEqual([
      "jssip 3.14.0 (tried with 3.13.8).",
      "Not installed: @opentelemetry/api (export by OTLP), vitest (gates in tests), sip.js (attaching to them).",
    ]);
  });

  it("misses the rest of OpenTelemetry where a part of it is there, the API aside", () => {
    const sdk = { name: "@opentelemetry/sdk-metrics", range: "^2.0.0" };
    const api = { name: "@opentelemetry/api", version: "1.9.1", range: "^1.9.0" };
    expect(about("packages", { packages: [api, sdk] }).sight).toBe("ok");
    const exporter = { name: "@opentelemetry/otlp-exporter-base", version: "0.223.0" };
    expect(about("packages", { packages: [api, sdk, exporter] }).findings[1]).toMatchObject({
      sight: "limited",
      remedy: "npm install '@opentelemetry/sdk-metrics@^2.0.0'",
    });
  });

  it("says why the port cannot be had", () => {
    const port = (problem: string): string => firstOf("server", { port: { port: 80, problem } });
    expect(port("EADDRINUSE")).toBe("Port 80 of 127.0.0.1 is taken.");
    expect(port("EACCES")).toBe("Port 80 of 127.0.0.1 cannot be listened on (EACCES).");
  });

  it("finds a receive buffer that is less than serve asks for, and what to set", () => {
    const receiveBuffer = { mostBytes: 212_992, wantedBytes: 8_388_608 };
    const [finding] = about("datagrams", { receiveBuffer }).findings;
    expect(finding?.sight).toBe("limited");
    expect(finding?.remedy).toContain("net.core.rmem_max=8388608");
  });

  it("tells of datagrams that the system dropped, whoever's they were", () => {
    const { sight, findings } = about("datagrams", { droppedDatagrams: 1200 });
    expect(sight).toBe("ok");
    expect(findings[1]?.seen).toContain("dropped 1,200 datagrams since it started");
  });

  it("leaves out what the system does not say", () => {
    const { subjects } = diagnoseMachine(ELSEWHERE);
    expect(subjects.map(({ name }) => name)).not.toContain("datagrams");
  });
});
