/**
 * `npm run bench`: what reading captures costs, as ratios of processor time (user and system) that
 * were measured side by side, with the goals they are held to.
 *
 * `--quick` reads small captures only. `--json` prints the figures for a program. `--check` exits
 * with 1 when a goal is missed by more than 30 %, or when a count is not exact.
 *
 * @module
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { captureFiles, isMissing, truthSums, truthTotals } from "./data.mjs";
import { commandSeconds, doFresh, interleaved, isInstalled, median, Worker } from "./processes.mjs";
import { sipMessages, writeSipCapture } from "./sip-load.mjs";

const SLACK = 1.3;
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const ADDON = fileURLToPath(new URL("../../native/build/mediaprobe.node", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

const SIP_MESSAGES = 200_000;
const ROUNDS = flags.quick ? 5 : 7;
/** The whole analysis has no goal of its own, and takes its time. */
const ANALYSIS_ROUNDS = 3;
/** Captures, and how much more than mere reading the engine may cost on them. */
const LOADS = flags.quick
  ? { c200_200k: 2.2, n2k_600k: 2.2 }
  : { c1k_1m: 2.2, c1k_5m: 2.2, n10k: 2.2, n100k: 4.5 };
const [SMALL, LARGE] = flags.quick ? ["c200_200k", "c200_200k"] : ["c1k_1m", "c1k_5m"];

const results = [];

function say(text) {
  if (!flags.json) process.stderr.write(`${text}\n`);
}

/** Notes a figure; `goal` is `["<=" or ">=", number]`. */
function note(measure, load, value, unit, goal, detail) {
  results.push({
    ...(detail && { detail }),
    measure,
    load,
    value,
    unit,
    ...(goal && { goal: goal.join(" ") }),
    ...judge(value, goal),
  });
}

function judge(value, goal) {
  if (!goal) return {};
  const [relation, bound] = goal;
  const atMost = relation === "<=";
  return {
    isMet: atMost ? value <= bound : value >= bound,
    isWithinSlack: atMost ? value <= bound * SLACK : value >= bound / SLACK,
  };
}

function skip(measure, load, reason) {
  results.push({ measure, load, skipped: reason });
}

async function generateMissing() {
  for (const name of Object.keys(LOADS)) {
    if (!isMissing(name)) continue;
    say(`Generating ${name}.`);
    await doFresh("generate", { name });
  }
}

/** The engine's counts against those the captures were generated with. */
async function checkCounts(name) {
  const truth = truthSums(name);
  const counted = await doFresh("counts", captureFiles(name));
  const wrong = Object.keys(truth).filter((key) =>
    key === "jitter"
      ? Math.abs(counted.jitter / truth.jitter - 1) > 1e-9
      : counted[key] !== truth[key],
  );
  results.push({
    measure: "counts",
    load: name,
    value: wrong.length,
    unit: "wrong",
    goal: "<= 0",
    isMet: wrong.length === 0,
    isWithinSlack: wrong.length === 0,
    ...(wrong.length > 0 && {
      detail: wrong.map((key) => `${key} ${counted[key]}, not ${truth[key]}`).join("; "),
    }),
  });
}

async function compareWithReading(name, goal) {
  const files = captureFiles(name);
  const figures = async (tasks, rounds) => {
    const workers = tasks.map((task) => [task, new Worker()]);
    const runs = workers.map(([task, worker]) => [task, () => worker.do(task, files)]);
    const medians = await interleaved(Object.fromEntries(runs), rounds);
    for (const [, worker] of workers) worker.close();
    return medians;
  };
  const { read, engine } = await figures(["read", "engine"], ROUNDS);
  const { analyse } = await figures(["analyse"], ANALYSIS_ROUNDS);
  const { frames } = truthTotals(name);
  const aFrame = (seconds) => `${((seconds / frames) * 1e9).toFixed(0)} ns a frame`;
  const detail = `reading ${aFrame(read)}, engine ${aFrame(engine)}`;
  note("engine / read only", name, engine / read, "", ["<=", goal], detail);
  note("whole analysis / read only", name, analyse / read, "", undefined, aFrame(analyse));
}

async function compareWithTool(name, { measure, program, args, rounds, goal }) {
  if (!isInstalled(program)) return skip(measure, name, `${program} is not installed`);
  if (!existsSync("/usr/bin/time")) return skip(measure, name, "/usr/bin/time is not installed");
  const files = captureFiles(name);
  const worker = new Worker();
  await worker.do("engine", files);
  const engine = [];
  const tool = [];
  for (let round = 0; round < rounds; ++round) {
    tool.push(commandSeconds(program, args(files.capture)));
    engine.push(await worker.do("engine", files));
  }
  worker.close();
  note(measure, name, median(tool) / median(engine), "", [">=", goal]);
}

async function measureMemory() {
  const peak = (name) => doFresh("peakBytes", captureFiles(name));
  if (flags.quick) return skip("memory", "", "it needs the big captures");
  const growth = (await peak("c1k_5m")) - (await peak("c1k_1m"));
  note("peak memory, 5 million packets less 1 million", "c1k", growth / 2 ** 20, "MiB", ["<=", 8]);
  const held = (name) => doFresh("heldBytes", captureFiles(name));
  const [few, many] = [await held("n10k"), await held("n100k")];
  const each = (many.bytes - few.bytes) / (many.streams - few.streams);
  note("memory held for each stream", "n100k", each, "bytes", ["<=", 1024]);
}

