import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionState } from "sip.js";
import { expect, it } from "vitest";

import { HepSink } from "../../src/hep/out.js";
import { exposition } from "../../src/metrics/exposition.js";
import { createProbe } from "../../src/probe.js";
import { JsonLinesFile } from "../../src/records/json-lines.js";
import { RecordSink } from "../../src/records/record-sink.js";
import { inviter } from "../attach/support/pair.js";
import { answeringPair, reaches, settle } from "../attach/support/user-agents.js";
import { atEnd } from "../attach/support/werift-pair.js";
import { streamReceiver } from "../hep/support/receivers.js";
import { LeapingClock } from "../support/leaping-clock.js";

it("goes on with calls and metrics where Homer is dead and records cannot be stored, and counts both", async () => {
  const homer = await streamReceiver();
  await homer.close();
  const folder = await mkdtemp(join(tmpdir(), "failing-"));
  atEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, "no-folder");
  await writeFile(file, "");
  const records = new RecordSink(
    new JsonLinesFile({ path: join(file, "calls.jsonl"), epochMs: Date.now }),
  );
  const collector = `tcp://127.0.0.1:${String(homer.port)}`;
  const hep = new HepSink({ collector, maxQueueBytes: 1 });
  const errors: unknown[] = [];
  const time = new LeapingClock();
  const probe = createProbe({
    clock: time.nowMs,
    sinks: [hep, records],
    onError: (error) => errors.push(error),
  });
  const { caller, callee } = await answeringPair();
  probe.attachUserAgent(callee);
  const ended = new Promise<void>((resolve) => {
    probe.on("end", () => {
      resolve();
    });
  });
  const session = inviter(caller);
  await session.invite();
  await reaches(session, SessionState.Established);
  await session.bye();
  await settle();
  time.leapOverLinger();
  await ended;
  expect(session.state).toBe(SessionState.Terminated);
  expect(exposition(probe.recorder)).toMatch(/^sip_bye_total\{.*\} 1$/m);
  await probe.close();
  expect(records.counts).toMatchObject({ stored: 0, waiting: 0, dropped: 1 });
  expect(hep.counters.dropped).toBeGreaterThan(0);
  expect(errors).toEqual([]);
});
