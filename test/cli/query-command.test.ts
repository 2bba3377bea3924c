import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { run } from "../../src/cli/run.js";
import { fixtureCapture, knownCalls } from "../support/fixtures.js";
import { fakeIo } from "./fake-io.js";

const CAPTURE = fixtureCapture("sipp-rejects");
const KNOWN = knownCalls("sip-dialogs");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mediaprobe-query-"));
  writeFileSync(join(folder, "key.txt"), "a key of more than sixteen bytes\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function said(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo();
  const code = await run(argv, io);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

async function found(store: string, ...argv: string[]): Promise<CallReport[]> {
  const { out } = await said("query", store, "--json", ...argv);
  return out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as CallReport]));
}

describe("mediaprobe query", () => {
  it("finds what was stored, once however often it was", async () => {
    const store = join(folder, "dialogs.sqlite");
    const capture = fixtureCapture("sip-dialogs");
    for (let time = 0; time < 2; time += 1) {
      expect(await said(capture, "--records", store)).toMatchObject({ code: 0, err: "" });
    }
    const { out } = await said(capture, "--json");
    const { calls } = JSON.parse(out) as { calls: CallReport[] };
    const all = await found(store, "--limit", "1000");
    const byId = (a: CallReport, b: CallReport): number =>
      (a.callId + JSON.stringify(a.course)).localeCompare(b.callId + JSON.stringify(b.course));
    expect(all.sort(byId)).toEqual([...calls].sort(byId));
    const one = KNOWN.find(({ statusCode }) => statusCode !== undefined && statusCode >= 400);
    const refused = await found(store, "--outcome", String(one?.statusCode), "--limit", "1000");
    expect(refused.map(({ callId }) => callId)).toContain(one?.callId);
    expect(refused.every(({ outcome }) => outcome.statusCode === one?.statusCode)).toBe(true);
    expect(await found(store, "--call-id", one?.callId ?? "")).toHaveLength(1);
  });

  it("finds calls by issue, score and time, and says where there are more", async () => {
    const store = join(folder, "one-way.sqlite");
    for (const name of ["one-way-audio", "impaired-call", "baresip-pcmu"]) {
      await said(fixtureCapture(name), "--records", store);
    }
    const oneWay = await found(store, "--issue", "one-way-audio");
    expect(oneWay.length).toBeGreaterThan(0);
    expect(oneWay.every((call) => call.issues.some(({ kind }) => kind === "one-way-audio"))).toBe(
      true,
    );
    const bad = await found(store, "--mos-below", "4");
    expect(bad.length).toBeGreaterThan(0);
    expect(bad.length).toBeLessThan((await found(store)).length);
    for (const { quality } of bad) {
      const scores = [quality?.callerToCallee, quality?.calleeToCaller].flatMap(
        (one) => one?.mosCq ?? one?.mosLq ?? [],
      );
      expect(Math.min(...scores)).toBeLessThan(4);
    }
    const [first] = await found(store);
    const at = first?.course.invitedAt ?? "";
    const newest = await found(store, "--from", at.replace(/(\.\d{3})\d*Z/, "$1Z"));
    expect(newest.map(({ callId }) => callId)).toContain(first?.callId);
    expect(await found(store, "--to", "2001-01-01T00:00:00Z")).toEqual([]);
    const { code, out, err } = await said("query", store, "--limit", "1", "--width", "1000");
    expect(code).toBe(0);
    expect(out).toContain(first?.callId);
    expect(err).toContain("there are more; these are the newest 1 (--limit)");
  });

  it("adds a call to a file of lines once", async () => {
    const store = join(folder, "calls.jsonl");
    await said(CAPTURE, "--records", store);
    const once = readFileSync(store, "utf8");
    await said(CAPTURE, "--records", store);
    expect(once).not.toBe("");
    expect(readFileSync(store, "utf8")).toBe(once);
  });

  it("masks whom calls name, and finds a number by its pseudonym", async () => {
    const key = ["--privacy", "hash", "--privacy-key-file", join(folder, "key.txt")];
    const store = join(folder, "masked.sqlite");
    const { out } = await said(CAPTURE, "--json", "--records", store, ...key);
    const { calls } = JSON.parse(out) as { calls: CallReport[] };
    expect(calls[0]?.caller?.uri).toMatch(/^sip:anon-[a-p]{16}@/);
    const [plain] = (JSON.parse((await said(CAPTURE, "--json")).out) as { calls: CallReport[] })
      .calls;
    const user = /^sip:([^@]+)@/.exec(plain?.caller?.uri ?? "")?.[1] ?? "";
    expect(await found(store, "--number", user)).toEqual([]);
    expect((await found(store, "--number", user, ...key)).length).toBeGreaterThan(0);
  });

  it.each([
    [["query"], "query needs a store"],
    [["query", "a", "b"], "b is one too many"],
    [["query", "a", "--merge"], "query takes no --merge"],
    [["query", "a", "--issue", "one-way-audi"], "did you mean one-way-audio?"],
    [["query", "a", "--outcome", "busy"], "it must be a status code"],
    [["query", "a", "--from", "yesterday"], "it must be a time"],
    [["a.pcap", "--limit", "3"], "only query takes --limit"],
    [["a.pcap", "--records", "calls.txt"], "it must be a file.jsonl or a file.sqlite"],
    [
      [CAPTURE, "--records", "/no/such/calls.sqlite"],
      "--records /no/such/calls.sqlite: there is no folder /no/such; make it first, as by mkdir -p /no/such",
    ],
    [
      ["serve", "--hep", "127.0.0.1:0", "--records", join(CAPTURE, "calls.jsonl")],
      `there is no folder ${CAPTURE}`,
    ],
    [["a.pcap", "--privacy", "mask"], "it must be redact or hash"],
    [["a.pcap", "--privacy", "hash"], "needs a key"],
    [["a.pcap", "--privacy-key-file", "k"], "needs --privacy hash"],
    [
      ["query", "a", "--privacy", "hash", "--privacy-key-file", "nowhere"],
      "--privacy-key-file nowhere: there is no such file or folder",
    ],
  ])("does not understand %j", async (argv, sentence) => {
    const { code, err } = await said(...argv);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });

  it("ends with 3 where there is no store", async () => {
    expect(await said("query", join(folder, "none.sqlite"))).toMatchObject({ code: 3 });
    const { code, err } = await said("query", CAPTURE);
    expect(code).toBe(3);
    expect(err).toContain("is no SQLite database");
  });

  it("ends with 1 where calls cannot be stored, and prints them all the same", async () => {
    const store = join(folder, "a-folder.sqlite");
    mkdirSync(store);
    const { code, out, err } = await said(CAPTURE, "--records", store);
    expect(code).toBe(1);
    expect(out).toContain("486");
    expect(err).toContain("Calls cannot be stored in");
  });
});
