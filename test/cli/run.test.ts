import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { AnalyseOptions } from "../../src/capture/analyse-options.js";
import type { CaptureReport } from "../../src/call/report.js";
import type { Analysers, MetricsRecording, PageRecording } from "../../src/cli/analysers.js";
import { run } from "../../src/cli/run.js";
import type { SipCall } from "../../src/sip/call.js";
import { CaptureFormatError, CaptureOpenError, NativeUnavailableError } from "../../src/errors.js";
import { call, capture, cleanCall, hurtStream, stream } from "../report/samples.js";
import { type FakeIo, fakeIo, FakeOutput } from "./fake-io.js";

const DAMAGE = { reason: "truncated", offset: 99, sentence: "The capture is cut short." };

/** What becomes of a capture, by its name. */
const ENDINGS: Readonly<Record<string, (name: string) => CaptureReport>> = {
  clean: (file) => capture([stream()], { file }),
  hurt: (file) => capture([hurtStream()], { file }),
  calls: (file) => capture([stream({ ssrc: 7 })], { file, calls: [cleanCall(), call()] }),
  silent: (file) => capture([], { file }),
  damaged: (file) => capture([stream()], { file, damage: DAMAGE }),
  missing: (file) => {
    throw new CaptureOpenError(`${file} cannot be read: there is no such file`);
  },
  text: (file) => {
    throw new CaptureFormatError(`${file}: The input is not a capture.`);
  },
  bug: () => {
    throw new TypeError("x is not a function");
  },
  addonless: () => {
    throw new NativeUnavailableError("The native addon is missing.");
  },
};

interface Analysed {
  readonly name: string;
  readonly options: AnalyseOptions;
}

function fakeAnalysers(seen: Analysed[] = []): () => Promise<Analysers> {
  const analyse = (name: string, options: AnalyseOptions = {}): Promise<CaptureReport> => {
    seen.push({ name, options });
    return new Promise((resolve, reject) => {
      const ending = ENDINGS[name.split(/[. ]/)[0] ?? ""];
      if (ending === undefined) {
        // Reads on until it is told to stop.
        options.signal?.addEventListener("abort", () => {
          reject(new Error("stopped"));
        });
        return;
      }
      const report = ending(name);
      for (const one of report.calls) {
        options.observer?.onCall?.(one, { call: {} as SipCall, handshakes: [] });
      }
      resolve(report);
    });
  };
  return () =>
    Promise.resolve({
      analyseCapture: (source, options) =>
        analyse("path" in source ? source.path : source.name, options),
      analyseMerged: (paths, options) => analyse(paths.join(" + "), options),
      analyseLadder: () => Promise.reject(new Error("no ladder is asked for")),
      readCertificates: () => Promise.reject(new Error("none is asked for")),
      importCalls: () => Promise.reject(new Error("none is stored")),
      recordMetrics: () => Promise.resolve(fakeRecording()),
      recordPage: () => Promise.resolve(fakePage()),
    });
}

/** A page that says how many calls it was told of, and how many the report has. */
function fakePage(): PageRecording {
  let told = 0;
  return {
    observer: {
      onCall: () => {
        told += 1;
      },
    },
    page: ({ calls }) => ["<html>", `${told} told, ${calls.length} reported`],
  };
}

/** Counts the calls it is told of. */
function fakeRecording(): MetricsRecording {
  let calls = 0;
  return {
    observer: {
      onCall: () => {
        calls += 1;
      },
    },
    async *exposition() {
      yield "# TYPE calls_total counter\n";
      yield await Promise.resolve(`calls_total ${calls}\n`);
    },
  };
}