/**
 * How much longer the event loop was held up at worst than an idle one: while the engine reads, which
 * has a goal, and during a whole analysis, of which the collector's pauses are the longest.
 */
async function measureLoopDelay(name) {
  const measure = "longest event loop delay above an idle one";
  const aboveIdleMs = async (task, details) => {
    const above = [];
    for (let round = 0; round < 5; ++round) {
      const { busyMs, idleMs } = await doFresh(task, { ...captureFiles(name), ...details });
      above.push(busyMs - idleMs);
    }
    return median(above);
  };
  const reading = await aboveIdleMs("readingDelay", {});
  note(`${measure}, while the engine reads`, name, reading, "ms", ["<=", 10]);
  for (const [inWorker, where] of [
    [false, "whole analysis"],
    [true, "whole analysis in a worker"],
  ]) {
    note(`${measure}, ${where}`, name, await aboveIdleMs("analysisDelay", { inWorker }), "ms");
  }
}

function measureCommand(name) {
  const measure = "processor time of mediaprobe --json";
  if (!existsSync("/usr/bin/time")) return skip(measure, name, "/usr/bin/time is not installed");
  const args = [MAIN, "--json", captureFiles(name).capture];
  const seconds = Array.from({ length: 4 }, () => commandSeconds(process.execPath, args)).slice(1);
  note(measure, name, median(seconds), "s", flags.quick ? undefined : ["<=", 1]);
}

/** A SIP message against the parser of the stack it is measured beside, and nothing but SIP. */
async function measureSip() {
  const worker = new Worker();
  const { track, parse } = await interleaved(
    {
      track: () => worker.do("trackSip", { messages: 50_000 }),
      parse: () => worker.do("parseWithSipJs", { messages: 500 }),
    },
    ROUNDS,
  );
  worker.close();
  const detail = `${track.toFixed(1)} µs a message, sip.js ${parse.toFixed(0)} µs`;
  note(
    "sip.js parser / SIP message scanned and tracked",
    "sip",
    parse / track,
    "",
    [">=", 100],
    detail,
  );
  const measure = "SIP messages a processor second, whole command";
  if (!existsSync("/usr/bin/time")) return skip(measure, "sip", "/usr/bin/time is not installed");
  const capture = join(mkdtempSync(join(tmpdir(), "mediaprobe-bench-")), "sip.pcap");
  writeSipCapture(capture, sipMessages(SIP_MESSAGES, "registrations"));
  const seconds = Array.from({ length: 4 }, () =>
    commandSeconds(process.execPath, [MAIN, "--json", capture]),
  ).slice(1);
  rmSync(dirname(capture), { recursive: true });
  note(measure, "sip", SIP_MESSAGES / median(seconds), "", [">=", 100_000]);
}

function shown(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function remark({ skipped, isMet, detail }) {
  if (skipped !== undefined) return skipped;
  const verdict = isMet === undefined ? [] : [isMet ? "met" : "missed"];
  return [...verdict, ...(detail === undefined ? [] : [detail])].join("; ");
}

function printTable() {
  const rows = results.map((result) => [
    result.measure,
    result.load,
    result.skipped === undefined ? `${shown(result.value)} ${result.unit}`.trim() : "-",
    result.goal ?? "",
    remark(result),
  ]);
  const table = [["measure", "load", "figure", "goal", ""], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column]));
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
}

async function main() {
  for (const file of [MAIN, ADDON]) {
    if (existsSync(file)) continue;
    process.stderr.write(`${file} is missing. Run npm run install and npm run build first.\n`);
    return 2;
  }
  await generateMissing();
  for (const [name, goal] of Object.entries(LOADS)) {
    say(`Measuring ${name}.`);
    await checkCounts(name);
    await compareWithReading(name, goal);
  }
  say("Measuring other programs.");
  await compareWithTool(LARGE, {
    measure: "tcpdump -w /dev/null / engine",
    program: "tcpdump",
    // Without -Z root, tcpdump as root changes the owner of /dev/null.
    args: (file) => ["-Z", "root", "-r", file, "-w", "/dev/null"],
    rounds: ROUNDS,
    goal: 2,
  });
  await compareWithTool(SMALL, {
    measure: "tshark -z rtp,streams / engine",
    program: "tshark",
    args: (file) => ["-n", "-q", "-z", "rtp,streams", "-r", file],
    rounds: flags.quick ? 1 : 2,
    goal: 75,
  });
  say("Measuring memory, event loop and command.");
  await measureMemory();
  await measureLoopDelay(LARGE);
  measureCommand(LARGE);
  say("Measuring SIP.");
  await measureSip();
  if (flags.json) process.stdout.write(`${JSON.stringify({ rounds: ROUNDS, results })}\n`);
  else printTable();
  return flags.check && results.some(({ isWithinSlack }) => isWithinSlack === false) ? 1 : 0;
}

process.exitCode = await main();
