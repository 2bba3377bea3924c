import { expect, it } from "vitest";

import { comparedViews } from "../../src/report/compared-views.js";
import { call, stream } from "./samples.js";

const FAR = { packetsExpected: 1000, packetsMissing: 0, packetsLost: 0, lossRatio: 0 };
const jitter = (mean: number): { last: number; mean: number; max: number } => ({
  last: mean,
  mean,
  max: mean,
});

function marked(rtcp: object, far: object = FAR): string[] {
  const one = stream({ ...far, jitterSeconds: jitter(0.01), rtcp: { reports: 5, ...rtcp } });
  return comparedViews(call({ rtt: {}, streams: [one] }))
    .filter(({ disagrees }) => disagrees)
    .map(({ figure }) => figure);
}

it("marks a loss that differs by a hundredth of the packets, a jitter by 30 ms and a factor of 2", () => {
  expect(marked({ packetsLost: 9, jitterSeconds: jitter(0.039) })).toEqual([]);
  expect(marked({ packetsLost: 10, jitterSeconds: jitter(0.04) })).toEqual(["loss", "jitter"]);
});

it("does not compare what a few reports or a few packets tell", () => {
  expect(marked({ packetsLost: 500, reports: 2 })).toEqual([]);
  expect(marked({ packetsLost: 90 }, { ...FAR, packetsExpected: 100 })).toEqual([]);
});

it("shows what nobody says as absent, not as nothing", () => {
  const [loss] = comparedViews(call({ rtt: {}, streams: [stream({ rtcp: { reports: 0 } })] }));
  expect(loss).toMatchObject({ figure: "loss", measured: "0" });
  expect(loss).not.toHaveProperty("reported");
  expect(loss).not.toHaveProperty("stack");
});