async function outcome(
  argv: string[],
  io: FakeIo = fakeIo(),
): Promise<{
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const code = await run(argv, io, fakeAnalysers());
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe("exit codes", () => {
  it.each([
    { argv: ["clean"], code: 0 },
    { argv: ["hurt"], code: 0 },
    { argv: ["silent"], code: 0 },
    { argv: ["--help"], code: 0 },
    { argv: ["bug"], code: 1 },
    { argv: ["--nonsense"], code: 2 },
    { argv: [], code: 2 },
    { argv: ["missing"], code: 3 },
    { argv: ["text"], code: 3 },
    { argv: ["damaged"], code: 4 },
    { argv: ["--merge", "damaged"], code: 4 },
    { argv: ["--json", "damaged"], code: 4 },
    { argv: ["--metrics", "damaged"], code: 4 },
    { argv: ["calls"], code: 0 },
    { argv: ["addonless"], code: 6 },
    { argv: ["damaged", "clean", "missing"], code: 3 },
    { argv: ["damaged", "clean"], code: 4 },
    { argv: ["missing", "bug", "damaged"], code: 1 },
  ])("$code for $argv", async ({ argv, code }) => {
    expect((await outcome(argv)).code).toBe(code);
  });
});

describe("what goes where", () => {
  it("prints reports to standard output and errors to standard error", async () => {
    const { stdout, stderr } = await outcome(["missing", "clean"]);
    expect(stdout).toMatch(/^clean: 12\.4 s from/);
    expect(stderr).toBe("mediaprobe: missing cannot be read: there is no such file\n");
  });

  it("tells damage in both", async () => {
    const { stdout, stderr } = await outcome(["damaged"]);
    expect(stdout).toContain("  The capture is cut short.\n");
    expect(stderr).toBe("mediaprobe: damaged: The capture is cut short.\n");
  });

  it("says what is wrong with the command line, and where help is", async () => {
    const { stdout, stderr } = await outcome(["--jsn", "clean"]);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      "mediaprobe: there is no option --jsn; did you mean --json?\nSee mediaprobe --help.\n",
    );
  });

  it("says once that the addon is missing, however many files there are", async () => {
    const { stderr, stdout } = await outcome(["addonless", "addonless.2", "clean"]);
    expect(stderr).toBe("mediaprobe: The native addon is missing.\n");
    expect(stdout).toBe("");
  });

  it("shows where a bug is", async () => {
    expect((await outcome(["bug"])).stderr).toMatch(/internal error.*x is not a function\n +at /);
  });

  it("lets no file name command the terminal", async () => {
    expect((await outcome(["missing.\u001b[2J"])).stderr).toContain("missing.\ufffd[2J");
  });

  it("tells its version", async () => {
    expect((await outcome(["--version"])).stdout).toBe("mediaprobe 1.2.3\n");
  });
});

describe("help", () => {
  it("fits 80 columns and names every option and exit code", async () => {
    const { stdout } = await outcome(["--help"]);
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    for (const option of [
      "--merge",
      "--local CIDR",
      "--metrics",
      "--payload PT=NAME/RATE[/CHANNELS]",
      "--streams N",
      "--buffer MS",
      "--adaptive MIN-MAX",
      "--interval SECONDS",
      "--json",
      "--all",
      "--intervals",
      "--width COLUMNS",
      "--no-color",
      "-h, --help",
      "-V, --version",
    ]) {
      expect(stdout).toContain(`\n  ${option}`);
    }
    for (const code of [0, 1, 2, 3, 4, 5, 6, 130]) {
      expect(stdout).toMatch(new RegExp(`^  ${code} +[A-Z]`, "m"));
    }
  });
});

