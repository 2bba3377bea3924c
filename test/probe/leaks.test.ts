import type { Session, UserAgent } from "sip.js";
import { SessionState } from "sip.js";
import { RTCPeerConnection } from "werift";
import { describe, expect, it } from "vitest";

import { createProbe, type Probe } from "../../src/probe.js";
import { expectNothingKept, keptPerRound } from "../attach/support/heap.js";
import { inviter } from "../attach/support/pair.js";
import { answeringPair, reaches, settle } from "../attach/support/user-agents.js";
import {
  atEnd,
  codec,
  footprint,
  keepLocal,
  LOOPBACK,
  negotiate,
  OPUS,
  until,
} from "../attach/support/werift-pair.js";

const CONNECTIONS = 500;
/** Connections that are open at once: a process may have so many sockets. */
const AT_ONCE = 50;
const DIALOGS = 500;
/** Pairs of user agents that have the dialogs between them. */
const LINES = 50;
const ROUNDS = 10_000;

/** Rounds of one of the four batches that tell what stays: two of ours, two with a leak of one object. */
const BATCH = ROUNDS / 2;

function newProbe(): { probe: Probe; errors: unknown[] } {
  const errors: unknown[] = [];
  const probe = createProbe({ onError: (error) => errors.push(error), t1Ms: 10 });
  atEnd(() => probe.close());
  return { probe, errors };
}

/** Two real peers that are connected with one another. */
async function connected(): Promise<RTCPeerConnection[]> {
  const config = { ...LOOPBACK, codecs: { audio: [codec(OPUS)], video: [] } };
  const [a, b] = [new RTCPeerConnection(config), new RTCPeerConnection(config)];
  for (const pc of [a, b]) {
    pc.addTransceiver("audio");
    keepLocal(pc);
  }
  await negotiate(a, b);
  await until(() => [a, b].every(({ connectionState }) => connectionState === "connected"), 30_000);
  return [a, b];
}

/** What the process holds open. Its own standard streams are not ours. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** How many listen to a state of sip.js. */
function listenerCount({ stateChange }: UserAgent | Session): number {
  return (Reflect.get(stateChange, "listeners") as unknown[]).length;
}

/** Each call does it with the next one. */
function inTurn<One>(all: readonly One[], act: (one: One) => void): () => void {
  let next = 0;
  return () => {
    const one = all[next % all.length];
    if (one !== undefined) act(one);
    next += 1;
  };
}

describe("a probe attached and detached ten thousand times", () => {
  it(`leaves nothing on ${CONNECTIONS} real connections of werift`, async () => {
    const { probe, errors } = newProbe();
    let attached = 0;
    for (let batch = 0; batch < CONNECTIONS / AT_ONCE; batch += 1) {
      const pairs = await Promise.all(Array.from({ length: AT_ONCE / 2 }, connected));
      const peers = pairs.splice(0).flat();
      const [prints, open] = [peers.map(footprint), handles()];
      const attach = inTurn(peers, (pc) => {
        probe.attachPeerConnection(pc).detach();
        attached += 1;
      });
      // An attachment that stays is dozens. In so few rounds what the first ones make for good shows, too:
      // 235 objects were seen.
      expect(keptPerRound(ROUNDS / (CONNECTIONS / AT_ONCE) / 2, attach)).toBeLessThan(1);
      expect(peers.map(footprint)).toEqual(prints);
      // The probe's own tick.
      expect(handles()["Timeout"] ?? 0).toBeLessThanOrEqual((open["Timeout"] ?? 0) + 1);
      await Promise.all(peers.splice(0).map((pc) => pc.close()));
    }
    expect(attached).toBe(ROUNDS);
    expect(probe.snapshot().connections).toEqual([]);
    expect(errors).toEqual([]);
  }, 120_000);

  it("keeps nothing of a round on connections of werift", async () => {
    const { probe, errors } = newProbe();
    const peers = (await Promise.all([connected(), connected()])).flat();
    atEnd(() => Promise.all(peers.map((pc) => pc.close())));
    expectNothingKept(
      BATCH,
      inTurn(peers, (pc) => {
        probe.attachPeerConnection(pc).detach();
      }),
    );
    expect(errors).toEqual([]);
  }, 180_000);

  it(`leaves nothing on ${DIALOGS} dialogs of sip.js`, async () => {
    const sessions: Session[] = [];
    const agents: UserAgent[] = [];
    for (let line = 0; line < LINES; line += 1) {
      const { caller } = await answeringPair();
      agents.push(caller);
      for (let dialog = 0; dialog < DIALOGS / LINES; dialog += 1) {
        const session = inviter(caller);
        await session.invite();
        await reaches(session, SessionState.Established);
        sessions.push(session);
      }
    }
    await settle();
    const { probe, errors } = newProbe();
    const stacks = [...agents, ...sessions];
    const hooked = [...stacks, ...agents.map(({ transport }) => transport)];
    const listening = (): unknown => [
      stacks.map(listenerCount),
      hooked.map((one) => Object.getOwnPropertyNames(one).sort()),
    ];
    const before = listening();
    const open = handles();
    expectNothingKept(
      BATCH,
      inTurn(sessions, (session) => {
        probe.attachDialog(session).detach();
      }),
    );
    expect(listening()).toEqual(before);
    // Transactions of the stack end meanwhile, and their timers with them; ours is one.
    for (const [name, count] of Object.entries(handles())) {
      expect([name, count <= (open[name] ?? 0) + 1]).toEqual([name, true]);
    }
    expect(probe.snapshot().calls).toEqual([]);
    expect(errors).toEqual([]);
  }, 180_000);
});
