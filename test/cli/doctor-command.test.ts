import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import type { Analysers } from "../../src/cli/analysers.js";
import { doctorCommand } from "../../src/cli/doctor-command.js";
import type { DoctorInvocation } from "../../src/cli/doctor-invocation.js";
import { parseInvocation } from "../../src/cli/invocation.js";
import { machineFacts } from "../../src/cli/machine-facts.js";
import type { Loaded, MachineFacts } from "../../src/doctor/diagnose-machine.js";
import type { Diagnosis } from "../../src/doctor/finding.js";
import { CaptureOpenError } from "../../src/errors.js";
import { capture, stream } from "../report/samples.js";
import { fakeIo } from "./fake-io.js";

const FACTS: MachineFacts = {
  node: { version: "22.3.0", range: ">=20.19" },
  platform: "linux x64",
  cores: 8,
  memoryBytes: 16e9,
  addon: { what: "/app/mediaprobe.node" },
  database: { what: "libsql" },
  packages: [],
  port: { port: 9464 },
};

interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function doctor(
  argv: readonly string[],
  { report, addon = FACTS.addon }: { report?: CaptureReport; addon?: Loaded } = {},
): Promise<Told> {
  const io = fakeIo();
  const analysers = {
    analyseCapture: () =>
      report === undefined
        ? Promise.reject(new CaptureOpenError("x.pcap cannot be read: there is no such file"))
        : Promise.resolve(report),
  } as unknown as Analysers;
  const code = await doctorCommand(
    parseInvocation(["doctor", ...argv]) as DoctorInvocation,
    io,
    () => Promise.resolve(analysers),
    (port) => Promise.resolve({ ...FACTS, addon, port: { port } }),
  );
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe("mediaprobe doctor", () => {
  it("says what the machine has", async () => {
    const { code, stdout } = await doctor(["--port", "8080"]);
    expect(code).toBe(0);
    expect(stdout).toContain("  machine   ok       linux x64, 8 cores, 16.0 GB of memory.\n");
    expect(stdout).toContain("Port 8080 of 127.0.0.1 is free.");
  });

  it("ends with 6 where the addon is missing", async () => {
    const addon = { what: "/app/mediaprobe.node", problem: "no such file" };
    expect((await doctor([], { addon })).code).toBe(6);
  });

  it("says what a capture lets one see, which is no failure", async () => {
    const { code, stdout, stderr } = await doctor(["x.pcap"], { report: capture([stream()]) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^call\.pcap\n\n {2}capture {6}ok {7}pcap, Ethernet, /);
  });

  it("prints one document with --json, without the spaces that tie words", async () => {
    const { stdout } = await doctor(["--json", "x.pcap"], { report: capture([stream()]) });
    const { schema, of, file, subjects } = JSON.parse(stdout) as Diagnosis;
    expect({ schema, of, file }).toEqual({
      schema: "mediaprobe.doctor/1",
      of: "capture",
      file: "call.pcap",
    });
    expect(subjects.map(({ name }) => name)).toEqual([
      "capture",
      "signalling",
      "media",
      "round trips",
      "quality",
      "security",
      "identity",
    ]);
    expect(stdout).not.toContain("\u00a0");
  });

  it("ends with 4 where a capture could be read in part, and with 3 where it could not", async () => {
    const damage = { reason: "truncated", offset: 9, sentence: "The capture is cut short." };
    expect((await doctor(["x.pcap"], { report: capture([], { damage }) })).code).toBe(4);
    expect(await doctor(["x.pcap"])).toEqual({
      code: 3,
      stdout: "",
      stderr: "mediaprobe: x.pcap cannot be read: there is no such file\n",
    });
  });

  it.each([
    [["a.pcap", "b.pcap"], "doctor takes one file; b.pcap is one too many"],
    [["a.pcap", "--port", "1"], "doctor takes no --port with a capture file"],
    [["--stir-certs", "x"], "doctor takes no --stir-certs without a capture file"],
    [["a.pcap", "--mos", ">=4"], "doctor takes no --mos with a capture file"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseInvocation(["doctor", ...argv])).toThrow(message);
  });
});

describe("machineFacts", () => {
  const folder = mkdtempSync(join(tmpdir(), "mediaprobe-doctor-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("finds packages as a module of the project would, exported manifest or not", async () => {
    const installed = join(folder, "node_modules", "@roamhq", "wrtc");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), '{"version":"0.9.0","exports":{".":"./x.js"}}');
    const deeper = join(folder, "server", "src");
    mkdirSync(deeper, { recursive: true });
    const { packages } = await machineFacts(deeper, 0);
    expect(packages).toContainEqual({
      name: "@roamhq/wrtc",
      version: "0.9.0",
      triedWith: expect.stringMatching(/^\d/) as string,
    });
    expect(packages).toContainEqual({ name: "werift", range: expect.any(String) as string });
  });

  it("finds this addon, this Node, and a port that is free or taken", async () => {
    const server = createServer();
    const taken = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        resolve((server.address() as AddressInfo).port);
      });
    });
    try {
      const facts = await machineFacts(folder, taken);
      expect(facts.port).toEqual({ port: taken, problem: "EADDRINUSE" });
      expect(facts.addon).toEqual({
        what: expect.stringMatching(/native.build.mediaprobe\.node$/) as string,
      });
      expect(facts.node).toEqual({ version: process.versions.node, range: ">=20.19" });
    } finally {
      server.close();
    }
    expect((await machineFacts(folder, 0)).port).toEqual({ port: 0 });
  });
});
