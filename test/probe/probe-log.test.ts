import { SessionState } from "sip.js";
import { describe, expect, it } from "vitest";

import { createLogger } from "../../src/logs/logger.js";
import { MetricRegistry } from "../../src/metrics/metric-registry.js";
import { createProbe, type Probe } from "../../src/probe.js";
import type { ProbeOptions } from "../../src/probe/options.js";
import { Wire } from "../attach/support/memory-transport.js";
import { inviter } from "../attach/support/pair.js";
import { memoryAgent, reaches } from "../attach/support/user-agents.js";
import { Lines } from "../logs/lines.js";

const [CALLER, CALLEE] = ["12155550121", "442079460123"];

async function logged(options: ProbeOptions = {}) {
  const lines = new Lines();
  const log = await createLogger({ format: "json", destination: lines, environment: {} });
  return { lines, probe: createProbe({ t1Ms: 10, log, ...options }) };
}

/** One call that is answered and hung up. */
async function callThrough(probe: Probe): Promise<void> {
  const wire = new Wire();
  const caller = memoryAgent(wire, CALLER, CALLEE);
  const callee = memoryAgent(wire, CALLEE, CALLER, {
    onInvite: (invitation) => void invitation.accept(),
  });
  await caller.start();
  await callee.start();
  const ended = new Promise((resolve) => probe.on("end", resolve));
  probe.attachUserAgent(callee);
  const session = inviter(caller, CALLEE);
  await session.invite();
  await reaches(session, SessionState.Established);
  await session.bye();
  await ended;
}

describe("the log of a probe", () => {
  it("has a line when a call begins and one when it is over, and names nobody", async () => {
    const { lines, probe } = await logged();
    await callThrough(probe);
    await probe.close();
    const messages = lines.entries.map(({ level, msg }) => `${String(level)} ${String(msg)}`);
    expect(messages.filter((one) => one.startsWith("INFO"))).toEqual([
      "INFO user agent attached",
      "INFO call started",
      "INFO call ended",
    ]);
    const [started, ended] = lines.entries.filter(({ msg }) => /^call (st|en)/.test(String(msg)));
    expect(ended).toMatchObject({
      session_id: started?.["session_id"],
      transport: "sip",
      outcome: "answered",
      status_code: 200,
      ended_by: "caller",
      bye_reason: "normal",
    });
    expect(lines.text).not.toMatch(new RegExp(`${CALLER}|${CALLEE}`));
  });

  it("tells what listeners throw, without end but not without measure, and tells onError, too", async () => {
    const heard: unknown[] = [];
    const { lines, probe } = await logged({
      onError: (error) => heard.push(error),
      privacy: { mode: "redact" },
    });
    probe.on("call", () => {
      throw new Error(`no room for sip:${CALLER}@example.com`);
    });
    await callThrough(probe);
    await probe.close();
    expect(heard).toHaveLength(1);
    const faults = lines.entries.filter(({ msg }) => msg === "probe fault");
    expect(faults).toMatchObject([
      { level: "ERROR", error: "no room for sip:redacted@example.com", error_type: "Error" },
    ]);
    expect(lines.text).not.toContain(CALLER);
  });

  it("warns of updates that do not fit, once for each family and label", async () => {
    const { lines, probe } = await logged();
    const registry = new MetricRegistry(probe.recorder);
    registry.registerLabels("uploads_total", "kind");
    for (let n = 0; n < 3; n += 1) registry.incCounter("uploads_total", "", { size: "1" });
    await probe.close();
    expect(lines.entries).toMatchObject([
      {
        level: "WARN",
        msg: "metric update does not fit",
        detail: 'uploads_total: "size" is no label of the family; it is left out',
      },
    ]);
  });

  it("warns of what a sink dropped, each record once", async () => {
    const counters = { dropped: 0 };
    const { lines, probe } = await logged({ sinks: [{ name: "store", counters }] });
    counters.dropped = 3;
    await probe.close();
    expect(lines.entries).toMatchObject([
      { level: "WARN", msg: "records dropped", sink: "store", dropped: 3, dropped_total: 3 },
    ]);
  });

  it("must be one", () => {
    expect(() => createProbe({ log: { info: () => undefined } as never })).toThrow(
      'log has no function "debug"; give one that createLogger() made',
    );
  });
});
