/**
 * Programs that tests start.
 *
 * @module
 */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Asks a program to end, which takes its own children with it then, and waits until it has. */
export async function endChild(child: ChildProcess): Promise<void> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  if (!isOver && child.kill("SIGTERM")) await once(child, "exit");
}
