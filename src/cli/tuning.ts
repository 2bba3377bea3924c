/**
 * How the command's own process runs.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";

/** That of Node 20. Later ones do without the flag, and would complain on standard error. */
const KNOWN_V8 = /^11\./;

/**
 * Lets functions run longer before they are optimised. Most of what the command does it does a few
 * thousand times: compiling that costs more than it saves, a third of all processor time.
 */
export function tuneForShortRun(v8Version: string): void {
  if (KNOWN_V8.test(v8Version)) setFlagsFromString("--interrupt-budget=400000");
}
