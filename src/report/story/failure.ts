/**
 * What a final response to an INVITE means to who wonders why a call failed.
 *
 * @module
 */

/** To stand after "486 Busy Here: ". Who sent the response is not known: it may be any server. */
const MEANINGS: Readonly<Record<number, string>> = {
  400: "whoever answered could not make sense of the request",
  401: "credentials were asked for, and none came that were accepted",
  402: "whoever answered wants to be paid first",
  403: "whoever answered does not allow this call",
  404: "nobody is known there by that name or number",
  407: "a proxy asked for credentials, and none came that were accepted",
  408: "a server waited for the callee in vain",
  410: "that name or number is no longer in use there",
  415: "the callee's side cannot read what the INVITE carried",
  416: "the callee's side does not know addresses of that kind",
  420: "the INVITE demands an extension that the other side does not have",
  421: "the other side demands an extension that the INVITE does not offer",
  422: "the session timer that was asked for is too short for the other side",
  428: "the other side demands a signed caller identity, and there was none",
  433: "the other side does not take anonymous calls",
  436: "the certificate for the caller's identity could not be fetched",
  437: "the certificate for the caller's identity was not accepted",
  438: "the caller's signed identity was not accepted",
  480: "the callee is known there but could not be reached: not registered, or not to be disturbed",
  482: "the request came back to where it had been: look for a routing loop",
  483: "the request went through too many servers: look for a routing loop",
  484: "the number is incomplete: look at how it was dialled or rewritten",
  485: "that name or number could be several",
  486: "the callee was busy",
  487: "the call was taken back before anybody answered it",
  488: "what was offered for the media does not suit the other side: compare codecs and encryption",
  489: "the other side does not know that event package",
  491: "another request of the same call was under way",
  493: "the other side could not decrypt what the INVITE carried",
  500: "a server failed over it",
  501: "a server cannot do what was asked",
  502: "a gateway got no proper answer from what lies behind it",
  503: "a server was overloaded or down, or had no line free",
  504: "a server waited for another one in vain",
  505: "the other side does not speak this version of SIP",
  513: "the INVITE was too large for the other side",
  580: "what had to be there before the call, such as bandwidth, was not",
  600: "the callee was busy wherever it can be reached",
  603: "the callee declined the call",
  604: "that name or number exists nowhere",
  606: "what was offered for the media suits the callee nowhere: compare codecs and encryption",
  607: "the callee does not want this call",
  608: "something between the two parties took the call for unwanted",
};

const BY_CLASS: Readonly<Record<string, string>> = {
  "3xx": "the call was to be placed anew to another address",
  "4xx": "the request was refused as it was",
  "5xx": "a server failed over it",
  "6xx": "the call was refused for all places where the callee can be reached",
};

/** The meaning of a status code of the class, if it has one. */
export function failureMeaning(
  statusCode: number,
  statusClass: string | undefined,
): string | undefined {
  return MEANINGS[statusCode] ?? BY_CLASS[statusClass ?? ""];
}
