/**
 * What the benchmarks of one process share: tasks measured in turns, so that a machine which slows down
 * does so for all of them, and figures told beside the goals they are held to.
 *
 * `--json` prints the figures for a program. `--check` exits with 1 when a goal is missed by more than
 * 30 %.
 *
 * @module
 */
import { parseArgs } from "node:util";

export const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

/** By how much a goal may be missed before `--check` fails. */
export const SLACK = 1.3;

/** Of these the median is taken; one more goes before them, to warm up. */
export const ROUNDS = 7;

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Processor seconds of a task, user and system. */
export async function secondsOf(task) {
  const before = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** What each task took, by its name: the median of what `measure` says of it. */
export async function inTurns(tasks, measure = secondsOf) {
  const taken = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; ++round) {
    for (const [name, task] of Object.entries(tasks)) {
      const figure = await measure(task);
      if (round >= 0) taken[name].push(figure);
    }
  }
  return Object.fromEntries(
    Object.entries(taken).map(([name, figures]) => [name, median(figures)]),
  );
}

/** Tells figures that are the better the smaller they are. `--check` sets the exit code. */
export function tell(figures) {
  const results = figures.map((figure) => ({
    ...figure,
    isWithinSlack: figure.value <= figure.goal * SLACK,
  }));
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(results)}\n`);
  } else {
    for (const { measure, value, goal, detail, isWithinSlack } of results) {
      const mark = value <= goal ? "met" : isWithinSlack ? "near" : "missed";
      process.stdout.write(
        `${mark.padEnd(7)}${value.toFixed(4).padStart(8)}  (goal <= ${goal})  ${measure}: ${detail}\n`,
      );
    }
  }
  if (flags.check && results.some(({ isWithinSlack }) => !isWithinSlack)) process.exitCode = 1;
}
