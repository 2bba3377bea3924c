/**
 * What a store keeps, tried on real files until they are as old or as large as they may be.
 *
 * @module
 */

import { statSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { callRecord } from "../../src/records/call-record.js";
import { JsonLinesFile } from "../../src/records/json-lines.js";
import { CallSearch } from "../../src/records/search.js";
import { SqliteStore, type SqliteStoreOptions } from "../../src/records/sqlite-store.js";
import { callIdsIn, folder, ids, numbered } from "./support/disk.js";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2024, 4, 4);

const daysAgo = (days: number): string => new Date(NOW_MS - days * DAY_MS).toISOString();

/** A call by its number that began so many days ago. */
const begun = (number: number, days: number) =>
  callRecord(numbered(number, { course: { invitedAt: daysAgo(days) } }));

async function stored(path: string): Promise<string[]> {
  const search = await CallSearch.open(path);
  const { calls } = await search.find({ limit: 10_000 });
  search.close();
  return calls.map(({ callId }) => callId).sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
}

describe("an SQLite store", () => {
  const store = (options: Partial<SqliteStoreOptions> = {}) => {
    const path = join(folder(), "calls.sqlite");
    return { path, writer: new SqliteStore({ path, epochMs: () => NOW_MS, ...options }) };
  };

  it("keeps calls for 30 days unless told otherwise, and those of which no time is known", async () => {
    const timeless = callRecord(numbered(4, { course: {}, streams: [] }));
    const calls = [begun(0, 31), begun(1, 29), begun(2, 8), begun(3, 0), timeless];
    const usual = store();
    await usual.writer.write(calls);
    await usual.writer.close();
    expect(await stored(usual.path)).toEqual(ids(4, 1));

    const short = store({ maxAgeMs: 7 * DAY_MS });
    await short.writer.write(calls);
    await short.writer.close();
    expect(await stored(short.path)).toEqual(ids(2, 3));
  });

  it("keeps everything where it is told no end", async () => {
    const { path, writer } = store({ maxAgeMs: Infinity, maxTotalBytes: Infinity });
    await writer.write([begun(0, 10_000), begun(1, 0)]);
    await writer.write([begun(2, 0)]);
    await writer.close();
    expect(await stored(path)).toEqual(ids(3));
  });

  it("stays about as large as it may be, and has the newest", async () => {
    const maxTotalBytes = 400_000;
    const { path, writer } = store({ maxTotalBytes });
    const count = 2000;
    const { bytes } = begun(0, 0);
    expect(count * bytes).toBeGreaterThan(10 * maxTotalBytes);
    for (let number = 0; number < count; number += 1) {
      await writer.write([begun(number, 20 - number / 100)]);
    }
    await writer.close();
    const kept = await stored(path);
    const first = Number(kept[0]?.slice(5));
    expect(first).toBeGreaterThan(count / 2);
    expect(kept).toEqual(ids(count - first, first));
    // It is looked at whenever a tenth of that came in, and indices take room besides.
    expect(statSync(path).size).toBeLessThan(1.2 * maxTotalBytes);
    expect(kept.length * bytes).toBeGreaterThan(maxTotalBytes / 2);
  });
});

it("files of lines stay together as large as they may be, and have the newest", async () => {
  const place = folder();
  const path = join(place, "calls.jsonl");
  const { bytes } = begun(0, 0);
  const [maxFileBytes, maxTotalBytes] = [5 * bytes, 20 * bytes];
  const file = new JsonLinesFile({ path, epochMs: Date.now, maxFileBytes, maxTotalBytes });
  const count = 100;
  for (let number = 0; number < count; number += 1) await file.write([begun(number, 0)]);
  await file.close();
  expect(file.filesDeleted).toBeGreaterThan(10);
  const names = readdirSync(place).map((name) => join(place, name));
  const kept = names.flatMap(callIdsIn);
  const size = names.reduce((sum, name) => sum + statSync(name).size, 0);
  // The file in hand is counted when it is opened, empty.
  expect(size).toBeLessThanOrEqual(maxTotalBytes + maxFileBytes + bytes);
  expect(kept).toHaveLength(new Set(kept).size);
  expect(kept).toEqual(expect.arrayContaining(ids(15, count - 15)));
});
