/**
 * Voice quality reports of phones (RFC 6035, `application/vq-rtcpxr`), read as phones write them:
 * in any case and order, with or without spaces, with fields missing, glued together, or holding the
 * values that stand for unknown (RFC 3611 §4.7).
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { SipMessage } from "./message.js";

/** Bytes of a report that are read; one of RFC 6035 has about 1500. */
const MAX_REPORT_BYTES = 16_384;

/** What one end states of the audio it hears. What it does not know is absent. */
export interface VoiceQualityMetrics {
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly payloadType?: number;
  readonly codec?: string;
  /** As written: for G.722 phones write its RTP clock or its sample rate. */
  readonly sampleRateHz?: number;
  /** Lost in the network, from 0 to 1. */
  readonly lossRatio?: number;
  /** Discarded by the jitter buffer, from 0 to 1. */
  readonly discardRatio?: number;
  readonly burstDensityRatio?: number;
  readonly burstDurationSeconds?: number;
  readonly gapDensityRatio?: number;
  readonly gapDurationSeconds?: number;
  /** Interarrival jitter (RFC 3550). */
  readonly jitterSeconds?: number;
  /** Mean absolute jitter (ITU-T G.1020). */
  readonly meanAbsoluteJitterSeconds?: number;
  readonly roundTripSeconds?: number;
  readonly endSystemDelaySeconds?: number;
  /** Half of the round trip and both end systems' delay. */
  readonly oneWayDelaySeconds?: number;
  readonly jitterBufferSeconds?: number;
  /** Relative to 0 dBm0. */
  readonly signalLevelDbm?: number;
  readonly noiseLevelDbm?: number;
  readonly residualEchoReturnLossDb?: number;
  /** Listening quality, 0 to 120. */
  readonly rFactorLq?: number;
  /** Conversational quality, 0 to 120. */
  readonly rFactorCq?: number;
  /** 1 to 5. */
  readonly mosLq?: number;
  readonly mosCq?: number;
}

/** One end of the call as a report names it. */
export interface VoiceQualityParty {
  /** As written in LocalID or RemoteID. */
  readonly id?: string;
  readonly endpoint?: Endpoint;
  readonly ssrc?: number;
}

/** One report. */
export interface VoiceQualityReport {
  /** `session` at the end of a call or of a part of it, `alert` when a limit is passed. */
  readonly kind: "session" | "interval" | "alert";
  readonly callId: string;
  /** Who began the call, as written. */
  readonly originator?: string;
  /** Who reports. */
  readonly local: VoiceQualityParty;
  readonly remote: VoiceQualityParty;
  readonly localMetrics?: VoiceQualityMetrics;
  /** What the far end told the reporter, as by RTCP XR. */
  readonly remoteMetrics?: VoiceQualityMetrics;
}

/** What may bring a report (RFC 6035 §3). */
const METHODS: ReadonlySet<string> = new Set(["PUBLISH", "NOTIFY"]);

/** The report that a message carries, if it carries one that names its call. */
export function voiceQualityReportIn(message: SipMessage): VoiceQualityReport | undefined {
  if (message.kind !== "request" || !METHODS.has(message.method)) return undefined;
  if (message.contentType?.type !== "application/vq-rtcpxr") return undefined;
  return parseVoiceQualityReport(message.bodyText);
}

const KINDS: ReadonlyMap<string, VoiceQualityReport["kind"]> = new Map([
  ["vqsessionreport", "session"],
  ["vqintervalreport", "interval"],
  ["vqalertreport", "alert"],
]);

/**
 * Reads a report. Never throws.
 *
 * @returns `undefined` if the text is no report, or does not say of which call.
 */
export function parseVoiceQualityReport(text: string): VoiceQualityReport | undefined {
  const sections = { session: new Map(), local: new Map(), remote: new Map() } as Sections;
  let kind: VoiceQualityReport["kind"] | undefined;
  let section: keyof Sections = "session";
  for (const line of text.slice(0, MAX_REPORT_BYTES).split(/[\r\n]+/)) {
    const [, written = "", value = ""] = /^\s*([A-Za-z][\w-]*)\s*(?::(.*))?$/s.exec(line) ?? [];
    const name = written.toLowerCase();
    if (KINDS.has(name)) kind ??= KINDS.get(name);
    else if (name === "localmetrics") section = "local";
    else if (name === "remotemetrics") section = "remote";
    // Some phones write what is of the session below the metrics.
    else sections[SESSION_FIELDS.has(name) ? "session" : section].set(name, value.trim());
  }
  const { session } = sections;
  const [dialog = ""] = (session.get("dialogid") ?? "").split(";");
  const callId = session.get("callid") ?? dialog.trim();
  if (kind === undefined || callId === "") return undefined;
  const originator = session.get("origid");
  const [local, remote] = [metricsOf(sections.local), metricsOf(sections.remote)];
  return {
    kind,
    callId,
    ...(originator && { originator }),
    local: partyOf(session, "localid", "localaddr"),
    remote: partyOf(session, "remoteid", "remoteaddr"),
    ...(local && { localMetrics: local }),
    ...(remote && { remoteMetrics: remote }),
  };
}

type Fields = Map<string, string>;

interface Sections {
  readonly session: Fields;
  readonly local: Fields;
  readonly remote: Fields;
}

