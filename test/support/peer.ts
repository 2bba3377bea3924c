/**
 * The rule for tests that need a program we did not write: without it they say so and are skipped,
 * but where CI is `true` its absence is a failure.
 *
 * @module
 */

import { describe, expect, it } from "vitest";

/**
 * Declares tests that need a peer program.
 *
 * @param name - What the tests show, and with whom.
 * @param available - Whether the peer can be run here.
 * @param body - Declares the tests. It is not called without the peer, so it may run the peer.
 */
export function describePeer(name: string, available: boolean, body: () => void): void {
  if (available) {
    describe(name, body);
    return;
  }
  describe(name, () => {
    if (process.env["CI"] === "true") {
      it("has its peer program", () => {
        expect.fail("The peer program is not installed. Under CI every peer test must run.");
      });
    } else {
      it.skip("not run: its peer program is not installed");
    }
  });
}
