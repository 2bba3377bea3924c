/**
 * The recordings in `fixtures/` and what is known of them from elsewhere: counted by the tools that
 * sent, received or impaired the packets.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { IssueKind } from "../../src/call/call-report.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import type {
  ByeReasonClass,
  CallParty,
  OutcomeVia,
  Reason,
  RefreshResult,
} from "../../src/sip/call.js";

/** Truth about one stream. What the tool did not count is absent. */
export interface KnownStream {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly ssrc: number;
  /** As captured, duplicates included. */
  readonly packetsReceived?: number;
  readonly packetsExpected?: number;
  /** Signed, as RFC 3550 has it. */
  readonly packetsLost?: number;
  /** Sequence numbers that never came. */
  readonly packetsMissing?: number;
  readonly packetsDuplicated?: number;
  readonly packetsReordered?: number;
  /** How many runs of lost packets there were, by length. */
  readonly lossRuns?: Readonly<Record<string, number>>;
}

const ROOT = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** Folders that hold one capture each, in alphabetical order. */
export function fixtureNames(): string[] {
  return readdirSync(ROOT)
    .filter((name) => captureOf(name) !== undefined)
    .sort();
}

/**
 * Path of a fixture's capture.
 *
 * @throws {RangeError} If there is no such fixture.
 */
export function fixtureCapture(name: string): string {
  const path = captureOf(name);
  if (path === undefined) throw new RangeError(`There is no capture in fixtures/${name}.`);
  return path;
}

/** What is known of a fixture's streams; empty where nothing is. */
export function knownStreams(name: string): KnownStream[] {
  const path = `${ROOT}${name}/known.json`;
  if (!existsSync(path)) return [];
  const known = JSON.parse(readFileSync(path, "utf8")) as { streams: RawStream[] };
  return known.streams.map((stream) => ({
    ...stream,
    source: endpoint(stream.source),
    destination: endpoint(stream.destination),
    ssrc: Number(stream.ssrc),
  }));
}

interface RawStream extends Omit<KnownStream, "source" | "destination" | "ssrc"> {
  readonly source: string | Endpoint;
  readonly destination: string | Endpoint;
  readonly ssrc: string | number;
}

function captureOf(name: string): string | undefined {
  return ["capture.pcap", "capture.pcap.gz", "capture.pcapng"]
    .map((file) => `${ROOT}${name}/${file}`)
    .find((path) => existsSync(path));
}

function endpoint(written: string | Endpoint): Endpoint {
  if (typeof written !== "string") return written;
  const [, address = "", port = ""] = /^\[?(.+?)\]?:(\d+)$/.exec(written) ?? [];
  return { address, port: Number(port) };
}

/**
 * Truth about one call, from what its peers were told to do and what they logged. What they do not
 * tell is absent.
 */
export interface KnownCall {
  readonly callId: string;
  /** Of the last attempt: its final response. */
  readonly statusCode?: number;
  readonly via?: OutcomeVia;
  /** INVITEs of one outcome, challenged ones included. */
  readonly attempts?: number;
  readonly cancelled?: boolean;
  readonly endedBy?: CallParty;
  /** Only where the BYE says why, or by saying nothing says that it is normal. */
  readonly byeReasonClass?: ByeReasonClass;
  /** Of the BYE, in order. */
  readonly reasons?: readonly Reason[];
  /** How many hops of the call the capture shows. */
  readonly hops?: number;
  /** Every one of them, in order. */
  readonly refreshes?: readonly RefreshResult[];
  /** The session timer as last granted. */
  readonly intervalSeconds?: number;
  /** Who is to refresh in the end. */
  readonly refresher?: CallParty;
  /** At least these. */
  readonly issues?: readonly IssueKind[];
  /** What it was made to look like, and is not. */
  readonly absentIssues?: readonly IssueKind[];
  /** Of every stream of the call that the capture shows. */
  readonly ssrcs?: readonly number[];
  /** In the capture, retransmissions and every hop included. */
  readonly messages?: number;
  /** What is special about it, for a person. */
  readonly why?: string;
}

/** What is known of a fixture's calls by their Call-ID; empty where nothing is. */
export function knownCalls(name: string): KnownCall[] {
  const path = `${ROOT}${name}/known.json`;
  if (!existsSync(path)) return [];
  const { calls = [] } = JSON.parse(readFileSync(path, "utf8")) as { calls?: RawCall[] };
  return calls.flatMap(({ callId, ssrcs, ...call }) =>
    callId === undefined ? [] : [{ callId, ...call, ...(ssrcs && { ssrcs: ssrcs.map(Number) }) }],
  );
}

/** Older recordings count calls that end alike instead of naming them. */
interface RawCall extends Omit<KnownCall, "callId" | "ssrcs"> {
  readonly callId?: string;
  readonly ssrcs?: readonly string[];
}
