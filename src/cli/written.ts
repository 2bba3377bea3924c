/**
 * Whether what a command had to print is out.
 *
 * @module
 */

import { printable } from "../report/display-text.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import type { Output } from "./output.js";

/** How a command ends that had nothing else to do; why not all of it is out is said on `stderr`. */
export async function writtenCode(stdout: Output, stderr: Output): Promise<ExitCode> {
  if (stdout.failure === undefined) return EXIT_CODES.ok;
  const why = printable(stdout.failure.message);
  await stderr.write(`mediaprobe: the output cannot be written: ${why}\n`);
  return EXIT_CODES.internalError;
}
