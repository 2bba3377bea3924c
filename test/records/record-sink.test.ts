import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";

import { Privacy } from "../../src/privacy/privacy.js";
import { JsonLinesFile } from "../../src/records/json-lines.js";
import { RecordSink } from "../../src/records/record-sink.js";
import type { RecordWriter } from "../../src/records/record-writer.js";
import { CallSearch } from "../../src/records/search.js";
import { SqliteStore } from "../../src/records/sqlite-store.js";
import { describePeer } from "../support/peer.js";
import {
  callIdsIn,
  folder,
  ids,
  MAY_MOUNT,
  makeWritable,
  numbered,
  readOnlyView,
  smallDisk,
} from "./support/disk.js";

const epochMs = (): number => Date.UTC(2024, 4, 4);

interface Kind {
  readonly name: string;
  readonly file: string;
  readonly writer: (path: string) => RecordWriter;
  /** All that are stored, in order of their number. */
  readonly stored: (path: string) => Promise<string[]>;
}

const KINDS: readonly Kind[] = [
  {
    name: "JSON Lines",
    file: "calls.jsonl",
    writer: (path) => new JsonLinesFile({ path, epochMs }),
    stored: (path) => Promise.resolve(callIdsIn(path).sort(byNumber)),
  },
  {
    name: "SQLite",
    file: "calls.sqlite",
    writer: (path) => new SqliteStore({ path, epochMs }),
    stored: async (path) => {
      const search = await CallSearch.open(path);
      const { calls } = await search.find({ limit: 10_000 });
      search.close();
      return calls.map(({ callId }) => callId).sort(byNumber);
    },
  },
];

const byNumber = (a: string, b: string): number => Number(a.slice(5)) - Number(b.slice(5));

function send(sink: RecordSink, from: number, to: number): void {
  for (let number = from; number < to; number += 1) sink.onCall(numbered(number));
}

describe.each(KINDS)("a sink of $name", ({ file, writer, stored }) => {
  it("has stored every call once it is flushed", async () => {
    const path = join(folder(), file);
    const sink = new RecordSink(writer(path));
    send(sink, 0, 1200);
    expect(sink.counts).toEqual({ stored: 0, waiting: 1200, dropped: 0, failures: 0 });
    await sink.flush();
    expect(sink.counts).toEqual({ stored: 1200, waiting: 0, dropped: 0, failures: 0 });
    expect(await stored(path)).toEqual(ids(1200));
    await sink.close();
  });

  it("stores without being asked to", async () => {
    const path = join(folder(), file);
    const sink = new RecordSink(writer(path));
    send(sink, 0, 3);
    while (sink.counts.waiting > 0) await setTimeout(1);
    expect(await stored(path)).toEqual(ids(3));
    await sink.close();
  });

  it("makes the folder, and can be closed before anything was stored", async () => {
    const path = join(folder(), "new", "folder", file);
    const sink = new RecordSink(writer(path));
    send(sink, 0, 1);
    await sink.close();
    expect(await stored(path)).toEqual(ids(1));
    const unused = new RecordSink(writer(join(folder(), file)));
    await unused.close();
    unused.onCall(numbered(0));
    expect(unused.counts).toMatchObject({ stored: 0, dropped: 1 });
  });

  it("stores what it is told once a folder that was none has become one", async () => {
    const place = join(folder(), "place");
    writeFileSync(place, "in the way");
    const failed: unknown[] = [];
    const sink = new RecordSink(writer(join(place, file)), {
      maxQueuedRecords: 5,
      onFailure: (error) => failed.push(error),
    });
    send(sink, 0, 7);
    await sink.flush();
    await sink.flush();
    expect(sink.counts).toEqual({ stored: 0, waiting: 5, dropped: 2, failures: 2 });
    expect(failed).toHaveLength(1);
    rmSync(place);
    await sink.flush();
    expect(sink.counts).toMatchObject({ stored: 5, waiting: 0, dropped: 2 });
    await sink.close();
    expect(await stored(join(place, file))).toEqual(ids(5));
  });

  it("counts as dropped what it could not store until it was closed", async () => {
    const place = join(folder(), "place");
    writeFileSync(place, "in the way");
    const sink = new RecordSink(writer(join(place, file)));
    send(sink, 0, 4);
    await sink.close();
    expect(sink.counts).toMatchObject({ stored: 0, waiting: 0, dropped: 4 });
  });

  it("keeps nothing of whom a call names where that is masked", async () => {
    const path = join(folder(), file);
    const privacy = new Privacy({ mode: "redact" });
    const sink = new RecordSink(writer(path), { privacy });
    sink.onCall(numbered(0, { caller: { uri: "sip:+12155550121@a.example" } }));
    await sink.close();
    for (const name of readdirSync(join(path, ".."))) {
      // The database may take its own side files away meanwhile.
      const bytes = spawnSync("cat", [join(path, "..", name)]).stdout.toString("latin1");
      expect(bytes).not.toMatch(/2155550121|bob@/);
      if (name === file) expect(bytes).toContain("redacted");
    }
  });

  it("waits for a slow disk without holding up the host, in a bounded queue", async () => {
    const place = folder();
    const path = join(place, file);
    const sink = new RecordSink(writer(path), { maxQueuedRecords: 50 });
    send(sink, 0, 1);
    await sink.flush();
    // What reads a pipe that nobody writes to takes one of the threads on which Node waits for disks.
    const pipes = Array.from({ length: 4 }, (_, index) => join(place, `pipe-${String(index)}`));
    execFileSync("mkfifo", pipes);
    const stuck = pipes.map((pipe) => open(pipe, "r"));
    await setTimeout(20);
    send(sink, 1, 101);
    await setTimeout(20);
    if (file.endsWith(".jsonl")) {
      expect(sink.counts).toEqual({ stored: 1, waiting: 50, dropped: 50, failures: 0 });
    }
    for (const pipe of pipes) closeSync(openSync(pipe, "w"));
    for (const one of stuck) await (await one).close();
    await sink.flush();
    expect(sink.counts).toEqual({ stored: 51, waiting: 0, dropped: 50, failures: 0 });
    await sink.close();
    expect(await stored(path)).toEqual(ids(51));
  });
});

