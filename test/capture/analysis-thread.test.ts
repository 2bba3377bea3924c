import { gunzipSync } from "node:zlib";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { afterAll, describe, expect, it } from "vitest";

import type * as Api from "../../src/index.js";
import { fixtureCapture, fixtureNames } from "../support/fixtures.js";

/** As it is built: a thread runs no TypeScript. */
const BUILT = new URL("../../dist/index.js", import.meta.url).href;
const { analyseCapture, analyseMerged, replay } = (await import(BUILT)) as typeof Api;

const folder = mkdtempSync(join(tmpdir(), "mediaprobe-thread-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** All fixtures that are alike in one capture: more calls than are sent at once. */
function manyCalls(): string {
  const path = join(folder, "many.pcap");
  const captures = fixtureNames()
    .map((name) => readFileSync(fixtureCapture(name)))
    .map((bytes) => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes))
    .filter((bytes) => bytes.readUInt32LE(0) === 0xa1b2c3d4 && bytes.readUInt32LE(20) === 1);
  writeFileSync(
    path,
    Buffer.concat(captures.map((bytes, index) => (index === 0 ? bytes : bytes.subarray(24)))),
  );
  return path;
}

describe("an analysis in a worker", () => {
  const path = fixtureCapture("impaired-call");

  it("gives the same report, and tells of its progress", async () => {
    for (const file of [path, manyCalls()]) {
      let told = 0;
      const report = await analyseCapture(
        { path: file },
        {
          inWorker: true,
          onProgress: ({ packets }) => {
            told = packets;
          },
        },
      );
      expect(report).toEqual(await analyseCapture({ path: file }));
      expect(told).toBe(report.counters.packets);
    }
  });

  it("takes options that can be sent", async () => {
    const options = {
      fixedBufferMs: 20,
      local: ["10.0.0.0/8"],
      observationPoint: "edge",
      payloads: new Map([
        [96, { name: "opus", clockRateHz: 48_000, channels: 2, kind: "audio" as const }],
      ]),
    };
    expect(await analyseCapture({ path }, { ...options, inWorker: true })).toEqual(
      await analyseCapture({ path }, options),
    );
    expect(await analyseMerged([path, path], { inWorker: true })).toEqual(
      await analyseMerged([path, path]),
    );
  });

  it("gives out calls, and ends when nobody asks for more", async () => {
    const file = manyCalls();
    const { calls } = await analyseCapture({ path: file });
    expect(calls.length).toBeGreaterThan(8);
    const given: Api.CallReport[] = [];
    for await (const call of replay(file, { inWorker: true })) given.push(call);
    expect(given).toEqual(calls);
    for await (const call of replay(file, { inWorker: true })) {
      expect(call).toEqual(calls[0]);
      break;
    }
  });

  it("fails as it does without one", async () => {
    const text = join(folder, "text.pcap");
    writeFileSync(text, "this is no capture");
    for (const [file, code] of [
      [join(folder, "missing.pcap"), "ERR_CAPTURE_OPEN"],
      [text, "ERR_CAPTURE_FORMAT"],
    ] as const) {
      const here = await analyseCapture({ path: file }).catch((error: unknown) => error);
      const there = await analyseCapture({ path: file }, { inWorker: true }).catch(
        (error: unknown) => error,
      );
      expect(here).toMatchObject({ code });
      expect(there).toMatchObject({ code, message: (here as Error).message });
      expect((there as Error).constructor).toBe((here as Error).constructor);
    }
    const cut = join(folder, "cut.pcap");
    const whole = gunzipSync(readFileSync(path));
    writeFileSync(cut, whole.subarray(0, whole.length - 7));
    await expect(async () => {
      for await (const call of replay(cut, { inWorker: true })) expect(call).toBeDefined();
    }).rejects.toMatchObject({ code: "ERR_CAPTURE_DAMAGED" });
  });

  it.each([
    ["a number out of range", { fixedBufferMs: 0 }, RangeError, "fixedBufferMs is 0"],
    ["an observer", { observer: {} }, TypeError, "observer cannot be used in a worker"],
    ["certificates", { stir: {} as never }, TypeError, "stir cannot be used in a worker"],
    [
      "what cannot be sent",
      { payloads: new Map([[96, (() => 1) as never]]) },
      TypeError,
      "cannot be sent to a worker",
    ],
  ])("refuses %s", async (_what, options, error, words) => {
    const analysis = analyseCapture({ path }, { ...options, inWorker: true });
    await expect(analysis).rejects.toThrow(error);
    await expect(analysis).rejects.toThrow(words);
  });

  it("refuses a stream", async () => {
    const stream = Readable.from([]);
    const analysis = analyseCapture({ stream, name: "s" }, { inWorker: true });
    await expect(analysis).rejects.toThrow("a stream cannot be read in a worker");
  });

  it("ends early with the reason of its signal", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const analysis = analyseCapture(
      { path },
      {
        inWorker: true,
        signal: controller.signal,
        onProgress: () => {
          controller.abort(reason);
        },
      },
    );
    await expect(analysis).rejects.toBe(reason);
    await expect(
      analyseCapture({ path }, { inWorker: true, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
