/**
 * The session timer of one call (RFC 4028): what was offered, what was granted, who refreshes, and
 * whether that was done in time.
 *
 * @module
 */

import {
  type CallParty,
  type RefreshResult,
  type SessionRefresh,
  type SessionTimer,
  otherParty,
} from "./call.js";
import type { SipMessage } from "./message.js";
import { findParameter } from "./parameters.js";

/** Refreshes of one call that are kept; the oldest go first. */
export const MAX_REFRESHES = 1024;

/** A party that waits for a refresh hangs up that long before the session runs out (§10). */
const HANG_UP_BEFORE_MS = 32_000;

/** Who hangs up so long after the session ran out has other reasons. */
const HEEDED_FOR_MS = 32_000;

/** The two ends start their clocks a little before and after we see the 2xx. */
const CLOCK_TOLERANCE_MS = 500;

const MAX_INTERVAL_SECONDS = 0xffffffff;

/** Who refreshes, relative to one transaction. */
type RefresherRole = "uac" | "uas";

/** A Session-Expires header field, taken apart. */
export interface SessionExpires {
  readonly intervalSeconds: number;
  readonly refresher?: RefresherRole;
}

/** Session-Expires of a message, or nothing if absent or unusable. */
export function sessionExpiresOf(message: SipMessage): SessionExpires | undefined {
  const value = message.header("session-expires");
  if (value === undefined) return undefined;
  const intervalSeconds = deltaSeconds(value);
  if (intervalSeconds === undefined) return undefined;
  const role = findParameter(value, 0, "refresher")?.toLowerCase();
  return role === "uac" || role === "uas"
    ? { intervalSeconds, refresher: role }
    : { intervalSeconds };
}

/** Min-SE of a message in seconds, or nothing if absent or unusable. */
export function minSessionExpiresOf(message: SipMessage): number | undefined {
  const value = message.header("min-se");
  return value === undefined ? undefined : deltaSeconds(value);
}

function deltaSeconds(value: string): number | undefined {
  const digits = /^\s*(\d{1,10})\s*(?:;|$)/.exec(value)?.[1];
  const seconds = Number(digits);
  return seconds > 0 && seconds <= MAX_INTERVAL_SECONDS ? seconds : undefined;
}

/** An INVITE or UPDATE as far as it concerns the session timer. */
export interface RefreshRequest {
  readonly by: CallParty;
  readonly method: "INVITE" | "UPDATE";
  /** The call's first INVITE and its retries: it starts a session, it does not refresh one. */
  readonly isInitial: boolean;
  readonly offered: SessionExpires | undefined;
}

/** Follows one call's session timer. */
export class SessionClock {
  #granted: { readonly intervalSeconds: number; readonly refresher: CallParty } | undefined;
  #expiresAtMs: number | undefined;
  #isRunning = false;
  #isExpired = false;
  #rejections = 0;
  #lastMethod: "INVITE" | "UPDATE" = "INVITE";
  readonly #refreshes: SessionRefresh[] = [];

