import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { callRecord } from "../../src/records/call-record.js";
import { CallSearch } from "../../src/records/search.js";
import { SqliteStore } from "../../src/records/sqlite-store.js";
import { folder, numbered } from "./support/disk.js";

const WRITERS = 3;
/** Which of them is first is chance; in a third of the rounds one used to find a half of the tables. */
const ROUNDS = 40;

it("is made by whichever of several writers comes first, and taken by all", async () => {
  const place = folder();
  for (let round = 0; round < ROUNDS; round += 1) {
    const path = join(place, `calls-${round}.sqlite`);
    const stores = Array.from(
      { length: WRITERS },
      () => new SqliteStore({ path, epochMs: () => Date.UTC(2024, 4, 4) }),
    );
    await Promise.all(stores.map((store, number) => store.write([callRecord(numbered(number))])));
    await Promise.all(stores.map((store) => store.close()));
    const search = await CallSearch.open(path);
    const { calls } = await search.find({});
    search.close();
    expect(calls).toHaveLength(WRITERS);
  }
});

it.each<readonly [string, (path: string) => void]>([
  [
    "moved away",
    (path) => {
      renameSync(path, `${path}.1`);
    },
  ],
  [
    "deleted",
    (path) => {
      rmSync(path);
    },
  ],
])("is made anew where it was %s", async (_, change) => {
  const path = join(folder(), "calls.sqlite");
  const store = new SqliteStore({ path, epochMs: () => Date.UTC(2024, 4, 4) });
  await store.write([callRecord(numbered(0))]);
  change(path);
  for (const number of [1, 2]) await store.write([callRecord(numbered(number))]);
  await store.close();
  const search = await CallSearch.open(path);
  const { calls } = await search.find({});
  search.close();
  expect(calls.map(({ callId }) => callId).sort()).toEqual(["call-1", "call-2"]);
});
