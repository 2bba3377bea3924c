#!/usr/bin/env node
/**
 * The `mediaprobe` command as a process.
 *
 * @module
 */

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import process from "node:process";

import { EXIT_CODES } from "./exit-code.js";
import { wholeOutput } from "./file-output.js";
import { run } from "./run.js";
import { tuneForShortRun } from "./tuning.js";

tuneForShortRun(process.versions.v8);

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

const onSignal =
  (signal: NodeJS.Signals) =>
  (listener: () => void): (() => void) => {
    process.on(signal, listener);
    return () => process.off(signal, listener);
  };

const code = await run(process.argv.slice(2), {
  // Standard input is opened by looking at it, so nobody looks unless it is asked for.
  get stdin() {
    return process.stdin;
  },
  stdout: wholeOutput(process.stdout),
  stderr: process.stderr,
  env: process.env,
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  parallelism: availableParallelism(),
  version,
  onInterrupt: onSignal("SIGINT"),
  onTerminate: onSignal("SIGTERM"),
  onHangUp: onSignal("SIGHUP"),
});
// A scan in progress would else be waited for.
if (code === EXIT_CODES.interrupted) process.exit(code);
process.exitCode = code;