describe("tables", () => {
  it("stand in the order named, one legend below all", async () => {
    const { stdout } = await outcome(["hurt", "silent", "clean"]);
    expect(stdout.match(/^\w+(?=: )/gm)).toEqual(["hurt", "silent", "clean"]);
    expect(stdout.match(/--help explains the columns/g)).toHaveLength(1);
    expect(stdout).toContain("\n\nsilent: ");
  });

  it("have no legend when there is no stream", async () => {
    expect((await outcome(["silent"])).stdout).not.toContain("--help");
  });

  it("explain the columns of calls where there are calls", async () => {
    expect((await outcome(["hurt", "calls"])).stdout).toMatch(/\n\n {2}→ caller to callee, ← back/);
    expect((await outcome(["hurt"])).stdout).not.toContain("caller to callee");
  });

  it("are as wide as the terminal, or as asked for", async () => {
    const wide = (await outcome(["hurt"], fakeIo({ stdout: new FakeOutput(150) }))).stdout;
    expect(wide).toContain("source → destination");
    const narrow = (await outcome(["hurt"], fakeIo({ stdout: new FakeOutput(80) }))).stdout;
    expect(narrow).not.toContain("source → destination");
    expect((await outcome(["--width", "80", "hurt"])).stdout).not.toContain("source → destination");
    const unknown = await outcome(["hurt"], fakeIo({ stdout: new FakeOutput(0) }));
    expect(unknown.stdout).toContain("source → destination");
  });

  it("are coloured on a terminal only", async () => {
    const onTerminal = await outcome(["hurt"], fakeIo({ stdout: new FakeOutput(150) }));
    expect(onTerminal.stdout).toContain("\u001b[31m7.0\u001b[39m");
    expect((await outcome(["hurt"])).stdout).not.toContain("\u001b");
  });

  it("name the buffer that was simulated", async () => {
    expect((await outcome(["--buffer", "40", "hurt"])).stdout).toContain("for a 40 ms buffer");
  });
});

describe("JSON", () => {
  it("is the report as one compact line in a pipe", async () => {
    const { stdout } = await outcome(["--json", "hurt"]);
    expect(stdout).toBe(`${JSON.stringify(ENDINGS["hurt"]?.("hurt"))}\n`);
  });

  it("is indented on a terminal", async () => {
    const { stdout } = await outcome(["--json", "hurt"], fakeIo({ stdout: new FakeOutput(80) }));
    expect(stdout).toBe(`${JSON.stringify(ENDINGS["hurt"]?.("hurt"), null, 2)}\n`);
  });

  it("has one line for each file that could be read", async () => {
    const io = fakeIo({ stdout: new FakeOutput(80) });
    const { stdout } = await outcome(["--json", "hurt", "missing", "clean"], io);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as CaptureReport).file)).toEqual([
      "hurt",
      "clean",
    ]);
  });

  it("is one report for files that are merged", async () => {
    const { stdout } = await outcome(["--json", "--merge", "clean", "b"]);
    expect(JSON.parse(stdout)).toMatchObject({ file: "clean + b" });
  });
});

describe("metrics", () => {
  it("are of all calls of all files, once, and nothing else is printed", async () => {
    const { code, stdout, stderr } = await outcome(["--metrics", "calls", "missing", "calls.2"]);
    expect(code).toBe(3);
    expect(stdout).toBe("# TYPE calls_total counter\ncalls_total 4\n");
    expect(stderr).toBe("mediaprobe: missing cannot be read: there is no such file\n");
  });

  it("are not printed when no capture could be read", async () => {
    expect((await outcome(["--metrics", "missing"])).stdout).toBe("");
  });

  it("are not recorded unless asked for", async () => {
    const seen: Analysed[] = [];
    await run(["calls"], fakeIo(), fakeAnalysers(seen));
    await run(["--metrics", "calls"], fakeIo(), fakeAnalysers(seen));
    expect(seen.map(({ options }) => options.observer !== undefined)).toEqual([false, true]);
  });
});

