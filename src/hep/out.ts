/**
 * Tells Homer of calls: their SIP and RTCP, reports on their streams, and what was found wrong.
 * Everything carries the Call-ID, by which Homer shows it with the call.
 *
 * @module
 */

import type { ConnectionOptions } from "node:tls";

import type { CallReport } from "../call/call-report.js";
import type { CallObserver, CallRtcp } from "../call/observer.js";
import type { StreamReport } from "../call/report.js";
import { flowTo, mainAudio, voiceQualityText } from "../call/voice-quality-text.js";
import type { Endpoint } from "../net/endpoint.js";
import type { SeenMessage } from "../sip/call.js";
import { encodeHep } from "./codec.js";
import { parseCollector } from "./collector.js";
import { HepLink, type LinkCounters } from "./link.js";
import { type HepPacket, IP_PROTOCOL, MAX_AGENT_ID, PROTOCOL_TYPE } from "./packet.js";
import { rtcpJson } from "./rtcp-json.js";
import { finalReport, type HepStreamReport, intervalReport } from "./stream-report.js";

/** Numbers by which a collector tells payloads apart. */
export type HepProtocolTypes = Readonly<Record<keyof typeof PROTOCOL_TYPE, number>>;

/** How Homer is told. */
export interface HepSinkOptions {
  /** `udp://host:9060`, `tcp://…` or `tls://…`. */
  readonly collector: string;
  /** From 0 to 4294967295. @default 2001 */
  readonly agentId?: number;
  /** A name for this probe. */
  readonly nodeName?: string;
  /** The password of the capture node. */
  readonly authenticationKey?: string;
  /** Where the collector has other numbers, from 0 to 255. */
  readonly protocolTypes?: Partial<HepProtocolTypes>;
  /** Applied to every text that leaves: SIP messages, voice quality reports, logs. */
  readonly mask?: (text: string) => string;
  /** Bytes that wait while the collector is slow or away; beyond them packets are dropped. @default 4194304 */
  readonly maxQueueBytes?: number;
  /** For `tls://`, as Node has them; certificates are checked unless this says otherwise. */
  readonly tls?: ConnectionOptions;
}

/** What became of packets. */
export interface HepSinkCounters extends LinkCounters {
  /** Longer than a packet of HEP can be. */
  readonly tooLong: number;
  /** Texts that `mask` threw at, and which therefore did not leave. */
  readonly unmasked: number;
}

export const DEFAULT_AGENT_ID = 2001;
const DEFAULT_QUEUE_BYTES = 4 * 1024 * 1024;
/** Calls whose intervals are told as they end; of further ones they are told at the call's end. */
const MAX_CALLS_IN_INTERVALS = 65_536;

/** What a packet is about, besides its payload. */
interface About extends Pick<HepPacket, "mos" | "rFactor" | "jitterMs" | "ipProtocol"> {
  readonly callId: string | undefined;
  readonly atMs: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** A sink that sends to one collector. It never waits for it, nor throws. */
export class HepSink implements CallObserver {
  readonly #options: HepSinkOptions;
  readonly #types: HepProtocolTypes;
  readonly #link: HepLink;
  /** The end of the newest interval that was told, by call and stream. */
  readonly #toldUntil = new Map<string, Map<string, string>>();
  #tooLong = 0;
  #unmasked = 0;

  /** @throws {RangeError} If an option is outside its range. */
  constructor(options: HepSinkOptions) {
    const { agentId = DEFAULT_AGENT_ID, maxQueueBytes = DEFAULT_QUEUE_BYTES } = options;
    const types = { ...PROTOCOL_TYPE, ...options.protocolTypes };
    requireWhole("agentId", agentId, MAX_AGENT_ID);
    requireWhole("maxQueueBytes", maxQueueBytes, Number.MAX_SAFE_INTEGER);
    for (const [name, type] of Object.entries(types)) {
      requireWhole(`protocolTypes.${name}`, type, 255);
    }
    this.#options = { ...options, agentId };
    this.#types = types;
    const collector = parseCollector(options.collector);
    this.#link = new HepLink({ collector, tls: options.tls, maxQueueBytes });
  }

