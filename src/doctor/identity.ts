/**
 * What a capture shows of who vouches for callers.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";
import { ofAll } from "./caveats.js";
import { blind, limited, ok, subject, type Subject } from "./finding.js";

/** Reasons that certificates at hand would do away with. */
const FOR_WANT_OF: ReadonlySet<string | undefined> = new Set(["no-certificate", "no-trust-anchor"]);

/** Identity header fields of calls (RFC 8224). */
export function identity({ calls }: CaptureReport): Subject {
  const asked = calls.filter((call) => call.security.stir !== undefined);
  if (asked.length === 0) {
    return subject("identity", [
      blind(
        calls.length === 0 ? "There is no call." : "No call is seen from its INVITE on.",
        "Who vouches for a caller stands in the INVITE.",
        "Capture the signalling from before the calls begin.",
      ),
    ]);
  }
  const none = asked.filter((call) => call.security.stir?.result === "no-identity");
  const open = asked.filter((call) => call.security.stir?.result === "unverified");
  const wanting = open.filter((call) => FOR_WANT_OF.has(call.security.stir?.reason));
  const rest = open.length - wanting.length;
  const of = (what: string, count: number): string => ofAll(what, count, calls.length);
  const judged = asked.length - none.length - open.length;
  return subject("identity", [
    judged === 0 ? undefined : ok(of("Calls with an Identity that is judged", judged)),
    none.length === 0
      ? undefined
      : ok(of("Calls without an Identity, so that nobody vouches", none.length)),
    wanting.length === 0
      ? undefined
      : limited(
          of(
            "Calls with an Identity whose certificate, or whose signer's authority, is not at hand",
            wanting.length,
          ),
          "Its signature, or whom to trust with it, is unknown: it counts as unverified.",
          "Give the certificates: --stir-certs for signers, --stir-trust for authorities.",
        ),
    rest === 0
      ? undefined
      : limited(
          of("Calls with an Identity that cannot be judged", rest),
          "What it vouches for is unknown: it counts as unverified.",
          "mediaprobe stir shows each step of its verification.",
        ),
    asked.length === calls.length
      ? undefined
      : limited(
          of("Calls without an INVITE in the capture", calls.length - asked.length),
          "Who vouches for a caller stands in the INVITE.",
          "Begin to capture before the calls do.",
        ),
  ]);
}