describe("a page", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mediaprobe-page-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("goes into the file that was named, of what was told while the capture was read", async () => {
    const page = join(folder, "report.html");
    const { code, stdout, stderr } = await outcome(["calls", "--html", page]);
    expect(await readFile(page, "utf8")).toBe("<html>2 told, 2 reported");
    expect(stdout).toBe(`${page}: 2 calls, 24 B\n`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("is written of a damaged capture too", async () => {
    const { code, stdout, stderr } = await outcome(["damaged", `--html=${join(folder, "a.html")}`]);
    expect(code).toBe(4);
    expect(stdout).toContain("0 calls");
    expect(stderr).toContain("The capture is cut short.");
  });

  it("says so where it cannot be written, and leaves nothing", async () => {
    const page = join(folder, "none", "report.html");
    const { code, stdout, stderr } = await outcome(["calls", "--html", page]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/--html \S*report\.html cannot be written: its folder does not exist/);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [["--html", "x.html", "a", "b"], "say --merge"],
    [["--html", "a", "a"], "--html a would overwrite the capture; name another file"],
    [["--html", "x.html", "--json", "a"], "--json and --html are two reports; say one of them"],
    [["ladder", "--html", "x.html", "a"], "ladder takes no --html"],
  ])("is not for %j", async (argv, message) => {
    const { code, stderr } = await outcome(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("what the analysis is told", () => {
  it("is what the options say, and nothing where they say nothing", async () => {
    const seen: Analysed[] = [];
    await run(["clean"], fakeIo(), fakeAnalysers(seen));
    await run(["--interval", "2", "--streams=7", "clean"], fakeIo(), fakeAnalysers(seen));
    const settings = seen.map(({ options }) => {
      const { signal, onProgress, ...rest } = options;
      return { ...rest, isWatched: signal !== undefined && onProgress !== undefined };
    });
    expect(settings).toEqual([
      { isWatched: true },
      { isWatched: true, intervalMs: 2000, maxStreams: 7 },
    ]);
  });

  it("is not asked to read a capture from the keyboard", async () => {
    const io = fakeIo();
    const stdin = Object.assign(io.stdin, { isTTY: true });
    const { code, stderr } = await outcome(["-"], { ...io, stdin });
    expect(code).toBe(2);
    expect(stderr).toContain("standard input is a terminal; pipe a capture into it");
  });
});

describe("an end before the end", () => {
  it("ends quietly when nobody reads any more, and does not read the other files", async () => {
    const seen: Analysed[] = [];
    const stdout = new FakeOutput(undefined, { after: 0, code: "EPIPE" });
    const io = fakeIo({ stdout, parallelism: 1 });
    expect(await run(["clean", "hurt", "damaged"], io, fakeAnalysers(seen))).toBe(0);
    expect(seen.map(({ name }) => name)).toEqual(["clean"]);
    expect(io.stderr.text).toBe("");
  });

  it("says so when the report cannot be written", async () => {
    const stdout = new FakeOutput(undefined, { after: 0, code: "ENOSPC" });
    const { code, stderr } = await outcome(["clean"], fakeIo({ stdout }));
    expect(code).toBe(1);
    expect(stderr).toBe("mediaprobe: the report cannot be written: write ENOSPC\n");
  });

  it("does not claim to have helped when the help cannot be written", async () => {
    const stdout = new FakeOutput(undefined, { after: 0, code: "ENOSPC" });
    const { code, stderr } = await outcome(["--help"], fakeIo({ stdout }));
    expect(code).toBe(1);
    expect(stderr).toBe("mediaprobe: the output cannot be written: write ENOSPC\n");
  });

  it("stops at an interruption with 130, the line of progress taken away", async () => {
    const seen: Analysed[] = [];
    const io = fakeIo({ stderr: new FakeOutput(80) });
    const running = run(["endless"], io, fakeAnalysers(seen));
    await Promise.resolve();
    await Promise.resolve();
    io.pass(1000);
    seen[0]?.options.onProgress?.({ bytesRead: 1, packets: 1 });
    io.interrupt();
    expect(await running).toBe(130);
    expect(seen[0]?.options.signal?.aborted).toBe(true);
    expect(io.stderr.text).toMatch(/1 packet\r\u001b\[K$/);
    expect(io.stdout.text).toBe("");
  });

  it("reads a pipe to its end at the first interruption, which ended the writer too", async () => {
    const seen: Analysed[] = [];
    const io = fakeIo();
    const running = run(["-"], io, fakeAnalysers(seen));
    await Promise.resolve();
    await Promise.resolve();
    io.interrupt();
    expect(seen.map(({ name }) => name)).toEqual(["standard input"]);
    expect(seen[0]?.options.signal?.aborted).toBe(false);
    expect(io.stderr.text).toContain("reading what is left in the pipe");
    io.interrupt();
    expect(await running).toBe(130);
  });

  it("listens for interruptions no longer than it runs", async () => {
    const listening = new Set<unknown>();
    const io: FakeIo = {
      ...fakeIo(),
      onInterrupt: (listener) => {
        listening.add(listener);
        return () => listening.delete(listener);
      },
    };
    await run(["clean"], io, fakeAnalysers());
    expect(listening.size).toBe(0);
  });
});
