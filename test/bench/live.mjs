/**
 * `node test/bench/live.mjs`: what a tapped packet costs beside werift's reading of its header, as a
 * ratio of processor time measured in turns, and what it allocates. Needs `npm run build`.
 *
 * `--json` prints the figures for a program. `--check` exits with 1 when a goal is missed by more than
 * 30 %.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { RtpPacket } from "werift";

import { LiveEngine } from "../../dist/native/live-engine.js";
import { inTurns, secondsOf, tell } from "./in-turns.mjs";

// A young generation that is not collected while something is counted, or garbage would hide.
const NEEDED = ["--expose-gc", "--min-semi-space-size=128", "--max-semi-space-size=256"];
if (globalThis.gc === undefined) {
  const { status } = spawnSync(
    process.execPath,
    [...NEEDED, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: "inherit" },
  );
  process.exit(status ?? 1);
}

const FLOWS = 64;
const THEIRS = 40_000;
const OURS = 1_000_000;
const PAYLOADS = new Map([[111, { name: "opus", clockRateHz: 48_000, kind: "audio" }]]);
const STREAM = {
  source: { address: "192.0.2.1", port: 4000 },
  destination: { address: "192.0.2.2", port: 5000 },
};

/** Opus packets as a browser sends them: a one-byte header extension, 160 bytes of SRTP. */
const packets = Array.from({ length: FLOWS }, (_, ssrc) => {
  const bytes = Buffer.alloc(12 + 8 + 160);
  bytes.set([0x90, 111]);
  bytes.writeUInt32BE(ssrc + 1, 8);
  bytes.set([0xbe, 0xde, 0, 1, 0x10, 0xff], 12);
  return bytes;
});
/** Arrivals of one round after another; a clock that is read anew is the caller's cost. */
const arrivals = new Float64Array(65_536).map((_, index) => 1.7e12 + index * 20 + (index % 7) / 8);

function stamp(bytes, index) {
  const timestamp = index * 960;
  bytes[2] = index >> 8;
  bytes[3] = index;
  bytes[4] = timestamp >> 24;
  bytes[5] = timestamp >> 16;
  bytes[6] = timestamp >> 8;
  bytes[7] = timestamp;
}

const engine = new LiveEngine();
const flows = packets.map(() => {
  const id = engine.openFlow(STREAM);
  engine.setPayloads(id, PAYLOADS);
  return id;
});

let sent = 0;
const tasks = {
  stamp(times) {
    for (let i = 0; i < times; ++i) stamp(packets[i & 63], i >> 6);
  },
  werift(times) {
    let total = 0;
    for (let i = 0; i < times; ++i) {
      const bytes = packets[i & 63];
      stamp(bytes, i >> 6);
      total += RtpPacket.deSerialize(bytes).header.sequenceNumber;
    }
    return total;
  },
  live(times) {
    for (let i = 0; i < times; ++i) {
      const bytes = packets[i & 63];
      const index = sent++ >> 6;
      stamp(bytes, index);
      engine.packet(flows[i & 63], bytes, bytes.length + 28, arrivals[index & 0xffff]);
    }
  },
};

function bytesOf(task, times) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  task(times);
  return (process.memoryUsage().heapUsed - before) / times;
}

/** Memory of the process that ten thousand calls, one after the other, leave behind. */
function megabytesLeft() {
  const calls = (count) => {
    for (let call = 0; call < count; ++call) {
      const id = engine.openFlow(STREAM);
      engine.setPayloads(id, PAYLOADS);
      for (let i = 0; i < 20; i += 1 + (i & 1)) {
        stamp(packets[0], i);
        engine.packet(id, packets[0], 208, arrivals[i]);
      }
      engine.closeFlow(id);
    }
    globalThis.gc();
    return process.memoryUsage().rss / 1e6;
  };
  calls(10_000);
  const before = calls(1000);
  return calls(10_000) - before;
}

const seconds = await inTurns({
  stamp: () => tasks.stamp(OURS),
  werift: () => tasks.werift(THEIRS),
  live: () => tasks.live(OURS),
});
// Setting up a packet is neither's cost.
const floor = (seconds.stamp / OURS) * 1e9;
const werift = (seconds.werift / THEIRS) * 1e9 - floor;
const live = (seconds.live / OURS) * 1e9 - floor;
const allocated = bytesOf(tasks.live, 400_000);
const READS = 2000;
const streamReads = await secondsOf(() => {
  for (let i = 0; i < READS; ++i) engine.streams(flows[i & 63]);
});
const left = megabytesLeft();

tell([
  {
    measure: "a tapped packet / werift's RtpPacket.deSerialize",
    value: live / werift,
    goal: 0.02,
    detail: `tapped ${live.toFixed(1)} ns, werift ${werift.toFixed(0)} ns`,
  },
  {
    measure: "bytes allocated for a tapped packet",
    value: allocated,
    goal: 0.05,
    detail: `werift ${bytesOf(tasks.werift, THEIRS).toFixed(0)} bytes`,
  },
  {
    measure: "megabytes left by 10,000 calls one after the other",
    value: left,
    goal: 2,
    detail: `reading a stream ${((streamReads / READS) * 1e6).toFixed(1)} µs`,
  },
]);
