/**
 * Takes what capture agents send to Homer, and follows the calls in it. Each agent is an observation
 * point: what two of them saw of one call are two records.
 *
 * @module
 */

import { unzipSync } from "node:zlib";

import type { CallReport } from "../call/call-report.js";
import { NetworkSet } from "../net/network.js";
import type { RtcpRecord } from "../rtcp/report.js";
import type { SipCall } from "../sip/call.js";
import { type AgentOptions, HepAgent } from "./agent.js";
import { decodeHep } from "./codec.js";
import { type Believed, Leaps } from "./leaps.js";
import { type HepPacket, IP_PROTOCOL, type NotHepReason, PROTOCOL_TYPE } from "./packet.js";
import { recordsOfJson, type RtcpOrigin } from "./rtcp-json.js";

/** Agents that are followed at a time; the one silent for longest goes first. */
export const MAX_AGENTS = 256;
/** Bytes that a compressed payload may become. */
const MAX_INFLATED_BYTES = 1_048_576;

/** How agents are followed. */
export interface HepSourceOptions extends Omit<AgentOptions, "observationPoint" | "local"> {
  /** Networks of the observed side, as `10.0.0.0/8`. Without them the callee's side is assumed. */
  readonly local?: readonly string[] | undefined;
  /** Epoch milliseconds that never go back. */
  readonly nowMs: () => number;
  /** Packets that do not carry it are refused. @default every packet is taken */
  readonly authenticationKey?: string | undefined;
  /** Reads RTCP as it is on the wire. @default only RTCP as JSON is read */
  readonly decodeRtcp?:
    | ((bytes: Uint8Array, origin: RtcpOrigin) => { readonly records: readonly RtcpRecord[] })
    | undefined;
}

/** What came of packets. */
export interface HepSourceCounters {
  /** All that came, whatever came of them. */
  packets: number;
  sip: number;
  rtcp: number;
  voiceQuality: number;
  /** Of types that are not read. */
  otherTypes: number;
  /** With another password than the one asked for. */
  unauthenticated: number;
  /** Without an address, a time or a payload. */
  incomplete: number;
  malformedSip: number;
  malformedRtcp: number;
  malformedVoiceQuality: number;
  /** RTCP about media of no call that is known. */
  rtcpWithoutCall: number;
  evictedAgents: number;
}

