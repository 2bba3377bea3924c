/**
 * What phones report of their calls in messages of their own (RFC 6035), until the calls' records are
 * written.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import { parseNameAndUri } from "../sip/address.js";
import type { CallParty, SeenMessage } from "../sip/call.js";
import {
  type VoiceQualityMetrics,
  type VoiceQualityReport,
  voiceQualityReportIn,
} from "../sip/voice-quality.js";
import type { CallEntry } from "./call-entry.js";
import type { VoiceQuality, VoiceQualityRecord } from "./call-report.js";
import { rounded } from "./rounding.js";

/** Calls whose reports are kept; those of the call that was reported on first go first. */
export const MAX_REPORTED_CALLS = 65_536;
/** Reports of one call; the oldest goes first. */
export const MAX_REPORTS_PER_CALL = 64;

interface SeenReport {
  readonly atMs: number;
  /** Comes again in retransmissions and on other hops. */
  readonly text: string;
  readonly report: VoiceQualityReport;
}

/** Reports by the call they name. */
export class VoiceQualityReports {
  readonly #byCallId = new Map<string, SeenReport[]>();
  #evicted = 0;

  /** Reports given up for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes the report that a message carries, if any. */
  observe({ message, atMs }: SeenMessage): void {
    const report = voiceQualityReportIn(message);
    if (report !== undefined) this.take(report, message.bodyText, atMs);
  }

  /** @returns Whether there is a report to take. */
  take(report: VoiceQualityReport | undefined, text: string, atMs: number): boolean {
    if (report === undefined) return false;
    const known = this.#byCallId.get(report.callId);
    if (known === undefined) {
      this.#byCallId.set(report.callId, [{ atMs, text, report }]);
      this.#makeRoom();
    } else if (!known.some((one) => one.text === text)) {
      known.push({ atMs, text, report });
      if (known.length > MAX_REPORTS_PER_CALL) {
        known.shift();
        this.#evicted += 1;
      }
    }
    return true;
  }

  /** The reports on a call, in the order in which they came. */
  of(entry: CallEntry): VoiceQualityRecord[] {
    const { callId, invitedAtMs } = entry.call;
    // A Call-ID that came before may have been another call's.
    const ofThisCall = (this.#byCallId.get(callId) ?? []).filter(({ atMs }) => atMs >= invitedAtMs);
    return ofThisCall.map(({ atMs, report }) =>
      rounded({
        at: isoMicroseconds(atMs),
        kind: report.kind,
        ...present("by", reporterOf(entry, report)),
        ...present("heard", report.localMetrics && voiceQuality(report.localMetrics)),
        ...present("told", report.remoteMetrics && voiceQuality(report.remoteMetrics)),
      }),
    );
  }

  /** Forgets what was reported on a call. */
  forget(callId: string): void {
    this.#byCallId.delete(callId);
  }

  #makeRoom(): void {
    if (this.#byCallId.size <= MAX_REPORTED_CALLS) return;
    const [oldest] = this.#byCallId;
    if (oldest === undefined) return;
    this.#byCallId.delete(oldest[0]);
    this.#evicted += oldest[1].length;
  }
}

function voiceQuality({
  startedAtMs,
  stoppedAtMs,
  ...rest
}: VoiceQualityMetrics): VoiceQuality | undefined {
  return {
    ...(startedAtMs !== undefined && { startedAt: isoMicroseconds(startedAtMs) }),
    ...(stoppedAtMs !== undefined && { stoppedAt: isoMicroseconds(stoppedAtMs) }),
    ...rest,
  };
}

/** Who reports: by where media goes to, else by who is said to have called, else by name. */
function reporterOf(
  entry: CallEntry,
  { originator, local, remote }: VoiceQualityReport,
): CallParty | undefined {
  const { caller, callee } = entry.call;
  const { endpoint } = local;
  if (endpoint !== undefined) {
    const isCaller = entry.place("caller", endpoint) !== undefined;
    const isCallee = entry.place("callee", endpoint) !== undefined;
    if (isCaller !== isCallee) return isCaller ? "caller" : "callee";
  }
  return matching(originator, local.id, remote.id) ?? matching(local.id, caller.uri, callee.uri);
}

/** Which of two addresses is the one looked for; nothing if both or neither. */
function matching(
  wanted: string | undefined,
  caller: string | undefined,
  callee: string | undefined,
): CallParty | undefined {
  if (wanted === undefined) return undefined;
  const isCaller = caller !== undefined && nameOf(caller) === nameOf(wanted);
  const isCallee = callee !== undefined && nameOf(callee) === nameOf(wanted);
  if (isCaller === isCallee) return undefined;
  return isCaller ? "caller" : "callee";
}

/** User and host without scheme, port and parameters, in which addresses of one party differ. */
function nameOf(address: string): string {
  const { uri } = parseNameAndUri(address);
  return uri
    .replace(/^\w+:/, "")
    .replace(/[;?].*$/s, "")
    .replace(/:\d+$/, "")
    .toLowerCase();
}
