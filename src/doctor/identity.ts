/**
 * What a capture shows of who vouches for callers.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";
import { hidesCalls, ofAll, WHOLE_PACKETS } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

/** Reasons that certificates at hand would do away with. */
const FOR_WANT_OF: ReadonlySet<string | undefined> = new Set(["no-certificate", "no-trust-anchor"]);

const IN_THE_INVITE = "Who vouches for a caller stands in the INVITE.";

/** Identity header fields of calls (RFC 8224). */
export function identity(report: CaptureReport): Subject {
  const { calls } = report;
  const asked = calls.filter((call) => call.security.stir !== undefined);
  const unasked = calls.filter((call) => call.security.stir === undefined);
  const hidden = unasked.filter(({ course }) => course.invitedAt !== undefined).length;
  if (asked.length === 0)
    return subject("identity", [unseen(report, hidden > 0 || hidesCalls(report))]);
  const none = asked.filter((call) => call.security.stir?.result === "no-identity");
  const open = asked.filter((call) => call.security.stir?.result === "unverified");
  const wanting = open.filter((call) => FOR_WANT_OF.has(call.security.stir?.reason));
  const cut = open.filter((call) => call.security.stir?.reason === "message-cut").length;
  const rest = open.length - wanting.length - cut;
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
    hidden + cut === 0
      ? undefined
      : limited(
          of("Calls with an INVITE that is cut short", hidden + cut),
          IN_THE_INVITE,
          WHOLE_PACKETS,
        ),
    unasked.length === hidden
      ? undefined
      : limited(
          of("Calls without an INVITE in the capture", unasked.length - hidden),
          IN_THE_INVITE,
          "Begin to capture before the calls do.",
        ),
  ]);
}

function unseen({ calls }: CaptureReport, isCut: boolean): Finding {
  if (isCut) return blind("No INVITE is seen whole.", IN_THE_INVITE, WHOLE_PACKETS);
  return blind(
    calls.length === 0 ? "There is no call." : "No call is seen from its INVITE on.",
    IN_THE_INVITE,
    "Capture the signalling from before the calls begin.",
  );
}
