/**
 * The user agents of a probe: each is one observation point with a tracker of its own.
 *
 * @module
 */

import { attachDrachtio } from "../attach/drachtio.js";
import type { IceCredentials } from "../attach/ice-credentials.js";
import { attachJsSip } from "../attach/jssip.js";
import type { AttachOptions, SipAttachment } from "../attach/sip-attachment.js";
import { attachSipJs, type AttachSipJsOptions } from "../attach/sip-js.js";
import type { MediaBinding } from "../attach/sip-observer.js";
import type { DrachtioSrf, JsSipUserAgent } from "../attach/sip-ports.js";
import { type SipSink, SipTap, type SipTapCounters } from "../attach/sip-tap.js";
import { LiveCalls, type LiveCallsOptions } from "../call/live-calls.js";
import type { SessionDescription } from "../sdp/description.js";
import type { SeenMessage } from "../sip/call.js";
import type { AdoptedDialog, LocalAbort, SendFailure } from "../sip/tracker-inputs.js";
import type { CallSource } from "./connection.js";

/** Lost for so long without a message since, a transport will not come back: its calls are nobody's. */
const LOST_FOR_GOOD_MS = 32_000;

/** SIP stacks that there are adapters for. */
export type SipStack = "sip.js" | "jssip" | "drachtio-srf";

/** What an agent is given by its probe. */
export interface SipAgentContext {
  readonly calls: Omit<LiveCallsOptions, "observer" | "attachedAtMs">;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
  readonly observerOf: (agent: SipAgent) => LiveCallsOptions["observer"];
  readonly bindMedia: (agent: SipAgent, binding: MediaBinding) => void;
}

/** How to attach to a user agent. */
export interface SipAgentOptions extends Pick<AttachSipJsOptions, "getPeerConnection"> {
  /** @default by what the object has */
  readonly stack?: SipStack;
}

/** One attached user agent, or some dialogs of it. */
export class SipAgent implements SipSink, CallSource {
  readonly calls: LiveCalls;
  readonly stack: SipStack;
  readonly #tap = new SipTap(this);
  readonly #context: SipAgentContext;
  readonly #attachment: SipAttachment;
  /** Call-IDs of open calls that are followed; without it all are. */
  readonly #only: Set<string> | undefined;
  #lostAtMs: number | undefined;
  #isClosed = false;

  constructor(
    userAgent: object,
    only: Set<string> | undefined,
    options: SipAgentOptions,
    context: SipAgentContext,
  ) {
    this.#context = context;
    this.#only = only;
    this.stack = options.stack ?? stackOf(userAgent);
    this.calls = new LiveCalls({
      ...context.calls,
      attachedAtMs: context.nowMs(),
      observer: this.#observer(),
    });
    this.#attachment = this.#attach(userAgent, options);
  }

  get capabilities(): SipAttachment["capabilities"] {
    return this.#attachment.capabilities;
  }

  get counters(): SipTapCounters {
    return this.#tap.counters;
  }

  /** From the beginning of its end. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it is followed for single dialogs, none of which is left. */
  get isIdle(): boolean {
    return this.#only?.size === 0;
  }

  /** Follows the calls of a Call-ID, too, where not all are followed. */
  follow(callId: string): void {
    if (this.#only === undefined || this.#only.has(callId)) return;
    this.#only.add(callId);
    this.#attachment.takeUp(callId);
  }

  /** Tells the calls of a Call-ID as they stand, unless all are followed; whether it did. */
  leave(callId: string, atMs: number): boolean {
    if (this.#only?.delete(callId) !== true) return false;
    this.calls.abandon(callId, atMs);
    return true;
  }

  callIdOf(credentials: IceCredentials): string | undefined {
    return this.#tap.callIdOf(credentials);
  }

  onMessage(seen: SeenMessage, sessions: readonly SessionDescription[]): void {
    this.#lostAtMs = undefined;
    const { callId } = seen.message;
    if (!this.#follows(callId)) return;
    this.calls.onMessage(seen, sessions);
    if (seen.direction === "out" && sessions.length > 0 && callId !== undefined) {
      this.#attachment.lookForMedia(callId);
    }
  }

  sendFailed(failure: SendFailure): void {
    if (this.#follows(failure.message.callId)) this.calls.sendFailed(failure);
  }

  localAbort(abort: LocalAbort): void {
    if (this.#follows(abort.callId)) this.calls.localAbort(abort);
  }

  adopt(dialog: AdoptedDialog): void {
    if (this.#follows(dialog.callId)) this.calls.adopt(dialog);
  }

  abandonAll(atMs: number): void {
    this.calls.abandonAll(atMs);
  }

  transportLost(atMs: number): void {
    this.#lostAtMs ??= atMs;
  }

  transportBack(): void {
    this.#lostAtMs = undefined;
  }

  bindMedia(binding: MediaBinding): void {
    if (this.#follows(binding.callId)) this.#context.bindMedia(this, binding);
  }

  /** Lets timers run. */
  advance(atMs: number): void {
    this.calls.advance(atMs);
    if (this.#lostAtMs === undefined || atMs - this.#lostAtMs < LOST_FOR_GOOD_MS) return;
    this.#lostAtMs = undefined;
    this.calls.abandonAll(atMs);
  }

  /** Takes the hooks out and tells every open call as it stands. */
  close(atMs: number): void {
    this.#isClosed = true;
    this.#attachment.detach();
    this.calls.close(atMs);
  }

  #follows(callId: string | undefined): boolean {
    return this.#only === undefined || (callId !== undefined && this.#only.has(callId));
  }

  /** A call that is over is not looked for any more. */
  #observer(): LiveCallsOptions["observer"] {
    const observer = this.#context.observerOf(this);
    const only = this.#only;
    if (only === undefined) return observer;
    return {
      ...observer,
      onCall: (report, details) => {
        if (!this.calls.has(report.callId)) only.delete(report.callId);
        observer?.onCall?.(report, details);
      },
    };
  }

  #attach(userAgent: object, { getPeerConnection }: SipAgentOptions): SipAttachment {
    const { nowMs, onError } = this.#context;
    const options: AttachOptions = { nowMs, onError };
    switch (this.stack) {
      case "sip.js":
        return attachSipJs(userAgent, this.#tap, {
          ...options,
          ...(getPeerConnection !== undefined && { getPeerConnection }),
        });
      case "jssip":
        return attachJsSip(userAgent as JsSipUserAgent, this.#tap, options);
      case "drachtio-srf":
        return attachDrachtio(userAgent as DrachtioSrf, this.#tap, options);
    }
  }
}

function stackOf(userAgent: unknown): SipStack {
  const isHolder =
    (typeof userAgent === "object" && userAgent !== null) || typeof userAgent === "function";
  if (isHolder) {
    if ("userAgentCore" in userAgent) return "sip.js";
    if ("newRTCSession" in userAgent) return "jssip";
    if ("_app" in userAgent) return "drachtio-srf";
  }
  throw new TypeError(
    "The user agent is of no known SIP stack: sip.js, JsSIP and drachtio-srf are known. " +
      'If it is one of them behind a wrapper, name it: { stack: "sip.js" }.',
  );
}
