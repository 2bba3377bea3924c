/**
 * Runs what is measured, each thing in a process of its own.
 *
 * @module
 */
import { fork, spawnSync } from "node:child_process";

/** A process that does tasks of `child.mjs`. */
export class Worker {
  #child = fork(new URL("child.mjs", import.meta.url), {
    execArgv: ["--expose-gc", "--no-warnings"],
  });

  /** @throws {Error} If the task fails or the process ends before its answer. */
  do(task, details = {}) {
    return new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`The process of ${task} ended with code ${code}.`));
      this.#child.once("exit", ended);
      this.#child.once("message", ({ result, error }) => {
        this.#child.off("exit", ended);
        if (error === undefined) resolve(result);
        else reject(new Error(`${task} failed: ${error}`));
      });
      this.#child.send({ task, ...details });
    });
  }

  close() {
    this.#child.disconnect();
  }
}

/** Does one task in a process that nothing was done in before. */
export async function doFresh(task, details) {
  const worker = new Worker();
  try {
    return await worker.do(task, details);
  } finally {
    worker.close();
  }
}

/** Whether a program can be started. */
export function isInstalled(program, args = ["--version"]) {
  return spawnSync(program, args, { stdio: "ignore" }).error === undefined;
}

/**
 * Processor seconds of a command, by the `time` program.
 *
 * @throws {Error} If the command fails.
 */
export function commandSeconds(program, args) {
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%U %S", program, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const lines = stderr.trimEnd().split("\n");
  if (status !== 0) {
    throw new Error(`${program} ended with status ${String(status)}: ${lines.join(" ")}`);
  }
  const [user, system] = lines.at(-1).split(" ").map(Number);
  return user + system;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Medians of contenders that take turns, after one round that does not count. Taking turns keeps
 * what else the machine does from falling on one of them alone.
 *
 * @param contenders functions by name; each resolves to its figure
 */
export async function interleaved(contenders, rounds) {
  const figures = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; ++round) {
    for (const [name, run] of Object.entries(contenders)) {
      const figure = await run();
      if (round > 0) figures[name].push(figure);
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
}
