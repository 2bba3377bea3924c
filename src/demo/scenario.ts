/**
 * The calls of the demonstration, over and over: a clean one and one over a bad network side by side,
 * one that is refused, one that is given up.
 *
 * @module
 */

import { type Inviter, SessionState } from "sip.js";

import { type Agents, type Callee, reaches } from "./agents.js";
import { type Impairment, Relay } from "./relay.js";

/** A bad mobile network. */
export const IMPAIRMENT: Impairment = {
  lossRatio: 0.04,
  meanBurstPackets: 2,
  delayMs: 60,
  jitterMs: 45,
};

const TALK_MS = 9000;
const RING_MS = 1500;
const BETWEEN_MS = 700;

/** How it is run. */
export interface ScenarioOptions {
  readonly agents: Agents;
  /** Ends it: calls that are up are hung up. */
  readonly signal: AbortSignal;
  /** From 0 to 1, as `Math.random` gives it. */
  readonly random: () => number;
}

/** Makes calls until it is told to end. */
export async function placeCalls(options: ScenarioOptions): Promise<void> {
  const { signal } = options;
  const steps = [(): Promise<void> => talk(options, "clean"), impairedTalk, refusal, givenUp];
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const talks: Promise<void>[] = [];
    for (const step of steps) {
      if (!isOver()) talks.push(step(options));
      await pause(BETWEEN_MS, signal);
    }
    await Promise.all(talks);
  }
}

async function impairedTalk(options: ScenarioOptions): Promise<void> {
  await talk(options, "impaired", await Relay.start(IMPAIRMENT, options.random));
}

async function talk(
  { agents, signal }: ScenarioOptions,
  callee: Callee,
  relay?: Relay,
): Promise<void> {
  const session = await agents.call(callee, relay);
  await reaches(session, SessionState.Established);
  await pause(TALK_MS, signal);
  if (session.state === SessionState.Established) await hangUp(session);
}

async function refusal({ agents }: ScenarioOptions): Promise<void> {
  await reaches(await agents.call("busy"), SessionState.Terminated);
}

async function givenUp({ agents, signal }: ScenarioOptions): Promise<void> {
  const session = await agents.call("slow");
  await pause(RING_MS, signal);
  if (session.state === SessionState.Establishing) await session.cancel();
  await reaches(session, SessionState.Terminated);
}

/** Sends a BYE and waits for its answer. */
async function hangUp(session: Inviter): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      resolve();
    };
    session.bye({ requestDelegate: { onAccept: done, onReject: done } }).catch(done);
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
