import { describe, expect, expectTypeOf, it } from "vitest";

import type { CallReport } from "../src/call/call-report.js";
import { createProbe } from "../src/probe.js";
import type { CallMatchers } from "../src/vitest.js";
import "../src/vitest.js";
import { atEnd, connect, newPair, sendRtp, until } from "./attach/support/werift-pair.js";
import { call, cleanCall, failedCall } from "./report/samples.js";

describe("the matchers", () => {
  it("pass what is so", () => {
    expect(cleanCall()).toHaveMos({ atLeast: 4 });
    expect(cleanCall()).toHaveLoss({ below: "1%" });
    expect(call()).toHaveLoss({ atLeast: "7%", atMost: "7%" });
    expect(call()).toHaveJitter({ below: "30ms" });
    expect(call()).toHaveRoundTrip({ above: "41ms", below: "42ms" });
    expect(call()).toHavePostDialDelay({ atMost: "1.2s" });
    expect(call()).toHaveSetupTime({ below: "4s" });
    expect(call()).toHaveCallLength({ atLeast: "10s" });
    expect(call()).toBeAnswered();
    expect(call()).toHaveAudioBothWays();
    expect(call()).toHaveNoIssue();
    expect(call()).toHaveNoIssue("dead-air");
    expect(cleanCall()).toHaveDtls("ok");
    expect(cleanCall()).toHaveStir("unverified");
  });

  it("fail what is not, with a sentence", () => {
    expect(() => {
      expect(call()).toHaveMos({ atLeast: 4 });
    }).toThrow("the MOS is 3.43 (what the caller heard); the call must have a MOS of at least 4");
    expect(() => {
      expect(failedCall()).toBeAnswered();
    }).toThrow("the call was not answered (486 Busy Here); the call must be answered");
  });

  it("can be turned round", () => {
    expect(call()).not.toHaveMos({ atLeast: 4 });
    expect(failedCall()).not.toBeAnswered();
    expect(() => {
      expect(call()).not.toBeAnswered();
    }).toThrow("the call was answered (200 OK); the call must not be answered");
  });

  it("fail what is not known, turned round or not", () => {
    expect(() => {
      expect(failedCall()).toHaveMos({ atLeast: 1 });
    }).toThrow(/the MOS is unknown/);
    expect(() => {
      expect(failedCall()).not.toHaveMos({ atLeast: 1 });
    }).toThrow(/the MOS is unknown/);
  });

  it("say what is no call and what is no bound", () => {
    expect(() => {
      expect("call.pcap").toBeAnswered();
    }).toThrow(/string is no record of a call; expect one of those that replay\(\)/);
    expect(() => {
      expect(call()).toHaveMos({});
    }).toThrow(/No bound is given; say atLeast/);
    expect(() => {
      expect(call()).toHaveMos({ atLeast: 7 });
    }).toThrow(/7: it must be a score up to 5/);
  });

  it("judge the record of a live call, while it goes on and when it is over", async () => {
    const probe = createProbe();
    atEnd(() => probe.close());
    const ended: CallReport[] = [];
    probe.on("end", (call) => ended.push(call));
    const pair = newPair();
    probe.attachPeerConnection(pair.b);
    await connect(pair);
    await Promise.all([pair.trackA, pair.trackB].map((track) => sendRtp(track, { count: 300 })));
    const whole = (one: CallReport | undefined): boolean =>
      one?.streams.length === 2 &&
      one.streams.every(({ packetsReceived }) => packetsReceived === 300);
    await until(() => whole(probe.snapshot().calls[0]));
    const [open] = probe.snapshot().calls;
    await pair.b.close();
    await until(() => ended.length === 1);
    for (const live of [open, ended[0]]) {
      expect(live).toHaveDtls("ok");
      expect(live).toHaveAudioBothWays();
      expect(live).toHaveLoss({ atMost: "0%" });
      expect(live).not.toHaveLoss({ above: "0%" });
      expect(live).toHaveMos({ atLeast: 1 });
      expect(live).toHaveJitter({ above: "0ms" });
    }
    expect(ended[0]).toHaveCallLength({ above: "0s" });
    expect(() => {
      expect(open).toHaveCallLength({ above: "0s" });
    }).toThrow(/the length is unknown/);
  });

  it("take quantities with their units alone", () => {
    type LossBound = Parameters<CallMatchers["toHaveLoss"]>[0];
    expectTypeOf<{ below: "1%" }>().toExtend<LossBound>();
    expectTypeOf<{ below: number }>().not.toExtend<LossBound>();
    expectTypeOf<{ below: "30" }>().not.toExtend<Parameters<CallMatchers["toHaveJitter"]>[0]>();
  });
});
