/**
 * One call as steps between those who took part in it: what a ladder diagram shows.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { MediaDescription } from "../sdp/description.js";
import { parseSdp } from "../sdp/session.js";
import type { CallParty, SeenMessage } from "../sip/call.js";
import type { SipMessage } from "../sip/message.js";
import { sdpBodies } from "../sip/sdp-bodies.js";
import { detached } from "../sip/wire-text.js";
import type { CallReport, DtlsReport } from "./call-report.js";
import type { CaptureDamage, StreamReport } from "./report.js";

/** Participants of one ladder; what further ones say is omitted. */
export const MAX_PARTICIPANTS = 16;
/** Messages, handshakes and streams of one ladder, the first in time. */
export const MAX_STEPS = 4096;
/** Characters of a label or note that are kept. */
const MAX_TEXT = 200;
/** Media sections and formats of one description that a note names. */
const MAX_NOTED = 8;

/** Who sends and receives. */
export interface LadderParticipant {
  /** Of its signalling; of its first media where it takes no part in the signalling. */
  readonly endpoint: Endpoint;
  /** Absent for what stands between the parties. */
  readonly party?: CallParty;
  readonly userAgent?: string;
}

interface Step {
  /** Epoch milliseconds with a fraction. */
  readonly atMs: number;
  /** Indices of participants; equal where one speaks to itself. */
  readonly from: number;
  readonly to: number;
}

/** One SIP message. */
export interface MessageStep extends Step {
  readonly kind: "message";
  /** `INVITE (SDP)`, `200 OK (INVITE, SDP)`. */
  readonly label: string;
  /** Absent for a request. */
  readonly statusCode?: number;
  readonly isRetransmission: boolean;
  /** What it offers or answers, and why it was sent, a line each. */
  readonly notes: readonly string[];
}

/** One stream, from its first packet on. */
export interface MediaStep extends Step {
  readonly kind: "media";
  readonly stream: StreamReport;
}

/** One DTLS handshake, from its first ClientHello on: from the client to the server. */
export interface DtlsStep extends Step {
  readonly kind: "dtls";
  readonly handshake: DtlsReport;
}

export type LadderStep = MessageStep | MediaStep | DtlsStep;

/** The whole of it. */
export interface Ladder {
  readonly call: CallReport;
  /** In the order in which they appear. */
  readonly participants: readonly LadderParticipant[];
  /** In order of time. */
  readonly steps: readonly LadderStep[];
  /** Steps beyond {@link MAX_STEPS}, or of participants beyond {@link MAX_PARTICIPANTS}. */
  readonly omittedSteps: number;
  /** Why the capture was not read to its end. */
  readonly damage?: CaptureDamage;
}

/** What a ladder is made of. */
export interface LadderFacts {
  readonly call: CallReport;
  /** All messages of the call in order of time, retransmissions and other hops included. */
  readonly messages: readonly {
    readonly seen: Pick<SeenMessage, "message" | "atMs" | "source" | "destination">;
    readonly isRetransmission: boolean;
  }[];
  readonly handshakes: readonly {
    readonly association?: Pick<DtlsAssociation, "client" | "server" | "startedAtMs">;
    readonly handshake: DtlsReport;
  }[];
  readonly damage?: CaptureDamage;
}

/** The ladder of one call. */
export function ladderOf({ call, messages, handshakes, damage }: LadderFacts): Ladder {
  const participants = new Participants(call, messages);
  const steps: (LadderStep | undefined)[] = [];
  for (const { seen, isRetransmission } of messages.slice(0, MAX_STEPS)) {
    steps.push(participants.messageStep(seen, isRetransmission));
  }
  for (const { association, handshake } of handshakes.slice(0, MAX_STEPS)) {
    // Where nobody saw its packets it has no place among them.
    if (association === undefined) continue;
    const { client, server, startedAtMs: atMs } = association;
    const ends = participants.mediaEnds(client, server);
    steps.push(ends && { kind: "dtls", atMs, ...ends, handshake });
  }
  for (const stream of call.streams.slice(0, MAX_STEPS)) {
    const ends = participants.mediaEnds(stream.source, stream.destination);
    steps.push(ends && { kind: "media", atMs: Date.parse(stream.firstPacketAt), ...ends, stream });
  }
  // Equal instants keep their order: signalling, then the handshake, then the media.
  const known = steps
    .filter((step) => step !== undefined)
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, MAX_STEPS);
  const all = messages.length + handshakes.length + call.streams.length;
  return {
    call,
    participants: participants.all,
    steps: known,
    omittedSteps: all - known.length,
    ...(damage !== undefined && { damage }),
  };
}

/** Finds out who stands where. */
class Participants {
  /** By endpoint of their signalling, and of their media. */
  readonly #parties: ReadonlyMap<string, CallParty>;
  readonly #mediaParties: ReadonlyMap<string, CallParty>;
  readonly #call: CallReport;
  readonly #all: LadderParticipant[] = [];
  /** By endpoint. */
  readonly #speakers = new Map<string, number>();
  /** By address: media and its handshakes use other ports than the signalling. */
  readonly #mediaHosts = new Map<string, number>();

