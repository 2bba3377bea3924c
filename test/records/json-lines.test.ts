import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { callRecord } from "../../src/records/call-record.js";
import { JsonLinesFile, type JsonLinesOptions } from "../../src/records/json-lines.js";
import { callIdsIn, folder, ids, numbered } from "./support/disk.js";

const DAY_MS = 86_400_000;

interface Bench {
  readonly path: string;
  /** Moves the clock. */
  readonly pass: (ms: number) => void;
  readonly file: (options?: Partial<JsonLinesOptions>) => JsonLinesFile;
  /** Writes these calls with a file of its own. */
  readonly write: (
    numbers: readonly number[],
    options?: Partial<JsonLinesOptions>,
  ) => Promise<JsonLinesFile>;
  readonly others: () => string[];
}

function bench(): Bench {
  const path = join(folder(), "calls.jsonl");
  let passedMs = 0;
  // Ages of files are by the clock of the system, which made them.
  const epochMs = (): number => statSync(join(path, "..")).birthtimeMs + passedMs;
  const file: Bench["file"] = (options) => new JsonLinesFile({ path, epochMs, ...options });
  return {
    path,
    file,
    pass: (ms) => {
      passedMs += ms;
    },
    write: async (numbers, options) => {
      const one = file(options);
      await one.write(numbers.map((number) => callRecord(numbered(number))));
      await one.close();
      return one;
    },
    others: () =>
      readdirSync(join(path, ".."))
        .filter((name) => name !== "calls.jsonl")
        .sort(),
  };
}

describe("a file of lines", () => {
  it.each<readonly [string, (path: string) => void, readonly string[]]>([
    [
      "emptied",
      (path) => {
        truncateSync(path);
      },
      ids(1, 1),
    ],
    [
      "moved away",
      (path) => {
        renameSync(path, `${path}.1`);
      },
      ids(1, 1),
    ],
    [
      "deleted",
      (path) => {
        rmSync(path);
      },
      ids(1, 1),
    ],
    [
      "added to",
      (path) => {
        appendFileSync(path, `${callRecord(numbered(7)).json}\n`);
      },
      [...ids(1), "call-7", ...ids(1, 1)],
    ],
  ])("that was %s by somebody is gone on with as it is", async (_, change, expected) => {
    const { path, file } = bench();
    const lines = file();
    await lines.write([callRecord(numbered(0))]);
    change(path);
    await lines.write([callRecord(numbered(1))]);
    await lines.close();
    expect(callIdsIn(path)).toEqual(expected);
  });

  it("holds one record a line, as the report has it", async () => {
    const { path, write } = bench();
    await write([0, 1]);
    const [first = ""] = readFileSync(path, "utf8").split("\n");
    expect(JSON.parse(first)).toEqual(numbered(0));
    expect(callIdsIn(path)).toEqual(ids(2));
  });

  it("is readable by its user alone", async () => {
    const { path, write } = bench();
    await write([0]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is added to when it is opened again", async () => {
    const { path, write } = bench();
    await write([0]);
    await write([1]);
    expect(callIdsIn(path)).toEqual(ids(2));
  });

  it.each([1, 100, 70_000])(
    "has a line torn %d bytes before its end set aside",
    async (missing) => {
      const { path, write, others } = bench();
      await write([0, 1]);
      const long = JSON.stringify(numbered(2, { sessionId: "x".repeat(80_000) }));
      const torn = long.slice(0, -missing);
      appendFileSync(path, torn);
      const file = await write([3]);
      expect(callIdsIn(path)).toEqual(["call-0", "call-1", "call-3"]);
      expect(file.tornBytes).toBe(torn.length);
      const [aside = ""] = others();
      expect(aside).toMatch(/^calls\.\d{8}T\d{6}Z\.torn$/);
      expect(readFileSync(join(path, "..", aside), "utf8")).toBe(torn);
    },
  );

  it("keeps a last record that only lacks its line break", async () => {
    const { path, write, others } = bench();
    writeFileSync(path, JSON.stringify(numbered(0)));
    const file = await write([1]);
    expect(callIdsIn(path)).toEqual(ids(2));
    expect([file.tornBytes, others()]).toEqual([0, []]);
  });

  it("sets aside a first line that was torn, and starts anew", async () => {
    const { path, write } = bench();
    writeFileSync(path, '{"schema":');
    await write([0]);
    expect(callIdsIn(path)).toEqual(ids(1));
  });

  it("does not touch a file of something else", async () => {
    const { path, write } = bench();
    writeFileSync(path, "\xd4\xc3\xb2\xa1 a capture");
    await expect(write([0])).rejects.toMatchObject({ code: "ERR_RECORD_STORE" });
    expect(readFileSync(path, "utf8")).toBe("\xd4\xc3\xb2\xa1 a capture");
  });

  it("is set aside when it is large, under a name that no other has", async () => {
    const { path, file, others } = bench();
    const one = file({ maxFileBytes: 5000 });
    for (let number = 0; number < 6; number += 1) await one.write([callRecord(numbered(number))]);
    await one.close();
    const folderOf = join(path, "..");
    expect(others().length).toBeGreaterThan(1);
    const all = [...others().map((name) => join(folderOf, name)), path].flatMap(callIdsIn);
    expect(all.toSorted()).toEqual(ids(6));
  });

  it("is set aside when it is old", async () => {
    const { path, file, pass, others } = bench();
    const one = file();
    await one.write([callRecord(numbered(0))]);
    pass(DAY_MS - 60_000);
    await one.write([callRecord(numbered(1))]);
    expect(others()).toEqual([]);
    pass(120_000);
    await one.write([callRecord(numbered(2))]);
    await one.close();
    expect(others()).toHaveLength(1);
    expect(callIdsIn(path)).toEqual(["call-2"]);
  });

  it("has those before it deleted when they are too old", async () => {
    const { path, write, others } = bench();
    const old = join(path, "..", "calls.20200101T000000Z.jsonl");
    const foreign = join(path, "..", "calls.of-mine.jsonl");
    for (const name of [old, foreign]) {
      writeFileSync(name, "{}\n");
      utimesSync(name, 0, 0);
    }
    const file = await write([0]);
    expect(file.filesDeleted).toBe(1);
    expect(others()).toEqual(["calls.of-mine.jsonl"]);
  });

  it("has the oldest before it deleted when they are too much together", async () => {
    const { path, write, others } = bench();
    const nowSeconds = statSync(join(path, "..")).mtimeMs / 1000;
    for (const [index, day] of ["01", "02", "03"].entries()) {
      const name = join(path, "..", `calls.202601${day}T000000Z.jsonl`);
      writeFileSync(name, `${"x".repeat(999)}\n`);
      utimesSync(name, nowSeconds, nowSeconds - 100 + index);
    }
    await write([0], { maxTotalBytes: 2500 });
    expect(others()).toEqual(["calls.20260102T000000Z.jsonl", "calls.20260103T000000Z.jsonl"]);
  });
});
