/**
 * Where to look, by what is wrong: what `docs/issues.md` says, in a sentence.
 *
 * @module
 */

import type { IssueKind } from "../../call/call-report.js";
import type { CallParty } from "../../sip/call.js";

/** What most of the harm to a score comes from. */
export type CauseOfHarm = "outage" | "bursts" | "scattered" | "late" | "delay" | "codec";

/** Where to look for it, given who sent. */
export const HARM_REMEDIES: Readonly<Record<CauseOfHarm, (sender: CallParty) => string>> = {
  outage: (sender) =>
    `One gap points to a link that dropped out or a route that changed: look at what happened then on the ${sender}'s side of the network.`,
  bursts: (sender) =>
    `Loss in bursts points to a queue that overflows or a radio link that fades: look at the links between the ${sender} and here, and at what else they carried then.`,
  scattered: (sender) =>
    `Packets lost one here and one there point to a policer, a bad port or cable, or a weak radio link rather than to a full queue: look at the links between the ${sender} and here.`,
  late: (sender) =>
    `Packets that come late, but come, point to a queue that fills or a sender that stalls on the ${sender}'s side; a longer or adaptive jitter buffer would save some of them, at the price of delay.`,
  delay: () =>
    "Look for the detour in the path of the media: relays, far-off servers, long buffers.",
  codec: () => "The network has little part in that: another codec would sound better.",
};

/** What to do about an issue; absent where its own sentence says it. */
export const ISSUE_REMEDIES: Readonly<Partial<Record<IssueKind, string>>> = {
  "no-media":
    "See whether the point of observation sees media at all; if it does, look at the addresses in the descriptions, and at ICE and DTLS.",
  "dead-air":
    "Look at what both ways have in common: the media server, its host, the link, a transfer or re-INVITE at that moment.",
  "media-after-bye":
    "The sender did not get the BYE, or does not close its media: ports leak, and so does what is said after people think they have hung up.",
  "early-media-cut":
    "Early media and answer came from different places, or the path was only built at the answer: build it earlier, or keep one stream.",
  "wrong-payload-type":
    "The receiver drops these packets or plays noise: look at which number each side gave the codec.",
  "codec-changed":
    "See whether a re-INVITE asked for it; if none did, the sender switches by itself.",
  "rtcp-missing":
    "See whether RTCP is switched on and let through: without it there is no round-trip time.",
  "clock-drift": "Look for a sender that paces its packets by a software timer, or resamples.",
  "late-answer":
    "One such race cannot be helped; if there are many, CANCEL is slow or blocked on its way.",
  "late-media": "The path (ICE, DTLS, latching) is only built at the answer: build it earlier.",
  "session-timer-expiring":
    "Whoever was to refresh the session did not, or its refresh did not get through.",
  "ack-missing":
    "Look at the Contact and Record-Route of the answer, which say where the ACK has to go: an address behind a NAT is the usual cause.",
  "bye-unanswered":
    "Look at the Contact and Record-Route of the dialog: they say where the BYE has to go.",
};
