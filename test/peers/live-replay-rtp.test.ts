import { Inviter, SessionState, UserAgent } from "sip.js";
import { expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { reaches } from "../../src/demo/agents.js";
import { UdpTransport } from "../../src/demo/udp-transport.js";
import { createProbe } from "../../src/probe.js";
import { UdpRelay } from "../attach/support/udp-relay.js";
import { userAgent } from "../attach/support/user-agents.js";
import { describePeer } from "../support/peer.js";
import {
  apartIn,
  CLOCK_SECONDS,
  expectSameStreams,
  identityOf,
  mayCapture,
  onlyIn,
  seeded,
  seenBothWays,
  toCallee,
  twinOf,
} from "./support/capture.js";
import { RtpEnd } from "./support/rtp-end.js";

/** Loses, doubles and delays. */
async function badNetwork(): Promise<UdpRelay> {
  const random = seeded(11);
  const relay = await UdpRelay.start();
  relay.fate = ({ direction, kind }) => {
    relay.delayMs[direction] = 40 + 30 * random();
    if (kind !== "rtp") return 1;
    const draw = random();
    return draw < 0.04 ? 0 : draw < 0.06 ? 2 : 1;
  };
  return relay;
}

async function startAgent(agent: UserAgent): Promise<number> {
  await agent.start();
  const { port } = agent.transport as unknown as UdpTransport;
  agent.contact.uri.port = port;
  return port;
}

/** A dialog of sip.js whose media goes over the sockets of both ends, the called one's watched. */
async function impairedCall(): Promise<CallReport[]> {
  const ports = { caller: 0, server: 0 };
  const relay = await badNetwork();
  const ends = { caller: await RtpEnd.open(0x1111, relay), server: await RtpEnd.open(0x2222) };
  const agent = (name: keyof typeof ports, remotePort: () => number): UserAgent =>
    userAgent(name, {
      forceRport: true,
      transportConstructor: UdpTransport,
      transportOptions: { remotePort },
      sessionDescriptionHandlerFactory: () => ends[name],
      onInvite: (invitation) => void invitation.progress().then(() => invitation.accept()),
    });
  const caller = agent("caller", () => ports.server);
  const server = agent("server", () => ports.caller);
  ports.caller = await startAgent(caller);
  ports.server = await startAgent(server);
  const probe = createProbe({ observationPoint: "test", t1Ms: 500 });
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  probe.attachUserAgent(server);
  probe.attachRtpSocket(ends.server.socket);

  const target = UserAgent.makeURI(`sip:server@127.0.0.1:${String(ports.server)}`);
  if (target === undefined) throw new Error("no URI");
  const call = async (speech: () => Promise<void>): Promise<void> => {
    const session = new Inviter(caller, target);
    await session.invite();
    await reaches(session, SessionState.Established);
    await speech();
    await session.bye();
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  // In a process's first call all code is new, and an event loop is later than the kernel than ever.
  await call(() => Promise.resolve());
  await call(async () => {
    ends.caller.speak();
    ends.server.speak();
    await new Promise((resolve) => setTimeout(resolve, 8000));
    ends.caller.hush();
    ends.server.hush();
    // What is on its way arrives.
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  await caller.stop();
  await server.stop();
  await probe.close();
  relay.close();
  ends.caller.socket.close();
  ends.server.socket.close();
  return ended.slice(-1);
}

describePeer("a call with plain RTP seen live and replayed (tcpdump)", mayCapture, () => {
  const views = seenBothWays(impairedCall);

  it("has the same outcome, parties, course and timings", () => {
    const { live, replayed } = views();
    expect(identityOf(live)).toEqual(identityOf(replayed));
    expect(Object.keys(live.course)).toEqual(Object.keys(replayed.course));
    expect(Object.keys(live.timings)).toEqual(Object.keys(replayed.timings));
    expect(live.security).toEqual(replayed.security);
    expect(apartIn(views())).toEqual([]);
  });

  it("has the same counts, jitter and quality of both streams", () => {
    const { live } = views();
    const ssrcs = live.streams.map(({ ssrc }) => ssrc);
    expect(ssrcs.sort((a, b) => a - b)).toEqual([0x1111, 0x2222]);
    expectSameStreams(views());
    expect(toCallee(live)?.packetsDuplicated).toBeGreaterThan(0);
  });

  it("has the same reports of the far end, and a round trip measured to the same end", () => {
    const { live, replayed } = views();
    for (const stream of live.streams) {
      expect(stream.rtcp).toEqual(twinOf(stream, replayed)?.rtcp);
      expect(stream.rtcp?.reports).toBeGreaterThan(10);
    }
    // A capture takes the time to each end; at an end the way to oneself is none.
    const outbound = live.streams.find(({ direction }) => direction === "callee-to-caller");
    const here = outbound?.rtt?.measured;
    const there = outbound && twinOf(outbound, replayed)?.rtt?.toReceiver;
    expect(here?.samples).toBe(there?.samples);
    for (const name of ["lastSeconds", "minSeconds", "meanSeconds", "maxSeconds"] as const) {
      expect(Math.abs((here?.[name] ?? NaN) - (there?.[name] ?? NaN))).toBeLessThan(CLOCK_SECONDS);
    }
    // The relay's 40 ms each way, at least.
    expect(here?.minSeconds).toBeGreaterThan(0.08);
    const whole = (call: CallReport): number => call.rtt?.measured?.meanSeconds ?? NaN;
    expect(Math.abs(whole(live) - whole(replayed))).toBeLessThan(CLOCK_SECONDS);
  });

  /** The way from the capture to each end, and whose side it is on: live both are known. */
  it("differs only in what one view cannot have", () => {
    const { live, replayed } = views();
    expect(onlyIn([live], [replayed])).toEqual([]);
    expect(onlyIn([replayed], [live])).toEqual([]);
    expect(onlyIn(live.streams, replayed.streams)).toEqual([]);
    expect(onlyIn(replayed.streams, live.streams)).toEqual([]);
    const rtts = ({ streams }: CallReport): object[] => streams.flatMap(({ rtt }) => rtt ?? []);
    expect(onlyIn(rtts(replayed), rtts(live))).toEqual(["toReceiver"]);
    const kinds = (found: readonly { kind: string }[]): string[] => found.map(({ kind }) => kind);
    expect(kinds(live.issues)).toEqual(kinds(replayed.issues));
    expect(kinds(live.confidence)).toEqual([]);
    expect(kinds(replayed.confidence)).toEqual(["side-assumed"]);
  });
});
