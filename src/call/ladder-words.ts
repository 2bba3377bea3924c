/**
 * What a ladder says of one message.
 *
 * @module
 */

import type { MediaDescription } from "../sdp/description.js";
import { parseSdp } from "../sdp/session.js";
import type { SipMessage } from "../sip/message.js";
import { sdpBodies } from "../sip/sdp-bodies.js";
import { detached } from "../sip/wire-text.js";

/** Characters of a label or note that are kept. */
const MAX_TEXT = 200;
/** Media sections and formats of one description that a note names. */
const MAX_NOTED = 8;

/** `INVITE (SDP)`, `200 OK (INVITE, SDP)`. */
export function messageLabel(message: SipMessage): string {
  const description = sdpBodies(message).length > 0 ? ["SDP"] : [];
  if (message.kind === "request") return bounded(message.method) + inBrackets(description);
  const { statusCode, reasonPhrase, cseq } = message;
  const answer = reasonPhrase === "" ? String(statusCode) : `${statusCode} ${reasonPhrase}`;
  const answered = cseq === undefined ? [] : [bounded(cseq.method)];
  return bounded(answer) + inBrackets([...answered, ...description]);
}

function inBrackets(words: readonly string[]): string {
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

/** What it offers or answers, and why it was sent, a line each. */
export function messageNotes(message: SipMessage): string[] {
  const media = sdpBodies(message).flatMap((body) => {
    const session = parseSdp(body);
    return typeof session === "string" ? [] : session.media;
  });
  const reasons = ["reason", "warning"].flatMap((name) =>
    message.headers(name).map((value) => `${NOTED_FIELDS[name] ?? name}: ${value}`),
  );
  return [...media.slice(0, MAX_NOTED).map(mediaNote), ...reasons.slice(0, MAX_NOTED)].map((line) =>
    bounded(line),
  );
}

const NOTED_FIELDS: Readonly<Record<string, string>> = { reason: "Reason", warning: "Warning" };

/** "audio: opus, PCMU, telephone-event; sendonly". */
function mediaNote(media: MediaDescription): string {
  const { type, payloadTypes, payloads, formats, isRejected, direction } = media;
  if (isRejected) return `${type}: rejected`;
  const names = payloadTypes.map((number) => payloads.get(number)?.name ?? String(number));
  const listed = [...new Set(names.length > 0 ? names : formats)];
  const shown = listed.slice(0, MAX_NOTED).join(", ");
  const more = listed.length > MAX_NOTED ? ` and ${listed.length - MAX_NOTED} more` : "";
  return `${type}: ${shown}${more}${direction === "sendrecv" ? "" : `; ${direction}`}`;
}

/** A copy: strings of a message share its memory. */
export function bounded(text: string, characters = MAX_TEXT): string {
  return text.length <= characters ? detached(text) : `${detached(text.slice(0, characters))}…`;
}
