import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { callRecord } from "../../src/records/call-record.js";
import { JsonLinesFile } from "../../src/records/json-lines.js";
import { CallSearch } from "../../src/records/search.js";
import { SqliteStore } from "../../src/records/sqlite-store.js";
import { describePeer } from "../support/peer.js";
import { callIdsIn, folder, ids, numbered } from "./support/disk.js";

/** The built command; the library is built beside it. */
const MAIN = process.env["MEDIAPROBE_MAIN"] ?? "";
const WRITER = fileURLToPath(new URL("support/writer.mjs", import.meta.url));
const ROUNDS = 6;
const epochMs = (): number => Date.UTC(2024, 4, 4);

/**
 * Stores calls from `first` on in another process, and kills it while it stores those that come after
 * so many batches.
 *
 * @returns How many calls are on the disk by its word.
 */
async function killed(path: string, first: number, batches: number): Promise<number> {
  const template = join(dirname(path), "template.json");
  writeFileSync(template, JSON.stringify(numbered(0, { sessionId: "x".repeat(20_000) })));
  const library = join(dirname(MAIN), "../index.js");
  const child = spawn(process.execPath, [WRITER, library, path, String(first), template], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let acknowledged = first;
  let said = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    said += 1;
    if (said === batches) child.kill("SIGKILL");
  }
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return acknowledged;
}

describePeer("a process that is killed (MEDIAPROBE_MAIN)", MAIN !== "", () => {
  it("has lost no line that was acknowledged, and torn none that is left", async () => {
    const path = join(folder(), "calls.jsonl");
    let next = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const acknowledged = await killed(path, next, round);
      // Opening it again is what repairs it.
      const file = new JsonLinesFile({ path, epochMs });
      await file.write([callRecord(numbered(-round))]);
      await file.close();
      const stored = readdirSync(dirname(path))
        .filter((name) => name.endsWith(".jsonl"))
        .flatMap((name) => callIdsIn(join(dirname(path), name)));
      expect(new Set(stored).size).toBe(stored.length);
      expect(stored).toEqual(expect.arrayContaining(ids(acknowledged - next, next)));
      next = acknowledged + 200;
    }
  }, 120_000);

  it("has lost no row that was acknowledged, and left a sound database", async () => {
    const path = join(folder(), "calls.sqlite");
    let next = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const acknowledged = await killed(path, next, round);
      const store = new SqliteStore({ path, epochMs });
      await store.write([callRecord(numbered(-round))]);
      await store.close();
      const search = await CallSearch.open(path);
      const { calls } = await search.find({ limit: 10_000 });
      search.close();
      const stored = calls.map(({ callId }) => callId);
      expect(new Set(stored).size).toBe(stored.length);
      expect(stored).toEqual(expect.arrayContaining(ids(acknowledged - next, next)));
      next = acknowledged + 200;
    }
  }, 120_000);
});
