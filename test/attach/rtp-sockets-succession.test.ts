import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { LiveStack } from "../support/live-stack.js";
import { rtpPacket } from "../support/packets.js";
import { audioSdp, boundSocket, portOf, transmit, watch } from "./support/rtp-line.js";

const run = (ssrc: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) =>
    rtpPacket({ ssrc, sequenceNumber: at, timestamp: at * 160 }),
  );

const ssrcs = ({ streams }: CallReport): number[] => streams.map(({ ssrc }) => ssrc);

describe("a socket that is given up before the calls it was attached for", () => {
  it("is no media of any of them", async () => {
    const told = [];
    for (const callIds of [[], ["one", "two"]]) {
      const { sockets } = watch();
      const attachment = sockets.attach(await boundSocket());
      for (const callId of callIds) attachment.bind({ callId });
      attachment.detach();
      const stack = new LiveStack(sockets);
      stack.invite(1, "two");
      stack.answer(2, "two");
      stack.bye(60_000, "two");
      stack.calls.close(4e6);
      told.push(stack.told);
    }
    expect(told[0]).toHaveLength(1);
    expect(told[1]).toEqual(told[0]);
  });
});

describe("a call that follows another between the same ends", () => {
  it("has its own media before the earlier one is told", async () => {
    const { sockets } = watch();
    const [here, there] = [await boundSocket(), await boundSocket()];
    sockets.attach(here);
    const stack = new LiveStack(sockets);
    const describe = (atMs: number, callId: string): void => {
      stack.invite(atMs, callId, audioSdp(portOf(here)));
      stack.answer(atMs + 1, callId, audioSdp(portOf(there)));
    };
    describe(1, "one");
    await transmit(there, here, run(1, 6));
    describe(100, "two");
    await transmit(there, here, run(2, 7));
    const [first, second] = stack.calls.snapshot();
    expect(first && ssrcs(first)).toEqual([1]);
    expect(second && ssrcs(second)).toEqual([2]);
    stack.calls.close(4e6);
  });
});
