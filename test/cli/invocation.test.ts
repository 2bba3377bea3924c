import { describe, expect, it } from "vitest";

import { parseInvocation } from "../../src/cli/invocation.js";
import type { LadderInvocation } from "../../src/cli/one-call-invocation.js";
import type { ReportInvocation } from "../../src/cli/report-invocation.js";
import { UsageError } from "../../src/cli/usage-error.js";

function report(...argv: string[]): ReportInvocation {
  const invocation = parseInvocation(argv);
  if (invocation.kind !== "report") throw new Error(`asks for ${invocation.kind}`);
  return invocation;
}

function ladder(...argv: string[]): LadderInvocation {
  const invocation = parseInvocation(argv);
  if (invocation.kind !== "ladder") throw new Error(`asks for ${invocation.kind}`);
  return invocation;
}

describe("the command line", () => {
  it("asks for a table of one file with the defaults of the engine", () => {
    expect(report("call.pcap")).toEqual({
      kind: "report",
      files: ["call.pcap"],
      isMerged: false,
      format: "text",
      showsAll: false,
      showsIntervals: false,
      isColorless: false,
      settings: {},
    });
  });

  it("asks for a demonstration on another port", () => {
    expect(parseInvocation(["demo", "--port", "9500", "--for", "5m"])).toEqual({
      kind: "demo",
      port: 9500,
      forMs: 300_000,
      isColorless: false,
    });
    expect(() => parseInvocation(["demo", "--hep", "9060"])).toThrow("demo takes no --hep");
  });

  it("takes options before, between and after files, with = or without", () => {
    const argv = ["--json", "a", "--buffer=80", "b", "--adaptive", "10-300", "--interval", "2.5"];
    expect(report(...argv, "--streams", "1000", "--width=120")).toMatchObject({
      files: ["a", "b"],
      format: "json",
      width: 120,
      settings: {
        fixedBufferMs: 80,
        adaptiveBufferMinMs: 10,
        adaptiveBufferMaxMs: 300,
        intervalMs: 2500,
        maxStreams: 1000,
      },
    });
  });

  it("takes a width that the figures have to be broken for", () => {
    expect(report("--width", "40", "x").width).toBe(40);
  });

  it("collects what several --payload say", () => {
    const { settings } = report("--payload", "96=opus/48000", "x", "--payload=97=VP8/90000");
    expect([...(settings.payloads ?? [])].map(([type, { name }]) => [type, name])).toEqual([
      [96, "opus"],
      [97, "VP8"],
    ]);
  });

  it("collects the networks of several --local", () => {
    const argv = ["--local", "10.0.0.0/8", "x", "--local=2001:db8::/32", "--local", "192.0.2.1"];
    expect(report(...argv).settings.local).toEqual(["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]);
  });

  it("asks for metrics", () => {
    expect(report("--metrics", "x").format).toBe("metrics");
  });

  it("asks for a ladder of one call, or of the only one", () => {
    expect(ladder("ladder", "x.pcap")).toEqual({
      kind: "ladder",
      files: ["x.pcap"],
      isColorless: false,
      settings: {},
    });
    expect(ladder("--width", "80", "ladder", "--local", "10.0.0.1", "-", "a84b")).toMatchObject({
      files: ["-"],
      callId: "a84b",
      width: 80,
      settings: { local: ["10.0.0.1"] },
    });
  });

  it("takes a file for a file that is called as the command is", () => {
    expect(report("--", "ladder").files).toEqual(["ladder"]);
    expect(report("./ladder", "ladder").files).toEqual(["./ladder", "ladder"]);
    expect(ladder("ladder", "ladder", "ladder")).toMatchObject({
      files: ["ladder"],
      callId: "ladder",
    });
  });

  it("takes everything after -- as files", () => {
    expect(report("--", "--json", "-x").files).toEqual(["--json", "-x"]);
  });

  it.each(["--help", "-h"])("asks for help with %s, whatever else is there", (help) => {
    expect(parseInvocation(["call.pcap", help])).toEqual({ kind: "help" });
  });

  it.each(["--version", "-V"])("asks for the version with %s", (version) => {
    expect(parseInvocation([version])).toEqual({ kind: "version" });
  });

  it.each([
    { argv: [], why: "name a capture file, or - for standard input" },
    { argv: ["--json"], why: "name a capture file, or - for standard input" },
    { argv: ["--jsno", "a"], why: "there is no option --jsno; did you mean --json?" },
    { argv: ["--colour", "a"], why: "there is no option --colour" },
    { argv: ["-x", "a"], why: "there is no option -x" },
    { argv: ["--json=yes", "a"], why: "--json takes no value" },
    { argv: ["--buffer", "-5", "a"], why: "--buffer -5: it must be a number from 1 to 10000 ms" },
    { argv: ["--streams", "-1", "a"], why: "--streams -1: it must be a whole number from 1" },
    { argv: ["--interval", "-.5", "a"], why: "--interval -.5: it must be a number from 0.1" },
    {
      argv: ["a", "--html", "-x.html"],
      why: "--html needs a value, as in --html report.html; if -x.html is the value, write --html=-x.html",
    },
    {
      argv: ["--buffer", "call.pcap"],
      why: "name a capture file, or - for standard input; call.pcap was taken for the value of --buffer",
    },
    {
      argv: ["ladder", "--html", "./call"],
      why: "./call was taken for the value of --html",
    },
    {
      argv: ["assert", "--mos", "a.pcap"],
      why: "a.pcap was taken for the value of --mos",
    },
    { argv: ["--buffer", "60.5"], why: "name a capture file, or - for standard input" },
    { argv: ["a", "--buffer"], why: "--buffer needs a value, as in --buffer 60" },
    { argv: ["--buffer", "--json", "a"], why: "--buffer needs a value, as in --buffer 60" },
    { argv: ["--payload=", "a"], why: "--payload needs a value, as in --payload 96=opus/48000" },
    { argv: ["--buffer", "0", "a"], why: "--buffer 0: it must be a number from 1 to 10000 ms" },
    { argv: ["--buffer", "60ms", "a"], why: "--buffer 60ms: it must be a number from 1" },
    { argv: ["--buffer", "1e3", "a"], why: "--buffer 1e3: it must be a number from 1" },
    { argv: ["--buffer=-5", "a"], why: "--buffer -5: it must be a number from 1" },
    { argv: ["--buffer", "60", "--buffer", "80", "a"], why: "--buffer is given twice" },
    { argv: ["--adaptive", "20", "a"], why: "--adaptive 20: it must be MIN-MAX in ms" },
    { argv: ["--adaptive", "200-20", "a"], why: "--adaptive 200-20: the least delay is more" },
    { argv: ["--adaptive", "20-99999", "a"], why: "--adaptive 99999: it must be a number from 1" },
    { argv: ["--interval", "0.05", "a"], why: "it must be a number from 0.1 to 3600 s" },
    { argv: ["--streams", "2.5", "a"], why: "it must be a whole number from 1 to 4194304" },
    { argv: ["--streams", "0", "a"], why: "it must be a whole number from 1 to 4194304" },
    { argv: ["--width", "20", "a"], why: "it must be a whole number from 40 to 1000" },
    { argv: ["--local", "10.0.0.0/33", "a"], why: "--local 10.0.0.0/33: it must be a network" },
    { argv: ["--local", "eth0", "a"], why: "or an address, as in 10.0.0.0/8 or 2001:db8::/32" },
    { argv: ["a", "--local"], why: "--local needs a value, as in --local 10.0.0.0/8" },
    { argv: ["--metrcs", "a"], why: "there is no option --metrcs; did you mean --metrics?" },
    { argv: ["--json", "--metrics", "a"], why: "--json and --metrics are two reports; say one" },
    { argv: ["ladder"], why: "ladder needs a capture file, as in ladder call.pcap CALL-ID" },
    { argv: ["ladder", "a", "b", "c"], why: "takes a file and a Call-ID; c is one too many" },
    { argv: ["ladder", "--json", "a"], why: "ladder takes no --json" },
    { argv: ["assert", "a", "--answered", "--port", "1"], why: "assert takes no --port" },
    { argv: ["--from", "x", "a"], why: "only stir and query take --from" },
    { argv: ["--port", "1", "a"], why: "only demo, serve and doctor take --port" },
    { argv: ["ladder", "a", "--merge"], why: "ladder takes no --merge" },
    { argv: ["-", "-"], why: "standard input (-) can be read only once" },
    { argv: ["--merge", "a", "-"], why: "--merge needs files" },
  ])("refuses $argv and says why", ({ argv, why }) => {
    expect(() => parseInvocation(argv)).toThrow(UsageError);
    expect(() => parseInvocation(argv)).toThrow(why);
  });
});
