/**
 * `node test/bench/poll-stall.mjs`: how long polling 10,000 calls once a second holds the event loop
 * up, spread by the wheel and all at once, in one run. Needs `npm run build`.
 *
 * The polls are stand-ins of a fixed cost: what is measured is how they are spread.
 *
 * @module
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

import { PollWheel } from "../../dist/attach/poll-wheel.js";

const CALLS = 10_000;
const SECONDS = 4;
const GOAL = 1 / 8;
const RESOLUTION_MS = 1;
const NS_PER_MS = 1e6;

let sink = 0;
/** Tens of microseconds, as a whole report of a connection takes, and no garbage: that stalls too. */
const poll = () => {
  for (let step = 0; step < 8000; step += 1) sink = (Math.imul(sink, 1_664_525) + step) | 0;
};

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The longest that a timer was late while something ran, in milliseconds. */
async function worstStall(start) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const stop = start();
  // What is set up at first is no polling.
  await pause(1200);
  delay.enable();
  await pause(SECONDS * 1000);
  delay.disable();
  stop();
  return delay.max / NS_PER_MS;
}

const spread = await worstStall(() => {
  const wheel = new PollWheel({ clock: () => performance.now(), periodMs: 1000 });
  const remove = Array.from({ length: CALLS }, () => wheel.add({ poll: () => poll }));
  return () => {
    for (const one of remove) one();
  };
});
const burst = await worstStall(() => {
  const timer = setInterval(() => {
    for (let call = 0; call < CALLS; call += 1) poll();
  }, 1000);
  return () => clearInterval(timer);
});
const idle = await worstStall(() => () => undefined);

const ratio = spread / burst;
process.stdout.write(
  `${ratio <= GOAL ? "met" : "missed"}    1/${(1 / ratio).toFixed(1)}  (goal <= 1/8)  worst stall of ${CALLS} polls a second, spread / at once: ` +
    `${spread.toFixed(1)} ms / ${burst.toFixed(1)} ms; idle ${idle.toFixed(1)} ms\n`,
);
