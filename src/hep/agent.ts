/**
 * What one capture agent tells: an observation point with calls of its own.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { LiveCalls, type LiveCallsOptions } from "../call/live-calls.js";
import type { CallObserver } from "../call/observer.js";
import { MidPathRoundTrip } from "../rtcp/mid-path-round-trip.js";
import type { RtcpRecord } from "../rtcp/report.js";
import { parseSdp } from "../sdp/session.js";
import type { SeenMessage, SipCall } from "../sip/call.js";
import { scanSipMessage } from "../sip/message.js";
import { sdpBodies } from "../sip/sdp-bodies.js";
import { AgentMedia } from "./agent-media.js";
import type { RtcpOrigin } from "./rtcp-json.js";

/** How an agent's calls are followed. */
export interface AgentOptions extends Pick<
  LiveCallsOptions,
  "local" | "identities" | "maxCalls" | "observationPoint"
> {
  readonly observer: CallObserver;
}

/** Follows what one agent sends. */
export class HepAgent {
  readonly #calls: LiveCalls;
  readonly #media = new Map<SipCall, AgentMedia>();
  readonly #roundTrip = new MidPathRoundTrip();
  readonly #observer: CallObserver;
  /** By the agent's clock, and by ours when that came. */
  #lastAtMs: number;
  #lastNowMs: number;

  /** @param atMs Of its first packet. */
  constructor({ observer, ...options }: AgentOptions, atMs: number, nowMs: number) {
    this.#observer = observer;
    this.#lastAtMs = atMs;
    this.#lastNowMs = nowMs;
    this.#calls = new LiveCalls({
      ...options,
      attachedAtMs: atMs,
      observer: {
        ...forwarded(observer),
        onCall: (report, details) => {
          this.#media.delete(details.call);
          observer.onCall?.(report, details);
        },
      },
    });
  }

  /** When it last sent something, by our clock. */
  get lastNowMs(): number {
    return this.#lastNowMs;
  }

  /** How many calls are open. */
  get openCalls(): number {
    return this.#calls.calls.length;
  }

  /** Open calls as they stand. */
  snapshot(): CallReport[] {
    return this.#calls.snapshot();
  }

  /** An open call as it stands; `undefined` once it is over, or if it is of another agent. */
  reportOf(call: SipCall): CallReport | undefined {
    return this.#calls.reportOf(call);
  }

  /** @returns False if the payload is no SIP message. */
  onSip(payload: Uint8Array, seen: Omit<SeenMessage, "message" | "hasDescription">): boolean {
    const message = scanSipMessage(payload);
    if (typeof message === "string") return false;
    const sessions = sdpBodies(message)
      .map((body) => parseSdp(body))
      .filter((session) => typeof session !== "string");
    const hasDescription = sessions.length > 0;
    this.#calls.onMessage({ ...seen, message, hasDescription }, sessions);
    return true;
  }

  /** @returns False if it is about media of no call that is known. */
  onRtcp(records: readonly RtcpRecord[], { atMs, path }: RtcpOrigin): boolean {
    const claim = this.#calls.callOfRtcp({ ...path, fromMs: atMs, toMs: atMs });
    if (claim === undefined) return false;
    const { call } = claim.entry;
    const media = this.#mediaOf(call);
    for (const record of records) {
      media.observe(record, claim.flow);
      for (const { kind, seconds } of this.#roundTrip.observe(record)) {
        if (kind === "full") media.addRoundTrip(seconds);
      }
    }
    this.#observer.onRtcp?.({ callId: call.callId, atMs, path, records });
    return true;
  }

  /** @returns False if the text is no report. */
  onVoiceQuality(text: string, atMs: number): boolean {
    return this.#calls.onVoiceQuality(text, atMs);
  }

  /** Notes that the agent lives, and what its clock says. */
  touch(atMs: number, nowMs: number): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    this.#lastNowMs = nowMs;
  }

  /** Time goes on at the agent as it does here. */
  advance(nowMs: number): void {
    this.#calls.advance(this.#atMs(nowMs));
  }

  /** Nothing more is taken: every call is told as it stands. */
  finish(nowMs: number): void {
    this.#calls.finish(this.#atMs(nowMs));
  }

  #atMs(nowMs: number): number {
    return this.#lastAtMs + Math.max(0, nowMs - this.#lastNowMs);
  }

  #mediaOf(call: SipCall): AgentMedia {
    let media = this.#media.get(call);
    if (media === undefined) {
      media = new AgentMedia();
      this.#media.set(call, media);
      const { callId, callerTag: fromTag } = call;
      this.#calls.bind({ callId, fromTag }, media);
    }
    return media;
  }
}

function forwarded(observer: CallObserver): CallObserver {
  return {
    onSipEvent: (event, context) => observer.onSipEvent?.(event, context),
    onMessage: (seen) => observer.onMessage?.(seen),
  };
}