/** Follows the calls that agents tell of. */
export class HepSource {
  readonly #options: HepSourceOptions;
  readonly #local: NetworkSet | undefined;
  readonly #agents = new Map<string, HepAgent>();
  /** By agent. */
  readonly #leaps = new Map<number, Leaps<Whole>>();
  readonly #refused = new Map<NotHepReason, number>();
  readonly #counters: HepSourceCounters = {
    packets: 0,
    sip: 0,
    rtcp: 0,
    voiceQuality: 0,
    otherTypes: 0,
    unauthenticated: 0,
    incomplete: 0,
    malformedSip: 0,
    malformedRtcp: 0,
    malformedVoiceQuality: 0,
    rtcpWithoutCall: 0,
    evictedAgents: 0,
  };

  /** @throws {RangeError} If one of the networks is none. */
  constructor(options: HepSourceOptions) {
    this.#options = options;
    this.#local = options.local && NetworkSet.of(options.local);
  }

  get counters(): Readonly<HepSourceCounters> {
    return this.#counters;
  }

  /** What was no packet of HEP3, by why. */
  get refused(): ReadonlyMap<NotHepReason, number> {
    return this.#refused;
  }

  /** How many calls are open. */
  get openCalls(): number {
    return [...this.#agents.values()].reduce((sum, agent) => sum + agent.openCalls, 0);
  }

  /** Open calls as they stand. */
  snapshot(): CallReport[] {
    return [...this.#agents.values()].flatMap((agent) => agent.snapshot());
  }

  /** An open call as it stands; `undefined` once it is over. */
  reportOf(call: SipCall): CallReport | undefined {
    for (const agent of this.#agents.values()) {
      const report = agent.reportOf(call);
      if (report !== undefined) return report;
    }
    return undefined;
  }

  /** Takes one packet. Never throws. */
  take(bytes: Uint8Array): void {
    this.#counters.packets += 1;
    const packet = decodeHep(bytes);
    if (typeof packet === "string") this.refuse(packet);
    else this.#take(packet);
  }

  /** Counts what could not be cut into packets. */
  refuse(reason: NotHepReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Lets timers run: call it about once a second. */
  advance(): void {
    const nowMs = this.#options.nowMs();
    for (const leaps of this.#leaps.values()) this.#read(leaps.release(nowMs));
    for (const agent of this.#agents.values()) agent.advance(nowMs);
  }

  /** Nothing more is taken: every call is told as it stands. */
  finish(): void {
    const nowMs = this.#options.nowMs();
    for (const leaps of this.#leaps.values()) this.#read(leaps.release(Infinity));
    for (const agent of this.#agents.values()) agent.finish(nowMs);
    this.#agents.clear();
    this.#leaps.clear();
  }

  #take(packet: HepPacket): void {
    const { authenticationKey } = this.#options;
    if (authenticationKey !== undefined && packet.authenticationKey !== authenticationKey) {
      this.#counters.unauthenticated += 1;
      return;
    }
    const { protocolType, atMs, source, destination } = packet;
    const reader = READERS[protocolType ?? -1];
    if (reader === undefined) {
      this.#counters.otherTypes += 1;
      return;
    }
    const payload = payloadOf(packet);
    if (payload === undefined || atMs === undefined || !source || !destination) {
      this.#counters.incomplete += 1;
      return;
    }
    const { agentId = 0, nodeName, ipProtocol } = packet;
    const nowMs = this.#options.nowMs();
    const path = { source, destination };
    // It may be held, and the bytes are borrowed.
    const whole = {
      agentId,
      nodeName,
      ipProtocol,
      reader,
      payload: Buffer.from(payload),
      atMs,
      path,
    };
    this.#read(this.#leapsOf(agentId).take(whole, nowMs));
  }

  #leapsOf(agentId: number): Leaps<Whole> {
    let leaps = this.#leaps.get(agentId);
    if (leaps === undefined) {
      leaps = new Leaps();
      this.#leaps.set(agentId, leaps);
    }
    return leaps;
  }

  #read({ packets, isSetBack }: Believed<Whole>): void {
    for (const [at, whole] of packets.entries()) {
      if (isSetBack && at === 0) this.#beginAnew(whole.agentId);
      const agent = this.#agentOf(whole);
      const { decodeRtcp } = this.#options;
      whole.reader({ ...whole, agent, decodeRtcp, counters: this.#counters });
    }
  }

  /** By a clock that was set back nothing would fall due: no call would be told any more. */
  #beginAnew(agentId: number): void {
    const key = String(agentId);
    this.#agents.get(key)?.finish(this.#options.nowMs());
    this.#agents.delete(key);
  }

  #agentOf({ agentId, nodeName, atMs }: Whole): HepAgent {
    const nowMs = this.#options.nowMs();
    const key = String(agentId);
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      this.#makeRoom(nowMs);
      const observationPoint = nodeName === undefined ? `hep ${key}` : `${nodeName} (hep ${key})`;
      agent = new HepAgent({ ...this.#options, local: this.#local, observationPoint }, atMs, nowMs);
      this.#agents.set(key, agent);
    }
    agent.touch(atMs, nowMs);
    return agent;
  }

  #makeRoom(nowMs: number): void {
    if (this.#agents.size < MAX_AGENTS) return;
    const [oldest] = [...this.#agents].sort(([, a], [, b]) => a.lastNowMs - b.lastNowMs);
    if (oldest === undefined) return;
    this.#agents.delete(oldest[0]);
    this.#leaps.delete(Number(oldest[0]));
    this.#counters.evictedAgents += 1;
    oldest[1].finish(nowMs);
  }
}

/** A packet that has what it needs. */
interface Whole extends RtcpOrigin {
  readonly agentId: number;
  readonly nodeName: string | undefined;
  readonly ipProtocol: number | undefined;
  readonly payload: Uint8Array;
  readonly reader: Reader;
}

interface Taken extends Whole, Pick<HepSourceOptions, "decodeRtcp"> {
  readonly agent: HepAgent;
  readonly counters: HepSourceCounters;
}

type Reader = (taken: Taken) => void;

const READERS: Readonly<Record<number, Reader>> = {
  [PROTOCOL_TYPE.sip]: readSip,
  [PROTOCOL_TYPE.rtcp]: readRtcp,
  [PROTOCOL_TYPE.voiceQuality]: readVoiceQuality,
};

function readSip({ ipProtocol, agent, payload, atMs, path, counters }: Taken): void {
  const transport = ipProtocol === IP_PROTOCOL.tcp ? "tcp" : "udp";
  if (agent.onSip(payload, { atMs, ...path, transport })) counters.sip += 1;
  else counters.malformedSip += 1;
}

function readRtcp({ agent, payload, atMs, path, decodeRtcp, counters }: Taken): void {
  const origin = { atMs, path };
  // The version of RTP is in the first two bits; text begins otherwise.
  const isText = (payload[0] ?? 0) < 0x80;
  const records = isText
    ? recordsOfJson(Buffer.from(payload).toString(), origin)
    : decodeRtcp?.(payload, origin).records;
  if (records === undefined || records.length === 0) counters.malformedRtcp += 1;
  else if (agent.onRtcp(records, origin)) counters.rtcp += 1;
  else counters.rtcpWithoutCall += 1;
}

function readVoiceQuality({ agent, payload, atMs, counters }: Taken): void {
  if (agent.onVoiceQuality(Buffer.from(payload).toString(), atMs)) counters.voiceQuality += 1;
  else counters.malformedVoiceQuality += 1;
}

function payloadOf({ payload, compressedPayload }: HepPacket): Uint8Array | undefined {
  if (payload !== undefined || compressedPayload === undefined) return payload;
  try {
    return unzipSync(compressedPayload, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch {
    return undefined;
  }
}
