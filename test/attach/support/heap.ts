import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that stay allocated after something was done so many times. */
export function heldBytes(times: number, act: () => void): number {
  // The first rounds compile code and fill caches.
  for (let i = 0; i < times; i++) act();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < times; i++) act();
  collectGarbage();
  return process.memoryUsage().heapUsed - before;
}
