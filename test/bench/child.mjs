/**
 * One measured process. Does one task a message and answers with its figures; it measures its own
 * processor time, user and system, of all its threads.
 *
 * @module
 */
import { closeSync, createReadStream, openSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as elapse } from "node:timers/promises";

import { QUICK_PRESETS, captureFiles, prepareFolder } from "./data.mjs";
import { PRESETS, writeCapture } from "./generate.mjs";
import { sipMessages } from "./sip-load.mjs";

const G711 = new Map(
  [0, 8].map((type) => [
    type,
    { name: type === 0 ? "PCMU" : "PCMA", clockRateHz: 8000, kind: "audio" },
  ]),
);

function generate({ name }) {
  prepareFolder(name);
  const { capture, truth } = captureFiles(name);
  return writeCapture(capture, truth, { ...PRESETS, ...QUICK_PRESETS }[name]);
}

async function withFile(capture, use) {
  const descriptor = openSync(capture, "r");
  try {
    return await use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Processor seconds of `work`. */
async function timed(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Reads the file in the engine's blocks and looks at nothing. */
async function read({ capture }) {
  const { binding } = await import("../../dist/native/binding.js");
  const { readOnly } = binding();
  return withFile(capture, (descriptor) => timed(() => readOnly(descriptor)));
}

/** Where the capture's streams are received, as its signalling says. */
async function* endpoints(truth) {
  for await (const line of createInterface({ input: createReadStream(truth) })) {
    for (const { destination } of JSON.parse(line).streams ?? []) yield destination;
  }
}

/** An engine that knows the endpoints of the capture, as it does when SIP told of them. */
async function preparedEngine(truth) {
  const { Engine } = await import("../../dist/native/engine.js");
  const engine = new Engine();
  engine.setDefaultMap(G711);
  const map = engine.addMap(G711);
  for await (const endpoint of endpoints(truth)) engine.nameEndpoint(endpoint, 0, map);
  return engine;
}

/** Runs the engine over the whole file; its events are handed out, and not looked at by itself. */
async function runThrough(engine, capture, use = () => undefined) {
  await withFile(capture, async (descriptor) => {
    engine.addFile(descriptor);
    while ((await engine.scan()) !== "ended") use(engine.takeEvents());
    await engine.finish();
  });
  return engine;
}

async function engine({ capture, truth }) {
  // What the round before left behind is not to be freed on this one's account.
  globalThis.gc();
  await elapse(1);
  const prepared = await preparedEngine(truth);
  return timed(() => runThrough(prepared, capture));
}

/** What the engine counted, in the sums of `truthSums`. */
async function counts({ capture, truth }) {
  const run = await runThrough(await preparedEngine(truth), capture);
  const sums = { streams: 0, received: 0, expected: 0, duplicated: 0, reordered: 0, jitter: 0 };
  const AT_ONCE = 4096;
  for (let from = 0; from < run.streamCount(); from += AT_ONCE) {
    for (const stream of run.streams(from, AT_ONCE)) {
      sums.streams += 1;
      sums.received += stream.packetsReceived;
      sums.expected += stream.packetsExpected;
      sums.duplicated += stream.packetsDuplicated;
      sums.reordered += stream.packetsReordered;
      sums.jitter += stream.jitterSeconds?.mean ?? 0;
    }
  }
  return sums;
}

/** Most memory that this process ever held, after one run of the engine. */
async function peakBytes({ capture, truth }) {
  await runThrough(await preparedEngine(truth), capture);
  return process.resourceUsage().maxRSS * 1024;
}

/** Memory outside the JavaScript heap while a finished engine is still held. */
async function heldBytes({ capture, truth }) {
  const held = await runThrough(await preparedEngine(truth), capture);
  globalThis.gc();
  const { rss, heapTotal, external } = process.memoryUsage();
  return { bytes: rss - heapTotal - external, streams: held.streamCount() };
}

async function longestDelayMs(work) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.max / 1e6;
}

/** How long the event loop was held up at worst during an analysis, and in as long a wait. */
async function delaysMs(work) {
  const startMs = performance.now();
  const busyMs = await longestDelayMs(work);
  const tookMs = performance.now() - startMs;
  const idleMs = await longestDelayMs(() => elapse(tookMs));
  return { busyMs, idleMs };
}

/** The event loop while the engine reads; each event is taken, and not analysed. */
async function readingDelay({ capture, truth }) {
  const prepared = await preparedEngine(truth);
  const takeEach = (events) => {
    for (const event of events) void event;
  };
  return delaysMs(() => runThrough(prepared, capture, takeEach));
}

async function analysisDelay({ capture, inWorker }) {
  await import("../../dist/index.js"); // loading it is not the analysis
  return delaysMs(() => analyseWhole(capture, { inWorker }));
}

/** Everything from the file to the calls, as a user of the library gets it. */
async function analyseWhole(capture, options = {}) {
  const { analyseCapture } = await import("../../dist/index.js");
  return analyseCapture({ path: capture }, options);
}

function analyse({ capture }) {
  return timed(() => analyseWhole(capture));
}

/** Microseconds that a message costs, scanned and tracked. */
async function trackSip({ messages: count }) {
  const { scanSipMessage } = await import("../../dist/sip/message.js");
  const { SipTracker } = await import("../../dist/sip/tracker.js");
  const messages = sipMessages(count, "calls").map(([isFromClient, text]) => [
    isFromClient,
    Buffer.from(text, "latin1"),
  ]);
  const client = { address: "192.0.2.10", port: 5060 };
  const server = { address: "198.51.100.2", port: 5060 };
  const tracker = new SipTracker({ onEvent: () => {} });
  let atMs = 0;
  const seconds = await timed(() => {
    for (const [isFromClient, bytes] of messages) {
      atMs += 1;
      tracker.observe({
        message: scanSipMessage(bytes),
        atMs,
        source: isFromClient ? client : server,
        destination: isFromClient ? server : client,
        transport: "udp",
        hasDescription: false,
      });
    }
    tracker.finish(atMs);
  });
  return (seconds * 1e6) / count;
}

/** Microseconds that sip.js takes to parse one. */
async function parseWithSipJs({ messages: count }) {
  const { Parser } = await import("sip.js/lib/core/messages/parser.js");
  const logger = { error() {}, warn() {}, log() {}, debug() {} };
  const messages = sipMessages(count, "calls");
  let parsed = 0;
  const seconds = await timed(() => {
    for (const [, text] of messages) {
      if (Parser.parseMessage(text, logger) !== undefined) parsed += 1;
    }
  });
  if (parsed !== count) throw new Error(`sip.js parsed ${parsed} of ${count} messages.`);
  return (seconds * 1e6) / count;
}

const TASKS = {
  generate,
  read,
  engine,
  counts,
  peakBytes,
  heldBytes,
  readingDelay,
  analysisDelay,
  analyse,
  trackSip,
  parseWithSipJs,
};

process.on("message", ({ task, ...details }) => {
  Promise.resolve()
    .then(() => TASKS[task](details))
    .then(
      (result) => process.send({ result }),
      (error) => process.send({ error: String(error?.stack ?? error) }),
    );
});
