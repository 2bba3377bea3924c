/**
 * The rule for tests over captures that are not ours to ship: `MEDIAPROBE_CAPTURES` names the folder that
 * holds them. Without it they say so and are skipped; where it is set, they must be there.
 *
 * @module
 */

import { describe, it } from "vitest";

const folder = process.env["MEDIAPROBE_CAPTURES"];

/**
 * Declares tests over the public captures.
 *
 * @param name - What the tests show.
 * @param casesOf - What of the folder they are about.
 * @param body - Declares the tests. It is not called without the captures.
 * @throws {Error} If the folder holds none of them.
 */
export function describeCaptures<Case>(
  name: string,
  casesOf: (folder: string) => readonly Case[],
  body: (cases: readonly Case[], folder: string) => void,
): void {
  if (folder === undefined) {
    describe(name, () => {
      it.skip("not run: MEDIAPROBE_CAPTURES names no folder of captures");
    });
    return;
  }
  const cases = casesOf(folder);
  if (cases.length === 0) {
    throw new Error(
      `MEDIAPROBE_CAPTURES is ${folder}, which holds none of the captures of: ${name}`,
    );
  }
  describe(name, () => {
    body(cases, folder);
  });
}
