import { SessionState } from "sip.js";
import { expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { reaches, startAgents } from "../../src/demo/agents.js";
import { Relay } from "../../src/demo/relay.js";
import { createProbe } from "../../src/probe.js";
import { describePeer } from "../support/peer.js";
import {
  apartIn,
  expectSameStreams,
  identityOf,
  mayCapture,
  onlyIn,
  seeded,
  seenBothWays,
} from "./support/capture.js";

/** A call over a bad network, followed by a probe. */
async function impairedCall(): Promise<CallReport[]> {
  const probe = createProbe({ observationPoint: "test", t1Ms: 500 });
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  const agents = await startAgents();
  probe.attachUserAgent(agents.server);
  const impairment = { lossRatio: 0.05, meanBurstPackets: 2, delayMs: 40, jitterMs: 30 };
  const relay = await Relay.start(impairment, seeded(7));
  const session = await agents.call("impaired", relay);
  await reaches(session, SessionState.Established);
  await new Promise((resolve) => setTimeout(resolve, 8000));
  await session.bye();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await agents.stop();
  await probe.close();
  return ended;
}

describePeer("a call seen live and replayed from a capture of it (tcpdump)", mayCapture, () => {
  const views = seenBothWays(impairedCall);

  it("has the same outcome, parties and transport", () => {
    const { live, replayed } = views();
    expect(identityOf(live)).toEqual(identityOf(replayed));
  });

  it("has the same course and timings, within what the clocks are apart", () => {
    const { live, replayed } = views();
    expect(Object.keys(live.course)).toEqual(Object.keys(replayed.course));
    expect(Object.keys(live.timings)).toEqual(Object.keys(replayed.timings));
    // The capture also has the way to the relay, on which media is earlier.
    expect(apartIn(views()).filter((name) => name !== "firstMediaDelaySeconds")).toEqual([]);
  });

  it("was secured the same way", () => {
    const { live, replayed } = views();
    expect(live.security.srtpKeying).toBe(replayed.security.srtpKeying);
    expect(live.ice?.result).toBe(replayed.ice?.result);
    const [seen] = live.security.dtls ?? [];
    const told = replayed.security.dtls?.map(({ result, version, cipher, srtpProfile }) => ({
      result,
      version,
      cipher,
      srtpProfile,
    }));
    expect(told).toContainEqual({
      result: seen?.result,
      version: seen?.version,
      cipher: seen?.cipher,
      srtpProfile: seen?.srtpProfile,
    });
  });

  it("has the same counts of every stream that both can see", () => {
    expectSameStreams(views());
  });

  /** SRTCP cannot be read in a capture, and a stack's own figures are on no wire. */
  it("differs only in what one view cannot have", () => {
    const { live, replayed } = views();
    expect(onlyIn(live.streams, replayed.streams)).toEqual(["rtcp", "rtt", "stack"]);
    expect(onlyIn([live], [replayed])).toEqual(["rtt"]);
    expect(onlyIn([replayed], [live])).toEqual([]);
  });
});
