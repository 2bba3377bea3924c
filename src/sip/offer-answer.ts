/**
 * Whether the description in a message is an offer or an answer (RFC 3264, RFC 3261 §13.2.1,
 * RFC 3262 §5, RFC 3311 §5, RFC 6337).
 *
 * @module
 */

import type { Exchange } from "./exchange.js";
import type { SipMessage } from "./message.js";

/** Requests whose descriptions, and those in whose responses, are for the call's media. */
const NEGOTIATING = ["INVITE", "UPDATE", "PRACK"];

/** Whether the description in this request is an offer, or nothing if it is neither. */
export function requestIsOffer(exchange: Exchange, message: SipMessage): boolean | undefined {
  if (!NEGOTIATING.includes(exchange.method)) return undefined;
  exchange.hasDescription = true;
  if (exchange.method !== "PRACK") return true;
  exchange.isOffer ??= !answersInvite(exchange, message);
  return exchange.isOffer;
}

/** The first PRACK of a dialog whose offer came in the response that it acknowledges. */
function answersInvite({ call, by, dialogTag }: Exchange, message: SipMessage): boolean {
  const cseq = /^\s*\d+\s+(\d{1,10})\s/.exec(message.header("rack") ?? "")?.[1];
  const invite = cseq === undefined ? undefined : call.inviteOf(Number(cseq), by, dialogTag);
  if (invite === undefined || invite.hasDescription || invite.isOfferAnswered) return false;
  if (!invite.hasAnswerDescription) return false;
  invite.isOfferAnswered = true;
  return true;
}

/** Whether the description in this response is an offer, or nothing if it is neither. */
export function responseIsOffer(
  exchange: Exchange,
  statusCode: number,
  hasRequest: boolean,
): boolean | undefined {
  // What an error response describes is what would have been possible.
  if (!NEGOTIATING.includes(exchange.method) || statusCode === 100 || statusCode >= 300) {
    return undefined;
  }
  exchange.hasAnswerDescription = true;
  return exchange.method === "INVITE" && hasRequest && !exchange.hasDescription;
}
