/**
 * The command, from its arguments to its exit code.
 *
 * @module
 */

import { printable } from "../report/display-text.js";
import { type Analysers, loadAnalysers } from "./analysers.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { HELP } from "./help.js";
import { type Invocation, parseInvocation } from "./invocation.js";
import { Output } from "./output.js";
import { reportCommand } from "./report-command.js";
import { UsageError } from "./usage-error.js";
import { writtenCode } from "./written.js";

/**
 * Runs the command.
 *
 * @param argv - The arguments, without those that start Node.
 * @param analysers - What analyses captures; loaded when needed, so that `--help` is quick.
 * @returns The exit code.
 */
export async function run(
  argv: readonly string[],
  io: CommandIo,
  analysers: () => Promise<Analysers> = loadAnalysers,
): Promise<ExitCode> {
  try {
    return await carriedOut(parseInvocation(argv), io, analysers);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const text = `mediaprobe: ${printable(error.message)}\nSee mediaprobe --help.\n`;
    await new Output(io.stderr).write(text);
    return EXIT_CODES.usage;
  }
}

async function carriedOut(
  invocation: Invocation,
  io: CommandIo,
  analysers: () => Promise<Analysers>,
): Promise<ExitCode> {
  switch (invocation.kind) {
    case "help":
      return printed(HELP, io);
    case "version":
      return printed(`mediaprobe ${io.version}\n`, io);
    case "report":
      return reportCommand(invocation, io, await analysers());
    case "ladder": {
      const { ladderCommand } = await import("./ladder-command.js");
      return ladderCommand(invocation, io, await analysers());
    }
    case "explain": {
      const { explainCommand } = await import("./explain-command.js");
      return explainCommand(invocation, io, await analysers());
    }
    case "assert": {
      const { assertCommand } = await import("./assert-command.js");
      return assertCommand(invocation, io, await analysers());
    }
    case "demo": {
      const { demoCommand } = await import("./demo-command.js");
      return demoCommand(invocation, io);
    }
    case "live": {
      const { liveCommand } = await import("./live-command.js");
      return liveCommand(invocation, io);
    }
    case "serve": {
      const { serveCommand } = await import("./serve-command.js");
      return serveCommand(invocation, io);
    }
    case "query": {
      const { queryCommand } = await import("./query-command.js");
      return queryCommand(invocation, io);
    }
    case "doctor": {
      const { doctorCommand } = await import("./doctor-command.js");
      return doctorCommand(invocation, io, analysers);
    }
    case "stir": {
      const { stirCommand } = await import("./stir-command.js");
      return stirCommand(invocation, io);
    }
  }
}

async function printed(text: string, io: CommandIo): Promise<ExitCode> {
  const stdout = new Output(io.stdout);
  await stdout.write(text);
  return writtenCode(stdout, new Output(io.stderr));
}