  constructor(call: CallReport, messages: LadderFacts["messages"]) {
    this.#call = call;
    const parties = new Map<string, CallParty>();
    const callee = calleeEndpoint(call, messages);
    if (callee !== undefined) parties.set(endpointKey(callee), "callee");
    if (call.caller?.endpoint !== undefined)
      parties.set(endpointKey(call.caller.endpoint), "caller");
    this.#parties = parties;
    this.#mediaParties = mediaParties(call);
  }

  get all(): readonly LadderParticipant[] {
    return this.#all;
  }

  messageStep(
    { message, atMs, source, destination }: LadderFacts["messages"][number]["seen"],
    isRetransmission: boolean,
  ): MessageStep | undefined {
    const from = this.#speaker(source);
    const to = this.#speaker(destination);
    if (from === undefined || to === undefined) return undefined;
    this.#noteUserAgent(from, message);
    return {
      kind: "message",
      atMs,
      from,
      to,
      label: label(message),
      ...(message.kind === "response" && { statusCode: message.statusCode }),
      isRetransmission,
      notes: isRetransmission ? [] : notes(message),
    };
  }

  mediaEnds(
    source: Endpoint,
    destination: Endpoint,
  ): { readonly from: number; readonly to: number } | undefined {
    const from = this.#mediaHost(source);
    const to = this.#mediaHost(destination);
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  #speaker(endpoint: Endpoint): number | undefined {
    const key = endpointKey(endpoint);
    const known = this.#speakers.get(key);
    if (known !== undefined) return known;
    const party = this.#parties.get(key);
    const userAgent = party === undefined ? undefined : this.#call[party]?.userAgent;
    const index = this.#add({
      endpoint,
      ...(party !== undefined && { party }),
      ...(userAgent !== undefined && { userAgent: bounded(userAgent) }),
    });
    if (index !== undefined) this.#speakers.set(key, index);
    return index;
  }

  /** Who signals from the same address, the party itself where several do; else a new one. */
  #mediaHost(endpoint: Endpoint): number | undefined {
    const { address } = endpoint;
    const party = this.#mediaParties.get(endpointKey(endpoint));
    const isHere = (one: LadderParticipant): boolean => one.endpoint.address === address;
    const ofParty = this.#all.findIndex((one) => one.party === party && isHere(one));
    if (party !== undefined && ofParty >= 0) return ofParty;
    const known = this.#mediaHosts.get(address) ?? this.#all.findIndex(isHere);
    const index = known >= 0 ? known : this.#add({ endpoint });
    if (index !== undefined) this.#mediaHosts.set(address, index);
    return index;
  }

  #add(participant: LadderParticipant): number | undefined {
    return this.#all.length < MAX_PARTICIPANTS ? this.#all.push(participant) - 1 : undefined;
  }

  /** A proxy sends on what others wrote: only a request with one Via is its sender's own. */
  #noteUserAgent(index: number, message: SipMessage): void {
    const participant = this.#all[index];
    if (participant === undefined || participant.userAgent !== undefined) return;
    if (message.kind !== "request" || message.headerList("via").length !== 1) return;
    const userAgent = message.header("user-agent") ?? "";
    if (userAgent === "") return;
    this.#all[index] = { ...participant, userAgent: bounded(userAgent) };
  }
}

function mediaParties({ streams }: CallReport): Map<string, CallParty> {
  const parties = new Map<string, CallParty>();
  for (const { source, destination, direction } of streams) {
    if (direction === undefined) continue;
    const isForward = direction === "caller-to-callee";
    parties.set(endpointKey(source), isForward ? "caller" : "callee");
    parties.set(endpointKey(destination), isForward ? "callee" : "caller");
  }
  return parties;
}

/**
 * Of several hops the callee is at the one whose 2xx came first: the others pass it on. Where nobody
 * answered, at the last.
 */
function calleeEndpoint(
  { hops = [], callee }: CallReport,
  messages: LadderFacts["messages"],
): Endpoint | undefined {
  if (hops.length < 2) return callee?.endpoint;
  const ends = new Set(hops.map(({ destination }) => endpointKey(destination)));
  const answer = messages.find(
    ({ seen: { message, source } }) =>
      message.kind === "response" &&
      message.statusCode >= 200 &&
      message.statusCode < 300 &&
      message.cseq?.method === "INVITE" &&
      ends.has(endpointKey(source)),
  );
  return answer?.seen.source ?? hops.at(-1)?.destination;
}

function label(message: SipMessage): string {
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

function notes(message: SipMessage): string[] {
  const media = sdpBodies(message).flatMap((body) => {
    const session = parseSdp(body);
    return typeof session === "string" ? [] : session.media;
  });
  const reasons = ["reason", "warning"].flatMap((name) =>
    message.headers(name).map((value) => `${NOTED_FIELDS[name] ?? name}: ${value}`),
  );
  return [...media.slice(0, MAX_NOTED).map(mediaNote), ...reasons.slice(0, MAX_NOTED)].map(bounded);
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
function bounded(text: string): string {
  return text.length <= MAX_TEXT ? detached(text) : `${detached(text.slice(0, MAX_TEXT))}…`;
}
