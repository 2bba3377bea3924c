import { expect, it } from "vitest";

import { ladderOf } from "../../src/call/ladder.js";
import { LadderCollector } from "../../src/capture/ladder-collector.js";
import { analysedFixture } from "../support/analysed.js";

it("keeps what the ladders of all calls are made of", async () => {
  const collector = new LadderCollector();
  const { calls } = await analysedFixture("kamailio-stir-verified", collector);
  for (const call of calls) {
    const { steps } = ladderOf({ call, ...collector.factsOf(call) });
    const messages = steps.filter(({ kind }) => kind === "message");
    expect(messages).toHaveLength(collector.messagesOf(call));
    expect(steps.some(({ kind }) => kind === "stir")).toBe(true);
    expect(collector.isWhole(call)).toBe(true);
  }
  expect(calls.length).toBeGreaterThan(1);
});

it("says of which calls it could not keep all messages", async () => {
  const collector = new LadderCollector({ maxMessages: 10 });
  const { calls } = await analysedFixture("kamailio-stir-verified", collector);
  const kept = calls.reduce((sum, call) => sum + collector.factsOf(call).messages.length, 0);
  expect(kept).toBe(10);
  const whole = calls.filter((call) => collector.isWhole(call));
  expect(whole.length).toBeLessThan(calls.length);
  for (const call of whole) {
    expect(collector.factsOf(call).messages).toHaveLength(collector.messagesOf(call));
  }
});
