/**
 * One call as steps between those who took part in it: what a ladder diagram shows.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { CallParty, SeenMessage } from "../sip/call.js";
import type { SipMessage } from "../sip/message.js";
import type { CallReport, DtlsReport, IceReport, StirReport } from "./call-report.js";
import { bounded, messageLabel, messageNotes } from "./ladder-words.js";
import type { SeenChecks } from "./observer.js";
import type { CaptureDamage, StreamReport } from "./report.js";

/** Participants of one ladder; what further ones say is omitted. */
export const MAX_PARTICIPANTS = 16;
/** Messages, handshakes and streams of one ladder, the first in time. */
export const MAX_STEPS = 4096;
/** Characters of one message's text that are kept, and of all texts of one ladder. */
export const MAX_MESSAGE_TEXT = 65_536;
export const MAX_LADDER_TEXT = 1_048_576;

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
  /** As sent, or its beginning. Absent beyond {@link MAX_LADDER_TEXT}. */
  readonly text?: string;
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

/** The search for a path, from its first connectivity check on; without it, where it was found. */
export interface IceStep extends Step {
  readonly kind: "ice";
  readonly ice: IceReport;
}

/** Who vouches for the caller, where the message that says so arrives. */
export interface StirStep extends Step {
  readonly kind: "stir";
  readonly stir: StirReport;
}

export type LadderStep = MessageStep | MediaStep | DtlsStep | IceStep | StirStep;

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

/** One message, as it was seen. */
export interface LadderMessage {
  readonly seen: Pick<SeenMessage, "message" | "atMs" | "source" | "destination">;
  readonly isRetransmission: boolean;
}

/** One handshake; live nobody saw its packets. */
export interface LadderHandshake {
  readonly association?: Pick<DtlsAssociation, "client" | "server" | "startedAtMs">;
  readonly handshake: DtlsReport;
}

/** What a ladder is made of. */
export interface LadderFacts {
  readonly call: CallReport;
  /** All messages of the call in order of time, retransmissions and other hops included. */
  readonly messages: readonly LadderMessage[];
  readonly handshakes: readonly LadderHandshake[];
  readonly checks?: SeenChecks;
  readonly damage?: CaptureDamage;
}

/** The ladder of one call. */
export function ladderOf(facts: LadderFacts): Ladder {
  const { call, messages, handshakes, checks, damage } = facts;
  const participants = new Participants(call, messages);
  const steps: (LadderStep | undefined)[] = [];
  for (const { seen, isRetransmission } of messages.slice(0, MAX_STEPS)) {
    steps.push(participants.messageStep(seen, isRetransmission));
  }
  let omittedSteps = Math.max(0, messages.length - MAX_STEPS);
  const vouched = vouchedMessage(facts);
  if (vouched !== undefined) steps.push(participants.stirStep(vouched.seen, vouched.stir));
  if (call.ice !== undefined) steps.push(participants.iceStep(call.ice, checks));
  for (const one of handshakes.slice(0, MAX_STEPS)) steps.push(participants.dtlsStep(one));
  for (const stream of call.streams.slice(0, MAX_STEPS)) {
    const ends = participants.mediaEnds(stream.source, stream.destination);
    steps.push(ends && { kind: "media", atMs: Date.parse(stream.firstPacketAt), ...ends, stream });
  }
  omittedSteps +=
    Math.max(0, handshakes.length - MAX_STEPS) + Math.max(0, call.streams.length - MAX_STEPS);
  // Equal instants keep their order: signalling, then checks, the handshake and the media.
  const known = steps
    .filter((step) => step !== undefined)
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, MAX_STEPS);
  return {
    call,
    participants: participants.all,
    steps: known,
    omittedSteps: omittedSteps + steps.length - known.length,
    ...(damage !== undefined && { damage }),
  };
}

/** The first INVITE that says who vouches for the caller. */
function vouchedMessage({
  call,
  messages,
}: LadderFacts): { readonly seen: LadderMessage["seen"]; readonly stir: StirReport } | undefined {
  const { stir } = call.security;
  if (stir === undefined) return undefined;
  const found = messages.find(
    ({ seen: { message } }) =>
      message.kind === "request" &&
      message.method === "INVITE" &&
      message.header("identity") !== undefined,
  );
  return found && { seen: found.seen, stir };
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
  #textLeft = MAX_LADDER_TEXT;

  constructor(call: CallReport, messages: readonly LadderMessage[]) {
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
    { message, atMs, source, destination }: LadderMessage["seen"],
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
      label: messageLabel(message),
      ...(message.kind === "response" && { statusCode: message.statusCode }),
      isRetransmission,
      notes: isRetransmission ? [] : messageNotes(message),
      ...this.#text(message),
    };
  }

  /** Its text, until all of them are too long. */
  #text(message: SipMessage): { readonly text?: string } {
    if (this.#textLeft <= 0) return {};
    const text = bounded(message.text, Math.min(MAX_MESSAGE_TEXT, this.#textLeft));
    this.#textLeft -= text.length;
    return { text };
  }

  /** Beside who receives it. */
  stirStep({ atMs, destination }: LadderMessage["seen"], stir: StirReport): StirStep | undefined {
    const at = this.#speaker(destination);
    return at === undefined ? undefined : { kind: "stir", atMs, from: at, to: at, stir };
  }

  /** Where nobody saw its packets, between the parties. */
  dtlsStep({ association, handshake }: LadderHandshake): DtlsStep | undefined {
    const { startedAt, clientParty } = handshake;
    const ends =
      association === undefined
        ? this.#partyEnds(clientParty)
        : this.mediaEnds(association.client, association.server);
    const atMs = association?.startedAtMs ?? Date.parse(startedAt ?? "");
    return ends && !Number.isNaN(atMs) ? { kind: "dtls", atMs, ...ends, handshake } : undefined;
  }

  /** Where nobody saw its packets, from the observed side: both sides check. */
  iceStep(ice: IceReport, checks: SeenChecks | undefined): IceStep | undefined {
    const ends =
      checks === undefined
        ? this.#partyEnds(this.#call.localParty)
        : this.mediaEnds(checks.source, checks.destination);
    const atMs = checks?.firstCheckAtMs ?? Date.parse(ice.startedAt ?? ice.selectedAt ?? "");
    return ends && !Number.isNaN(atMs) ? { kind: "ice", atMs, ...ends, ice } : undefined;
  }

  #partyEnds(from: CallParty | undefined): Pick<Step, "from" | "to"> | undefined {
    if (from === undefined) return undefined;
    const [caller, callee] = (["caller", "callee"] as const).map((party) => this.#party(party));
    if (caller === undefined || callee === undefined) return undefined;
    return from === "caller" ? { from: caller, to: callee } : { from: callee, to: caller };
  }

  /** Of a call without signalling, where its media is. */
  #party(party: CallParty): number | undefined {
    const speaker = this.#all.findIndex((one) => one.party === party);
    if (speaker >= 0) return speaker;
    const stream = this.#call.streams.find(({ direction }) => direction !== undefined);
    if (stream === undefined) return undefined;
    const isSource = (stream.direction === "caller-to-callee") === (party === "caller");
    return this.#mediaHost(isSource ? stream.source : stream.destination);
  }

  mediaEnds(source: Endpoint, destination: Endpoint): Pick<Step, "from" | "to"> | undefined {
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
  messages: readonly LadderMessage[],
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
