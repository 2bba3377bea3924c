// Records stored per second and bytes per record, of both sinks, against appending the same bytes to a
// file and waiting for the disk as often. Needs a build. Ratios above 1 are faster than the append.

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { JsonLinesFile, RecordSink, SqliteStore } from "../../dist/index.js";

const CALLS = 5000;
const BATCH = 500;
const ROUNDS = 5;

const expected = new URL("../../fixtures/impaired-call/expected.json", import.meta.url);
const [call] = JSON.parse(readFileSync(expected, "utf8")).calls;
const calls = Array.from({ length: CALLS }, (_, number) => ({ ...call, callId: `call-${number}` }));
const bytes = calls.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)) + 1, 0);
const folder = mkdtempSync(join(tmpdir(), "mediaprobe-bench-"));

/** Seconds that storing all calls took. */
async function append(path) {
  const start = performance.now();
  const file = await open(path, "a");
  for (let first = 0; first < CALLS; first += BATCH) {
    const lines = calls.slice(first, first + BATCH).map((one) => `${JSON.stringify(one)}\n`);
    await file.appendFile(lines.join(""));
    await file.datasync();
  }
  await file.close();
  return (performance.now() - start) / 1000;
}

const sinkOf = (writerOf) => async (path) => {
  const start = performance.now();
  const sink = new RecordSink(writerOf({ path, epochMs: Date.now, maxAgeMs: Infinity }));
  for (const one of calls) sink.onCall(one);
  await sink.close();
  if (sink.counts.stored !== CALLS) throw new Error(`only ${sink.counts.stored} are stored`);
  return (performance.now() - start) / 1000;
};

const ways = {
  append,
  "JSON Lines": sinkOf((options) => new JsonLinesFile(options)),
  SQLite: sinkOf((options) => new SqliteStore(options)),
};
const best = {};
const sizes = {};
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, way] of Object.entries(ways)) {
    const path = join(folder, `${name}-${round}.${name === "SQLite" ? "sqlite" : "jsonl"}`);
    best[name] = Math.min(best[name] ?? Infinity, await way(path));
    sizes[name] = statSync(path).size / CALLS;
    rmSync(path, { force: true });
  }
}
rmSync(folder, { recursive: true });
process.stdout.write(`${CALLS} records of ${Math.round(bytes / CALLS)} bytes, best of ${ROUNDS}\n`);
for (const [name, seconds] of Object.entries(best)) {
  const ratio = (best.append / seconds).toFixed(2);
  const size = Math.round(sizes[name]);
  process.stdout.write(
    `${name}: ${Math.round(CALLS / seconds)} records/s, ${ratio} of append, ${size} B each\n`,
  );
}
