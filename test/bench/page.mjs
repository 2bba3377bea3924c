/**
 * `node test/bench/page.mjs`: what the page costs. In a real browser, how long frames take while 5,000
 * calls are scrolled through, and while the cursor moves over the plots of a two-hour call; and how long
 * the report of 1,000 calls takes to write, and how large it is. Needs `npm run build` and Chromium.
 *
 * `--json` prints the figures for a program. `--check` exits with 1 when fewer than 95 % of the frames
 * take under 50 ms.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { htmlReport } from "../../dist/report/html.js";
import { readPage } from "../../dist/report/page-template.js";
import { captureFiles, isMissing, prepareFolder } from "./data.mjs";
import { PRESETS, writeCapture } from "./generate.mjs";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

const CALLS = 5000;
const LONG_CALL_SECONDS = 7200;
/** As many as are kept of a stream. */
const LONG_CALL_INTERVALS = 720;
const FRAME_LIMIT_MS = 50;
const GOAL = 0.95;
const FRAMES = 600;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mediaprobe-bench-"));

/** A recorded call with a bad network, which all calls of the page are made of. */
const recorded = JSON.parse(
  readFileSync(here("../../fixtures/impaired-call/expected.json"), "utf8"),
);
const [model] = recorded.calls;

function manyCalls() {
  const digits = (index) => String(index).padStart(4, "0");
  const calls = Array.from({ length: CALLS }, (_, index) => ({
    ...model,
    callId: `${index}@bench.example`,
    caller: { ...model.caller, uri: `sip:+1215555${digits(index)}@example.com` },
  }));
  return [longCall(), ...calls.slice(1)];
}

/** Two hours, in intervals that repeat those of the recording. */
function longCall() {
  const startMs = Date.parse(model.course.answeredAt);
  const stepMs = (LONG_CALL_SECONDS * 1000) / LONG_CALL_INTERVALS;
  const instant = (atMs) => new Date(atMs).toISOString().replace("Z", "000Z");
  const endedAt = instant(startMs + LONG_CALL_SECONDS * 1000);
  const streams = model.streams.map((stream) => ({
    ...stream,
    lastPacketAt: endedAt,
    intervals: Array.from({ length: LONG_CALL_INTERVALS }, (_, index) => ({
      ...stream.intervals[index % stream.intervals.length],
      from: instant(startMs + index * stepMs),
      to: instant(startMs + (index + 1) * stepMs),
    })),
  }));
  const issues = [
    {
      kind: "dead-air",
      direction: "caller-to-callee",
      from: instant(startMs + 600_000),
      to: instant(startMs + 660_000),
      detail: "Nothing was heard for a minute.",
    },
  ];
  return {
    ...model,
    callId: "long@bench.example",
    course: { ...model.course, endedAt },
    streams,
    issues,
  };
}

/** Milliseconds from frame to frame while `act` is called before each. */
async function framesWhile(page, act) {
  await page.evaluate(() => {
    const frames = [];
    let last;
    const step = (at) => {
      if (last !== undefined) frames.push(at - last);
      last = at;
      globalThis.frameRequest = requestAnimationFrame(step);
    };
    globalThis.frames = frames;
    globalThis.frameRequest = requestAnimationFrame(step);
  });
  for (let index = 0; index < FRAMES; index += 1) await act(index);
  return page.evaluate(() => {
    cancelAnimationFrame(globalThis.frameRequest);
    return globalThis.frames;
  });
}

function summary(name, frames) {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const share = frames.filter((ms) => ms < FRAME_LIMIT_MS).length / frames.length;
  return {
    name,
    frames: frames.length,
    shareUnderLimit: share,
    medianMs: at(0.5),
    p95Ms: at(0.95),
    maxMs: at(1),
  };
}

async function measureFrames() {
  const file = join(folder, "page.html");
  const report = { ...recorded, calls: manyCalls(), streams: [] };
  const template = await readPage();
  writeFileSync(file, [...htmlReport({ report, template, ladderOf: () => undefined })].join(""));
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const began = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.locator("#row-0").waitFor();
    const openMs = performance.now() - began;
    await page.mouse.move(700, 500);
    const scrolled = await framesWhile(page, (index) =>
      page.mouse.wheel(0, index % 100 < 80 ? 260 : -260),
    );
    await page.locator("input[type=search]").fill("long@bench");
    await page.locator("#row-0").click();
    const plots = page.locator(".lane .u-over");
    await plots.first().waitFor();
    const [there, back] = [await plots.first().boundingBox(), await plots.last().boundingBox()];
    const moved = await framesWhile(page, (index) => {
      const { x, y, width } = index % 200 < 100 ? there : { ...back, y: there.y };
      return page.mouse.move(x + (width * (index % 100)) / 100, y + 30 + (index % 7));
    });
    const detail = await framesWhile(page, (index) =>
      page.mouse.wheel(0, index % 60 < 30 ? 120 : -120),
    );
    return {
      openMs,
      bytes: statSync(file).size,
      runs: [
        summary(`scrolling ${CALLS} calls`, scrolled),
        summary("cursor over a two-hour call", moved),
        summary("scrolling a two-hour call", detail),
      ],
    };
  } finally {
    await browser.close();
  }
}

/** The command's own time, with a page and without one. */
function measureReport() {
  const name = "c1k_1m";
  const { capture, truth } = captureFiles(name);
  if (isMissing(name)) {
    prepareFolder(name);
    writeCapture(capture, truth, PRESETS[name]);
  }
  const page = join(folder, "report.html");
  const timed = (...options) => {
    const began = performance.now();
    execFileSync(process.execPath, [here("../../dist/cli/main.js"), capture, ...options], {
      maxBuffer: 1 << 30,
    });
    return (performance.now() - began) / 1000;
  };
  const jsonSeconds = timed("--json");
  const htmlSeconds = timed("--html", page);
  return {
    calls: PRESETS[name].calls,
    packets: PRESETS[name].packets,
    jsonSeconds,
    htmlSeconds,
    bytes: statSync(page).size,
  };
}

try {
  const frames = await measureFrames();
  const report = measureReport();
  const areMet = frames.runs.every(({ shareUnderLimit }) => shareUnderLimit >= GOAL);
  if (flags.json) process.stdout.write(`${JSON.stringify({ frames, report, areMet })}\n`);
  else print(frames, report);
  if (flags.check && !areMet) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

function print({ openMs, bytes, runs }, report) {
  const lines = runs.map(
    ({ name, frames, shareUnderLimit, medianMs, p95Ms, maxMs }) =>
      `${name}: ${(shareUnderLimit * 100).toFixed(1)} % of ${frames} frames under ${FRAME_LIMIT_MS} ms` +
      ` (goal ${GOAL * 100} %), median ${medianMs.toFixed(1)}, 95th ${p95Ms.toFixed(1)}, longest ${maxMs.toFixed(1)} ms`,
  );
  lines.push(
    `a page of ${CALLS} calls: ${(bytes / 1e6).toFixed(1)} MB, opens in ${openMs.toFixed(0)} ms`,
    `the report of ${report.calls} calls, ${report.packets} packets: ${(report.bytes / 1e6).toFixed(2)} MB` +
      ` in ${report.htmlSeconds.toFixed(1)} s, the same as JSON in ${report.jsonSeconds.toFixed(1)} s`,
  );
  process.stdout.write(`${lines.join("\n")}\n`);
}
