/**
 * The benchmark's captures: made when they are missing, kept in `.data`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = new URL("./", import.meta.url);
const folder = new URL(".data/", here);

/** Smaller loads for a quick look, with as many packets a stream as the big ones. */
export const QUICK_PRESETS = {
  c200_200k: { calls: 200, packets: 200_000 },
  n2k_600k: { calls: 1000, packets: 600_000 },
};

/** What the generator is today, so that captures of an older one are not used. */
function fingerprint() {
  const hash = createHash("sha256");
  const modules = readdirSync(new URL("load/", here)).sort();
  for (const name of ["generate.mjs", ...modules.map((module) => `load/${module}`)]) {
    hash.update(readFileSync(new URL(name, here)));
  }
  return hash.digest("hex").slice(0, 8);
}

/** Where the capture `name` and the truth about it lie, or will lie. */
export function captureFiles(name) {
  const at = (ending) => fileURLToPath(new URL(`${name}.${fingerprint()}.${ending}`, folder));
  return { capture: at("pcap"), truth: at("truth.jsonl") };
}

/** Whether the capture has to be made first. */
export function isMissing(name) {
  const { capture, truth } = captureFiles(name);
  return !existsSync(capture) || !existsSync(truth);
}

/** Makes room for the capture `name`: removes those that older generators made of it. */
export function prepareFolder(name) {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file.startsWith(`${name}.`)) rmSync(new URL(file, folder));
  }
}

function truthLines(name) {
  return readFileSync(captureFiles(name).truth, "utf8").trimEnd().split("\n");
}

/** How much a capture holds: frames, bytes, packets and messages. */
export function truthTotals(name) {
  return JSON.parse(truthLines(name).at(-1));
}

/** Sums over all streams of a capture's truth. */
export function truthSums(name) {
  const sums = { streams: 0, received: 0, expected: 0, duplicated: 0, reordered: 0, jitter: 0 };
  for (const line of truthLines(name).slice(0, -1)) {
    for (const stream of JSON.parse(line).streams) {
      sums.streams += 1;
      sums.received += stream.packetsReceived;
      sums.expected += stream.packetsExpected;
      sums.duplicated += stream.packetsDuplicated;
      sums.reordered += stream.packetsReordered;
      sums.jitter += stream.jitterSeconds.mean;
    }
  }
  return sums;
}