  /** What a call record says of it, or nothing as long as no timer was granted or refused. */
  get state(): SessionTimer | undefined {
    if (this.#granted === undefined) return undefined;
    return {
      ...this.#granted,
      refreshes: this.#refreshes,
      ...(this.#expiresAtMs === undefined ? {} : { expiresAtMs: this.#expiresAtMs }),
      isExpired: this.#isExpired,
    };
  }

  /** When the session runs out, `Infinity` if it does not. */
  get dueAtMs(): number {
    return this.#isRunning && !this.#isExpired ? (this.#expiresAtMs ?? Infinity) : Infinity;
  }

  /**
   * A first final response to an INVITE or UPDATE, challenges (401, 407) left out.
   *
   * @returns The refresh this was, if it was one.
   */
  answered(
    request: RefreshRequest,
    response: SipMessage,
    statusCode: number,
    atMs: number,
  ): SessionRefresh | undefined {
    const result =
      statusCode < 300
        ? this.#granting(request, sessionExpiresOf(response), atMs)
        : this.#refused(request, minSessionExpiresOf(response), statusCode);
    return result && this.#noted(request, result, atMs, { statusCode });
  }

  /** A refresh that was never answered. */
  unanswered(request: RefreshRequest, atMs: number): SessionRefresh | undefined {
    if (request.isInitial || request.offered === undefined) return undefined;
    return this.#noted(request, "failed", atMs);
  }

  /** Refreshes may have passed unseen: when the session runs out is not known any more. */
  lose(): void {
    this.#isRunning = false;
    this.#expiresAtMs = undefined;
  }

  /** The session ran out while the call went on. */
  expire(): SessionRefresh | undefined {
    if (this.#granted === undefined || this.#expiresAtMs === undefined) return undefined;
    this.#isExpired = true;
    const { refresher } = this.#granted;
    const request = { by: refresher, method: this.#lastMethod };
    return this.#noted(request, "failed", this.#expiresAtMs, { isMissing: true });
  }

  /**
   * Whether a party that hangs up now without saying why does so because nobody refreshed: the one
   * that waited for a refresh from the moment of §10 on, the other when the session has run out. Those
   * who go on for long after that do not heed the timer.
   */
  isOverdueFor(party: CallParty, atMs: number): boolean {
    if (!this.#isRunning || this.#granted === undefined || this.#expiresAtMs === undefined) {
      return false;
    }
    const { intervalSeconds, refresher } = this.#granted;
    const early = Math.min(HANG_UP_BEFORE_MS, (intervalSeconds * 1000) / 3);
    const from = this.#expiresAtMs - (party === refresher ? 0 : early);
    return atMs >= from - CLOCK_TOLERANCE_MS && atMs <= this.#expiresAtMs + HEEDED_FOR_MS;
  }

  #granting(
    request: RefreshRequest,
    granted: SessionExpires | undefined,
    atMs: number,
  ): RefreshResult | undefined {
    const before = this.#isRunning ? this.#granted : undefined;
    this.#rejections = 0;
    if (granted === undefined) {
      this.#isRunning = false;
      this.#expiresAtMs = undefined;
      return before === undefined || request.isInitial ? undefined : "timer-off";
    }
    const role = granted.refresher ?? request.offered?.refresher ?? "uac";
    const refresher = role === "uac" ? request.by : otherParty(request.by);
    this.#granted = { intervalSeconds: granted.intervalSeconds, refresher };
    this.#expiresAtMs = atMs + granted.intervalSeconds * 1000;
    this.#isRunning = true;
    this.#isExpired = false;
    this.#lastMethod = request.method;
    if (request.isInitial) return undefined;
    return before !== undefined && before.refresher !== refresher ? "role-swap" : "ok";
  }

  #refused(
    { isInitial, offered }: RefreshRequest,
    minSe: number | undefined,
    statusCode: number,
  ): RefreshResult | undefined {
    // Also of the first INVITE: RFC 4028 §3 calls it the initial session refresh request, and a 422
    // says nothing but that the interval is too small.
    if (statusCode === 422) {
      this.#rejections += 1;
      return this.#rejections === 1 && minSe !== undefined ? "422-bumped" : "422-gave-up";
    }
    if (isInitial || offered === undefined) return undefined;
    return statusCode === 481 ? "481" : "failed";
  }

  #noted(
    { by, method }: Pick<RefreshRequest, "by" | "method">,
    result: RefreshResult,
    atMs: number,
    how: Pick<SessionRefresh, "statusCode" | "isMissing"> = {},
  ): SessionRefresh {
    const refresh = { atMs, by, method, result, ...how };
    if (this.#refreshes.length === MAX_REFRESHES) this.#refreshes.shift();
    this.#refreshes.push(refresh);
    return refresh;
  }
}
