/**
 * What an update allocates, in a process of its own where no collection hides it.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Bytes. Ten rounds of a million updates each leave no more to chance. */
const LIMIT = 0.5;

describe("an update, once it is compiled", () => {
  it(`allocates at most ${LIMIT} bytes, whichever way it is made`, { timeout: 300_000 }, () => {
    const script = fileURLToPath(new URL("garbage.mjs", import.meta.url));
    const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, script], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const { "an object": control, ...bytes } = JSON.parse(stdout) as Record<string, number>;
    expect(control).toBeGreaterThan(8);
    expect(Object.keys(bytes).length).toBeGreaterThan(9);
    expect(Object.entries(bytes).filter(([, each]) => each > LIMIT)).toEqual([]);
  });
});
