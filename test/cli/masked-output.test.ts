/** Whatever leaves the command with `--privacy` names nobody. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { run } from "../../src/cli/run.js";
import { streamReceiver } from "../hep/support/receivers.js";
import { fixtureCapture } from "../support/fixtures.js";
import { fakeIo } from "./fake-io.js";

const CAPTURE = fixtureCapture("kamailio-stir-verified");
/** Every number in it begins so. */
const NUMBER = /215555\d{4}/;
const LIMIT = { timeout: 20_000 };

vi.setConfig({ testTimeout: 60_000 });

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "masked-output-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function said(...argv: string[]): Promise<string> {
  const io = fakeIo();
  expect(await run(argv, io)).toBe(0);
  return io.stdout.text + io.stderr.text;
}

/** A page with all its data unpacked. */
function unpacked(html: string): string {
  const data = html.matchAll(/<script type="application\/gzip" id="[^"]*">([^<]*)</g);
  return Array.from(data, ([, packed = ""]) =>
    gunzipSync(Buffer.from(packed, "base64")).toString(),
  ).join("\n");
}

/** Everything that the command can be asked for, by what it is. */
async function everything(privacy: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const homer = await streamReceiver();
  const page = join(folder, "a.html");
  // A file of lines keeps what it has: each time another.
  const lines = join(folder, `${String(privacy.length)}.jsonl`);
  const collector = `tcp://127.0.0.1:${String(homer.port)}`;
  const text = await said(CAPTURE, "--records", lines, "--hep-to", collector, ...privacy);
  await said(CAPTURE, "--html", page, ...privacy);
  const packets = homer.packets.map(
    ({ correlationId = "", payload }) =>
      `${correlationId} ${Buffer.from(payload ?? []).toString()}`,
  );
  await homer.close();
  return {
    text,
    json: await said(CAPTURE, "--json", ...privacy),
    ladder: await said("ladder", CAPTURE, "1@lab.example", ...privacy),
    page: unpacked(readFileSync(page, "utf8")),
    records: readFileSync(lines, "utf8"),
    "packets for Homer": packets.join("\n"),
  };
}

describe("--privacy", () => {
  it("masks text, JSON, ladder, page, records and packets alike", async () => {
    for (const [form, text] of Object.entries(await everything([]))) {
      expect(text, form).toMatch(NUMBER);
    }
    for (const [form, text] of Object.entries(await everything(["--privacy", "redact"]))) {
      expect(text, form).toContain("redacted");
      expect(text, form).not.toMatch(NUMBER);
    }
  });
});

describe("mediaprobe serve", () => {
  it("serves, stores and passes on what it prints, and names nobody anywhere", async () => {
    const homer = await streamReceiver();
    const store = join(folder, "served.jsonl");
    const io = fakeIo();
    const collector = `tcp://127.0.0.1:${String(homer.port)}`;
    const wishes = ["--port", "0", "--records", store, "--hep-to", collector];
    const argv = ["serve", "--hep", "127.0.0.1:0", ...wishes, "--privacy", "redact"];
    const code = run(argv, io);
    const [hep, url] = await vi.waitFor(() => {
      const [, port = ""] = /on 127\.0\.0\.1:(\d+), UDP and TCP/.exec(io.stderr.text) ?? [];
      const [, pages = ""] = /calls and metrics are on (\S+)/.exec(io.stderr.text) ?? [];
      expect(pages).not.toBe("");
      return [port, pages] as const;
    }, LIMIT);
    await said(CAPTURE, "--hep-to", `tcp://127.0.0.1:${hep}`);
    const ask = async (path: string): Promise<string> => (await fetch(url + path)).text();
    const metrics = await vi.waitFor(async () => {
      const text = await ask("/metrics");
      expect(text).toMatch(/^sip_invite_result_total\{.*\} [1-9]/m);
      return text;
    }, LIMIT);
    const served = [
      metrics,
      await ask("/calls"),
      await ask(`/calls/${encodeURIComponent("1@lab.example")}`),
      await ask(`/calls/${encodeURIComponent("1@lab.example")}/ladder`),
    ];
    expect(served[3]).toContain('"label":"INVITE');
    expect(await ask("/")).toContain("<html");
    io.interrupt();
    expect(await code).toBe(0);
    const records = readFileSync(store, "utf8");
    expect(records).toContain('"callId":"1@lab.example"');
    const packets = homer.packets.map(({ payload }) => Buffer.from(payload ?? []).toString());
    expect(packets.length).toBeGreaterThan(0);
    await homer.close();
    for (const text of [...served, io.stdout.text, io.stderr.text, records, ...packets]) {
      expect(text).not.toMatch(NUMBER);
    }
  });

  it("goes on where records cannot be stored, and says so at the end", async () => {
    const store = join(folder, "a-folder.jsonl");
    mkdirSync(store);
    const io = fakeIo();
    const code = run(["serve", "--hep", "127.0.0.1:0", "--json", "--records", store], io);
    const port = await vi.waitFor(() => {
      const [, found = ""] = /on 127\.0\.0\.1:(\d+), UDP and TCP/.exec(io.stderr.text) ?? [];
      expect(found).not.toBe("");
      return found;
    }, LIMIT);
    await said(CAPTURE, "--hep-to", `tcp://127.0.0.1:${port}`);
    io.interrupt();
    expect(await code).toBe(1);
    expect(io.stdout.text).toContain('"callId":"1@lab.example"');
    expect(io.stderr.text).toMatch(
      /calls cannot be stored in .*a-folder\.jsonl: it is a folder; this is tried again/,
    );
    expect(io.stderr.text).toMatch(/\d+ of \d+ calls could not be stored/);
  });
});
