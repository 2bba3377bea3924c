/**
 * When a call was up, and when its parties were allowed to speak.
 *
 * @module
 */

import type { SipCall } from "../../sip/call.js";
import type { AgreedFlow, MediaAgreement } from "../agreement.js";
import type { MediaFlow } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { difference, intersection, merged, type Span } from "./spans.js";

/** Whether nothing more was to come of the call: it ended, failed, or is gone at one end. */
export function isOver(call: SipCall): boolean {
  return (
    call.endedAtMs !== undefined ||
    call.isDefunct ||
    (call.via !== undefined && call.answeredAtMs === undefined)
  );
}

/** The last message or packet of the call. */
export function lastSignMs({ call, streams }: CallFacts): number {
  return streams.reduce(
    (latest, { lastPacketAtMs }) => Math.max(latest, lastPacketAtMs),
    call.lastMessageAtMs,
  );
}

/**
 * How far the call is known to have gone on: to its end; live, to now. A capture that does not show the
 * end may have missed it, so there the call goes no further than its last message or packet.
 */
export function knownUntilMs(facts: CallFacts): number {
  const { call, observation } = facts;
  if (call.endedAtMs !== undefined) return call.endedAtMs;
  return observation.kind === "live" && !call.isDefunct ? observation.toMs : lastSignMs(facts);
}

/** When both parties were connected: one stretch, or none for a call that was not answered. */
export function answeredSpan(facts: CallFacts): Span | undefined {
  const { call } = facts;
  // A call whose INVITE was not seen was answered before what was first seen of it.
  const fromMs = call.answeredAtMs ?? (call.hasInvite ? undefined : call.invitedAtMs);
  if (fromMs === undefined) return undefined;
  const toMs = knownUntilMs(facts);
  return toMs > fromMs ? { fromMs, toMs } : undefined;
}

/** What an agreement says of one way. */
export function agreedFlow(agreement: MediaAgreement, flow: MediaFlow): AgreedFlow {
  return flow === "caller-to-callee" ? agreement.callerToCallee : agreement.calleeToCaller;
}

/** The time an agreement stood. */
export function standing({ fromMs, toMs = Infinity }: MediaAgreement): Span {
  return { fromMs, toMs };
}

/** The time in which all of these ways were open to audio. */
export function openFor(facts: CallFacts, flows: readonly MediaFlow[]): Span[] {
  return merged(
    facts.agreements
      .filter(
        (agreement) =>
          agreement.mediaType === "audio" &&
          flows.every((flow) => agreedFlow(agreement, flow).maySend),
      )
      .map(standing),
  );
}

/** What of a time lies between answer and end and was observed without gaps. */
export function observedInCall(facts: CallFacts, spans: readonly Span[]): Span[] {
  const { observation } = facts;
  const answered = answeredSpan(facts);
  if (answered === undefined) return [];
  const seen = difference([observation], merged(observation.gaps));
  return intersection(intersection(spans, [answered]), seen);
}
