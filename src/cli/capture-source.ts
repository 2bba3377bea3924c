/**
 * Where the captures come from that the command line names.
 *
 * @module
 */

import type { CaptureSource } from "../capture/source.js";
import { STDIN } from "./capture-invocation.js";
import type { CommandIo } from "./command-io.js";

const STDIN_NAME = "standard input";

/** @param file - A path, or {@link STDIN}. */
export function captureSource(file: string, io: CommandIo): CaptureSource {
  // Looking at standard input opens it.
  return file === STDIN ? { stream: io.stdin, name: STDIN_NAME } : { path: file };
}
