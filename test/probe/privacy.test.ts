import { createSocket } from "node:dgram";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { decodeHep } from "../../src/hep/codec.js";
import { HepSink } from "../../src/hep/out.js";
import { createProbe } from "../../src/probe.js";
import type { PrivacyOptions } from "../../src/privacy/pseudonyms.js";
import { JsonLinesFile } from "../../src/records/json-lines.js";
import { RecordSink } from "../../src/records/record-sink.js";
import { serveProbe } from "../../src/server/server.js";
import { Wire } from "../attach/support/memory-transport.js";
import { inviter } from "../attach/support/pair.js";
import { memoryAgent, reaches, settle } from "../attach/support/user-agents.js";
import { atEnd, until } from "../attach/support/werift-pair.js";
import { LeapingClock } from "../support/leaping-clock.js";
import { SessionState } from "sip.js";

const [CALLER, CALLEE] = ["12155550121", "442079460123"];

/** All that left the probe while a call between those numbers came up and ended. */
async function told(
  privacy: PrivacyOptions | undefined,
): Promise<Readonly<Record<string, string>>> {
  const homer = createSocket("udp4");
  const packets: Buffer[] = [];
  homer.on("message", (bytes) => packets.push(bytes));
  await new Promise<void>((resolve) => homer.bind(0, "127.0.0.1", resolve));
  const folder = await mkdtemp(join(tmpdir(), "masked-"));
  const path = join(folder, "calls.jsonl");
  const listened: CallReport[] = [];
  const wire = new Wire();
  const caller = memoryAgent(wire, CALLER, CALLEE);
  const callee = memoryAgent(wire, CALLEE, CALLER, {
    onInvite: (invitation) => void invitation.accept(),
  });
  await caller.start();
  await callee.start();
  const time = new LeapingClock();
  const probe = createProbe({
    clock: time.nowMs,
    ...(privacy !== undefined && { privacy }),
    sinks: [
      new HepSink({ collector: `udp://127.0.0.1:${String(homer.address().port)}` }),
      new RecordSink(new JsonLinesFile({ path, epochMs: Date.now })),
    ],
  });
  const server = await serveProbe(probe, { port: 0 });
  atEnd(async () => {
    homer.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  for (const name of ["call", "end"] as const) probe.on(name, (call) => listened.push(call));
  const ended = new Promise<void>((resolve) => {
    probe.on("end", () => {
      resolve();
    });
  });
  probe.attachUserAgent(callee);
  const session = inviter(caller, CALLEE);
  await session.invite();
  await reaches(session, SessionState.Established);
  await settle();
  const ask = async (route: string): Promise<string> => (await fetch(server.url + route)).text();
  const pages = async (): Promise<string[]> => {
    const calls = await ask("/calls");
    const listing = JSON.parse(calls) as {
      readonly calls: readonly { readonly call: CallReport }[];
    };
    const callId = encodeURIComponent(listing.calls[0]?.call.callId ?? "");
    return [calls, await ask(`/calls/${callId}`), await ask(`/calls/${callId}/ladder`)];
  };
  const open = await pages();
  await session.bye();
  await settle();
  time.leapOverLinger();
  await ended;
  const over = await pages();
  const metrics = await ask("/metrics");
  await probe.close();
  await until(() => packets.some((bytes) => /SIP\/2\.0 200[^]*\d BYE/.test(bytes.toString())));
  const hep = packets.map((bytes) => {
    const packet = decodeHep(bytes);
    if (typeof packet === "string") throw new Error(packet);
    return `${packet.correlationId ?? ""} ${Buffer.from(packet.payload ?? []).toString()}`;
  });
  return {
    listeners: JSON.stringify(listened),
    "open calls": open.join("\n"),
    "calls that are over": over.join("\n"),
    metrics,
    records: await readFile(path, "utf8"),
    "packets for Homer": hep.join("\n"),
  };
}

describe("a probe that masks whom calls name", () => {
  it("names them nowhere: to listeners, on its pages, in records, to Homer, in metrics", async () => {
    for (const [form, text] of Object.entries(await told(undefined))) {
      // Metrics name nobody in any case.
      if (form !== "metrics") expect(text, form).toContain(CALLER);
      if (form !== "metrics") expect(text, form).toContain(CALLEE);
    }
    for (const [form, text] of Object.entries(await told({ mode: "redact" }))) {
      expect(text, form).not.toMatch(new RegExp(`${CALLER}|${CALLEE}`));
      if (form !== "metrics") expect(text, form).toContain("redacted");
    }
  });

  it("has the ladder of an open call and of one that is over by the masked Call-ID", async () => {
    const forms = await told({ mode: "hash", key: Buffer.alloc(32, 9) });
    for (const form of ["open calls", "calls that are over"]) {
      expect(forms[form], form).toContain('"label":"INVITE');
    }
    const [record] = (forms["records"] ?? "").split("\n");
    const { caller, callId } = JSON.parse(record ?? "") as CallReport;
    expect(caller?.uri).toMatch(/^sip:anon-[a-p]{16}@/);
    const sip = /^(\S+) (?:SIP\/2\.0 |(?:INVITE|ACK|BYE) sip:)/gm;
    const correlations = Array.from(
      (forms["packets for Homer"] ?? "").matchAll(sip),
      ([, correlation]) => correlation,
    );
    expect(correlations.length).toBeGreaterThan(4);
    expect(new Set(correlations)).toEqual(new Set([callId]));
  });
});
