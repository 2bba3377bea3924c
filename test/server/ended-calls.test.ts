/**
 * A call that was hung up, between its BYE and its record: with this T1 that is most of a minute.
 *
 * @module
 */

import type { Invitation } from "sip.js";
import { expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { createProbe } from "../../src/probe.js";
import { serveProbe } from "../../src/server/server.js";
import { Wire } from "../attach/support/memory-transport.js";
import { inviter } from "../attach/support/pair.js";
import { memoryAgent, reaches } from "../attach/support/user-agents.js";
import { atEnd, until } from "../attach/support/werift-pair.js";
import { SessionState } from "sip.js";

const T1_MS = 5000;

interface Shown {
  readonly state: string;
  readonly call: CallReport;
}

async function served(onInvite: (invitation: Invitation) => void) {
  const wire = new Wire();
  const caller = memoryAgent(wire, "alice", "bob");
  const callee = memoryAgent(wire, "bob", "alice", { onInvite });
  await caller.start();
  await callee.start();
  const probe = createProbe({ t1Ms: T1_MS });
  const server = await serveProbe(probe, { port: 0 });
  atEnd(() => server.close().then(() => probe.close()));
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  probe.attachUserAgent(callee);
  const shown = async (): Promise<readonly Shown[]> => {
    const { calls } = (await (await fetch(`${server.url}/calls`)).json()) as { calls: Shown[] };
    return calls;
  };
  const told: Shown[] = [];
  const stop = new AbortController();
  const events = await fetch(`${server.url}/events`, { signal: stop.signal });
  atEnd(() => {
    stop.abort();
  });
  void (async () => {
    let text = "";
    for await (const part of events.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const whole = text.split("\n\n");
      text = whole.pop() ?? "";
      for (const event of whole) {
        const [, data] = /^event: call\ndata: (.*)$/.exec(event) ?? [];
        if (data !== undefined) told.push(JSON.parse(data) as Shown);
      }
    }
  })().catch(() => undefined);
  return { caller, probe, ended, shown, told };
}

it("is shown as over at its BYE, and its record is still to come", async () => {
  const { caller, probe, ended, shown, told } = await served((one) => void one.accept());
  const session = inviter(caller);
  await session.invite();
  await reaches(session, SessionState.Established);
  expect(await shown()).toMatchObject([{ state: "open" }]);
  await session.bye();
  await until(() => told.some(({ state }) => state === "ended"));
  const [call, ...others] = await shown();
  expect(others).toEqual([]);
  expect(call).toMatchObject({
    state: "ended",
    call: { outcome: { endedBy: "caller", byeReasonClass: "normal" } },
  });
  expect(call?.call.timings.durationSeconds).toBeGreaterThanOrEqual(0);
  // An interval may have been told between them, and is told of what is over as it is of what is open.
  const states = told.map(({ state }) => state);
  expect(states[0]).toBe("open");
  expect(states.indexOf("ended")).toBe(states.lastIndexOf("open") + 1);
  expect(ended).toEqual([]);
  expect(probe.snapshot().calls).toHaveLength(1);
});

it("is shown as over when it is refused", async () => {
  const { caller, ended, shown, told } = await served(
    (one) => void one.reject({ statusCode: 486 }),
  );
  await inviter(caller).invite();
  await until(() => told.some(({ state }) => state === "ended"));
  expect(await shown()).toMatchObject([{ state: "ended", call: { outcome: { statusCode: 486 } } }]);
  expect(ended).toEqual([]);
});