  get counters(): HepSinkCounters {
    return { ...this.#link.counters, tooLong: this.#tooLong, unmasked: this.#unmasked };
  }

  onMessage({ message, atMs, source, destination, transport }: SeenMessage): void {
    const { callId } = message;
    const ipProtocol = transport === "udp" ? IP_PROTOCOL.udp : IP_PROTOCOL.tcp;
    this.#sendText("sip", message.bytes, { callId, atMs, source, destination, ipProtocol });
  }

  onRtcp({ callId, atMs, path, records }: CallRtcp): void {
    const json = rtcpJson(records);
    if (json !== undefined) this.#send("rtcp", Buffer.from(json), { callId, atMs, ...path });
  }

  onInterval(call: CallReport): void {
    this.#tellIntervals(call, false);
  }

  onCall(call: CallReport): void {
    this.#tellIntervals(call, true);
    this.#toldUntil.delete(call.callId);
    for (const stream of call.streams) this.#sendReport(call, stream, finalReport(call, stream));
    this.#tellVoiceQuality(call);
    this.#tellFindings(call);
  }

  /** Resolves when everything is handed over, at the latest after some seconds. */
  async flush(): Promise<void> {
    await this.#link.flush();
  }

  /** Flushes and closes; what still comes is dropped. */
  async close(limitMs?: number): Promise<void> {
    await this.#link.close(limitMs);
  }

  /** Of a call that goes on, the last interval of each stream goes on too. */
  #tellIntervals(call: CallReport, isOver: boolean): void {
    let told = this.#toldUntil.get(call.callId);
    if (told === undefined) {
      told = new Map();
      if (this.#toldUntil.size < MAX_CALLS_IN_INTERVALS) this.#toldUntil.set(call.callId, told);
    }
    for (const stream of call.streams) {
      const key = `${stream.ssrc} ${stream.source.address} ${stream.source.port}`;
      const until = told.get(key) ?? "";
      for (const interval of isOver ? stream.intervals : stream.intervals.slice(0, -1)) {
        if (interval.to <= until) continue;
        this.#sendReport(call, stream, intervalReport(call, stream, interval));
        told.set(key, interval.to);
      }
    }
  }

  #sendReport(call: CallReport, stream: StreamReport, report: HepStreamReport): void {
    const { json, figures } = report;
    const { callId } = call;
    const { source, destination } = stream;
    this.#send("rtpReport", Buffer.from(json), { ...figures, callId, source, destination });
  }

  /** The report of the local party, and its score for who reads no text. */
  #tellVoiceQuality(call: CallReport): void {
    const party = call.localParty ?? "callee";
    const text = voiceQualityText(call, party);
    const stream =
      mainAudio(call, flowTo(party)) ?? call.streams.find(({ mediaType }) => mediaType === "audio");
    if (text === undefined || stream === undefined) return;
    const { source, destination } = stream;
    const { figures } = finalReport(call, stream);
    const about = { ...figures, callId: call.callId, source, destination };
    this.#sendText("voiceQuality", Buffer.from(text), about);
  }

  /** Each issue and caveat as a line of log. */
  #tellFindings(call: CallReport): void {
    const source = call.caller?.endpoint;
    const destination = call.callee?.endpoint;
    const { endedAt, answeredAt, invitedAt } = call.course;
    const at = endedAt ?? answeredAt ?? invitedAt;
    if (source === undefined || destination === undefined || at === undefined) return;
    const { callId } = call;
    const lines = [
      ...call.issues.map(({ kind, detail, from }) => ({ kind, detail, at: from ?? at })),
      ...call.confidence.map(({ kind, detail }) => ({ kind, detail, at })),
    ];
    for (const { kind, detail, at: lineAt } of lines) {
      const about = { callId, atMs: Date.parse(lineAt), source, destination };
      this.#sendText("log", Buffer.from(`mediaprobe ${kind}: ${detail}`), about);
    }
  }

  /** The one place where text leaves. */
  #sendText(type: keyof HepProtocolTypes, text: Uint8Array, about: About): void {
    const { mask } = this.#options;
    if (mask === undefined) {
      this.#send(type, text, about);
      return;
    }
    try {
      this.#send(type, Buffer.from(mask(Buffer.from(text).toString("utf8"))), about);
    } catch {
      this.#unmasked += 1;
    }
  }

  #send(type: keyof HepProtocolTypes, payload: Uint8Array, { callId, ...about }: About): void {
    const { agentId, nodeName, authenticationKey } = this.#options;
    const packet = encodeHep({
      ipProtocol: IP_PROTOCOL.udp,
      ...about,
      protocolType: this.#types[type],
      ...(agentId !== undefined && { agentId }),
      ...(nodeName !== undefined && { nodeName }),
      ...(authenticationKey !== undefined && { authenticationKey }),
      ...(callId !== undefined && { correlationId: callId }),
      payload,
    });
    if (packet === undefined) this.#tooLong += 1;
    else this.#link.send(packet);
  }
}

function requireWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`${name} is ${value}; it must be a whole number from 0 to ${most}`);
}
