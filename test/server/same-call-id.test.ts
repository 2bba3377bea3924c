/**
 * One call seen by two capture agents: two records with one Call-ID.
 *
 * @module
 */

import { expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { Ladder } from "../../src/call/ladder.js";
import { HepCalls } from "../../src/cli/hep-calls.js";
import { encodeHep } from "../../src/hep/codec.js";
import { recordPath } from "../../src/report/known-calls.js";
import { serveProbe } from "../../src/server/server.js";
import { atEnd } from "../attach/support/werift-pair.js";

const START_MS = 1_700_000_000_000;
const CALLER = { address: "192.0.2.1", port: 5060 };
const PROXY = { address: "192.0.2.9", port: 5060 };
const CALLEE = { address: "198.51.100.2", port: 5060 };

const AGENTS = [
  { agentId: 1, source: CALLER, destination: PROXY },
  { agentId: 2, source: PROXY, destination: CALLEE },
] as const;

async function watched() {
  let nowMs = START_MS;
  const calls = new HepCalls({
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    version: "0",
    onError: (error) => {
      throw error;
    },
    onWarning: () => undefined,
  });
  const server = await serveProbe(calls, { port: 0 });
  atEnd(async () => {
    await server.close();
    calls.close();
  });
  const asked = async <Answer>(path: string): Promise<Answer> =>
    (await (await fetch(`${server.url}/${path}`)).json()) as Answer;
  return {
    tell: (agent: number, start: string, cseq: string) => {
      const seen = AGENTS[agent];
      if (seen === undefined) throw new RangeError("there are two");
      nowMs += 10;
      const payload = Buffer.from(
        [
          start,
          `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${cseq.replace(" ", "")}`,
          "From: <sip:a@example.org>;tag=a",
          "To: <sip:b@example.org>",
          "Call-ID: same",
          `CSeq: ${cseq}`,
          "Content-Length: 0",
          "",
          "",
        ].join("\r\n"),
      );
      const bytes = encodeHep({ ipProtocol: 17, protocolType: 1, payload, atMs: nowMs, ...seen });
      calls.source.take(bytes ?? Buffer.alloc(0));
    },
    pass: (ms: number) => {
      nowMs += ms;
      calls.source.advance();
    },
    shown: async () =>
      (await asked<{ calls: { state: string; call: CallReport }[] }>("calls")).calls,
    record: (call: CallReport) => asked<CallReport>(recordPath(call)),
    ladder: async (call: CallReport) =>
      (await asked<{ ladder: Ladder }>(recordPath(call, "/ladder"))).ladder,
    asked,
  };
}

const INVITE = ["INVITE sip:b@example.org SIP/2.0", "1 INVITE"] as const;
const ports = ({ participants }: Ladder): string[] =>
  participants.map(({ endpoint }) => endpoint.address).sort();

it("gives each its own record and ladder", async () => {
  const { tell, shown, record, ladder } = await watched();
  tell(0, ...INVITE);
  tell(1, ...INVITE);
  const both = await shown();
  expect(both).toHaveLength(2);
  const seenAt = [
    [CALLER.address, PROXY.address],
    [PROXY.address, CALLEE.address],
  ];
  for (const [index, { call }] of both.entries()) {
    expect(await record(call)).toMatchObject({ observationPoint: call.observationPoint });
    const steps = await ladder(call);
    expect(steps.call.observationPoint).toBe(call.observationPoint);
    expect(ports(steps)).toEqual(seenAt[index]);
  }
});

it("gives by the Call-ID alone the open one, with its own ladder", async () => {
  const { tell, pass, shown, asked } = await watched();
  tell(0, ...INVITE);
  tell(0, "SIP/2.0 486 Busy Here", "1 INVITE");
  tell(0, "ACK sip:b@example.org SIP/2.0", "1 ACK");
  pass(60_000);
  tell(1, ...INVITE);
  expect((await shown()).map(({ state }) => state)).toEqual(["open", "ended"]);
  const record = await asked<CallReport>("calls/same");
  const { ladder } = await asked<{ ladder: Ladder }>("calls/same/ladder");
  expect(record.observationPoint).toBe("hep 2");
  expect(ladder.call.observationPoint).toBe("hep 2");
});