const SESSION_FIELDS: ReadonlySet<string> = new Set([
  "callid",
  "dialogid",
  "origid",
  "localid",
  "remoteid",
  "localaddr",
  "remoteaddr",
]);

function partyOf(fields: Fields, idName: string, addressName: string): VoiceQualityParty {
  const id = fields.get(idName);
  const values = assignments(fields.get(addressName));
  const written = values.get("ip") ?? "";
  const port = values.get("port");
  // One phone writes both as one: IP=192.0.2.1:49194.
  const [, before, glued] =
    (port === undefined ? /^(\[.*\]|[^:]*):(\d+)$/.exec(written) : null) ?? [];
  const address = (before ?? written).replace(/^\[(.*)\]$/, "$1");
  const number = Number(port ?? glued ?? NaN);
  const ssrc = ssrcOf(values.get("ssrc"));
  return {
    ...(id && { id }),
    ...(address !== "" &&
      number >= 1 &&
      number <= 65_535 && { endpoint: { address, port: number } }),
    ...(ssrc !== undefined && { ssrc }),
  };
}

/** In hexadecimal, or as a number; 0 stands for unknown. */
function ssrcOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const value = /^\d+$/.test(written)
    ? Number(written)
    : /^(?:0x)?[0-9a-f]{1,8}$/i.test(written)
      ? Number.parseInt(written.replace(/^0x/i, ""), 16)
      : 0;
  return value > 0 && value <= 0xffff_ffff ? value : undefined;
}

/**
 * `NAME=value` pairs by lower-case name, however they are set apart. Names are short: where any length is
 * tried from every letter on, one line of a report takes a second.
 */
function assignments(line: string | undefined): Fields {
  // One phone forgets the blank between a number and the next name.
  const spaced = (line ?? "").replace(/(\d)([A-Z]{2,}=)/g, "$1 $2");
  const found: Fields = new Map();
  for (const [, name = "", value = ""] of spaced.matchAll(
    /([A-Za-z]\w{0,31})\s*=\s*("[^"]*"|[^\s;]*)/g,
  )) {
    found.set(name.toLowerCase(), value.replaceAll('"', ""));
  }
  return found;
}

function metricsOf(fields: Fields): VoiceQualityMetrics | undefined {
  const values = new Map([...fields.values()].flatMap((line) => [...assignments(line)]));
  const number = (name: string): number => numberOf(values.get(name));
  const found = Object.entries({
    startedAtMs: instantOf(values.get("start")),
    stoppedAtMs: instantOf(values.get("stop")),
    payloadType: within(number("pt"), 0, 127),
    codec: values.get("pd"),
    sampleRateHz: within(number("sr"), 1, 1e6),
    lossRatio: within(number("nlr") / 100, 0, 1),
    discardRatio: within(number("jdr") / 100, 0, 1),
    burstDensityRatio: within(number("bld") / 100, 0, 1),
    burstDurationSeconds: within(number("bd") / 1000, 0, MAX_DURATION_SECONDS),
    gapDensityRatio: within(number("gld") / 100, 0, 1),
    gapDurationSeconds: within(number("gd") / 1000, 0, MAX_DURATION_SECONDS),
    jitterSeconds: within(number("iaj") / 1000, 0, MAX_DELAY_SECONDS),
    meanAbsoluteJitterSeconds: within(number("maj") / 1000, 0, MAX_DELAY_SECONDS),
    // A delay of 0 is one that was not measured (RFC 3611 §4.7.3).
    roundTripSeconds: above0(number("rtd") / 1000),
    endSystemDelaySeconds: above0(number("esd") / 1000),
    oneWayDelaySeconds: above0(numberOf(values.get("sowd") ?? values.get("owd")) / 1000),
    jitterBufferSeconds: above0(number("jbn") / 1000),
    signalLevelDbm: within(number("sl"), -126, 126),
    noiseLevelDbm: within(number("nl"), -126, 126),
    residualEchoReturnLossDb: within(number("rerl"), 0, 126),
    rFactorLq: within(number("rlq"), 1, 120),
    rFactorCq: within(number("rcq"), 1, 120),
    mosLq: mosOf(number("moslq")),
    mosCq: mosOf(number("moscq")),
  }).filter(([, value]) => value !== undefined && value !== "");
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

const MAX_DURATION_SECONDS = 65.535 * 60;
const MAX_DELAY_SECONDS = 65.535;

function numberOf(written: string | undefined): number {
  const plain = written?.replace(",", ".").replace(/%$/, "") ?? "";
  return /^[+-]?\d{1,12}(?:\.\d{1,12})?$/.test(plain) ? Number(plain) : NaN;
}

function within(value: number, least: number, most: number): number | undefined {
  return value >= least && value <= most ? value : undefined;
}

const above0 = (seconds: number): number | undefined =>
  seconds > 0 ? within(seconds, 0, MAX_DELAY_SECONDS) : undefined;

/** From 1 to 5, or ten times that, as in RTCP XR; 0 and 127 stand for unknown. */
const mosOf = (value: number): number | undefined =>
  within(value, 1, 5) ?? within(value / 10, 1, 5);

/** A date of which the zone is missing is in UTC, as RFC 6035 has all. */
function instantOf(written: string | undefined): number | undefined {
  if (written === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(written)) return undefined;
  const atMs = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(written) ? written : `${written}Z`);
  return Number.isNaN(atMs) ? undefined : atMs;
}