describePeer("on a disk of its own (mount)", MAY_MOUNT, () => {
  it.each(KINDS)(
    "$name: a full disk loses nothing that waits",
    async ({ file, writer, stored }) => {
      const disk = smallDisk(700);
      const path = join(disk, file);
      writeFileSync(join(disk, "ballast"), Buffer.alloc(300 * 1024));
      const sink = new RecordSink(writer(path));
      let sent = 0;
      while (sink.counts.failures === 0) {
        send(sink, sent, (sent += 10));
        await sink.flush();
        expect(sent).toBeLessThan(2000);
      }
      const { stored: before, waiting } = sink.counts;
      expect(before + waiting).toBe(sent);
      // What is stored can be read while the disk is full.
      if (file.endsWith(".jsonl")) expect(await stored(path)).toEqual(ids(before));
      rmSync(join(disk, "ballast"));
      await sink.flush();
      expect(sink.counts).toMatchObject({ stored: sent, waiting: 0, dropped: 0 });
      await sink.close();
      expect(await stored(path)).toEqual(ids(sent));
    },
  );

  it.each(KINDS)(
    "$name: a folder that cannot be written is waited for",
    async ({ file, writer, stored }) => {
      const real = folder();
      const first = new RecordSink(writer(join(real, file)));
      send(first, 0, 5);
      await first.close();
      const view = readOnlyView(real);
      const path = join(view, file);
      const sink = new RecordSink(writer(path));
      send(sink, 5, 8);
      await sink.flush();
      expect(sink.counts).toEqual({ stored: 0, waiting: 3, dropped: 0, failures: 1 });
      expect(await stored(path)).toEqual(ids(5));
      makeWritable(view);
      await sink.flush();
      expect(sink.counts).toMatchObject({ stored: 3, waiting: 0, dropped: 0 });
      await sink.close();
      expect(await stored(path)).toEqual(ids(8));
    },
  );
});

describe("a sink", () => {
  it.each([0, -1, 1.5, Number.NaN])("refuses a limit of %d", (maxQueuedRecords) => {
    const writer = new JsonLinesFile({ path: "calls.jsonl", epochMs });
    expect(() => new RecordSink(writer, { maxQueuedRecords })).toThrow(
      `maxQueuedRecords is ${String(maxQueuedRecords)}; it must be a whole number above 0.`,
    );
  });

  it("drops what is more than may wait in bytes", async () => {
    const writer = new JsonLinesFile({ path: join(folder(), "calls.jsonl"), epochMs });
    const sink = new RecordSink(writer, { maxQueuedBytes: JSON.stringify(numbered(0)).length * 2 });
    send(sink, 0, 3);
    expect(sink.counts).toMatchObject({ waiting: 2, dropped: 1 });
    await sink.close();
  });
});
