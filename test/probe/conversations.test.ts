import { Inviter, SessionState, UserAgent } from "sip.js";
import { expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { createProbe } from "../../src/probe.js";
import { answeringPair, reaches, settle } from "../attach/support/user-agents.js";
import { atEnd, until } from "../attach/support/werift-pair.js";
import { LeapingClock } from "../support/leaping-clock.js";

const BOB = UserAgent.makeURI("sip:bob@127.0.0.1") as NonNullable<
  ReturnType<typeof UserAgent.makeURI>
>;
const SESSION = "Session-ID: 0123456789abcdef0123456789abcdef";

/** The two user agents of a back-to-back one, each with a party at the other end of its wire. */
async function backToBack(): Promise<{
  readonly agents: readonly object[];
  readonly call: (leg: 0 | 1, extraHeaders: string[]) => Promise<Inviter>;
}> {
  const [left, right] = await Promise.all([answeringPair(), answeringPair()]);
  return {
    agents: [left.callee, right.caller],
    call: async (leg, extraHeaders) => {
      const { caller } = leg === 0 ? left : right;
      const session = new Inviter(caller, BOB, { extraHeaders });
      await session.invite();
      await reaches(session, SessionState.Established);
      await settle();
      return session;
    },
  };
}

it.each([
  ["that have one Session-ID", [SESSION], () => [SESSION]],
  ["one of which names the other's Call-ID", [], (callId: string) => [`X-Call-ID: ${callId}`]],
] as const)("links legs %s in both records, whichever is told first", async (_, first, second) => {
  const time = new LeapingClock();
  const probe = createProbe({ clock: time.nowMs });
  atEnd(() => probe.close());
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  const { agents, call } = await backToBack();
  for (const agent of agents) probe.attachUserAgent(agent);
  const inbound = await call(0, [...first]);
  const outbound = await call(1, [...second(inbound.request.callId)]);
  for (const [at, session] of [outbound, inbound].entries()) {
    await session.bye();
    await settle();
    time.leapOverLinger();
    await until(() => ended.length === at + 1);
  }
  expect(ended.map(({ callId, linkedCallIds }) => [callId, linkedCallIds])).toEqual([
    [outbound.request.callId, [inbound.request.callId]],
    [inbound.request.callId, [outbound.request.callId]],
  ]);
});
