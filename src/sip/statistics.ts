/**
 * Figures over all calls and registrations of one observation point: RFC 6076, and the answer
 * ratios of ITU-T E.411 and E.425. Requests that were challenged and tried again count once.
 *
 * @module
 */

import type { SipCall, SipEvent } from "./call.js";

/** Delays in milliseconds. Without a sample only the count is there. */
export interface DelaySummary {
  readonly count: number;
  readonly meanMs?: number;
  readonly minMs?: number;
  readonly maxMs?: number;
}

/** Ratios run from 0 to 1 and are absent where nothing was counted. */
export interface SipStatistics {
  /** Calls whose first INVITE was seen and whose outcome is known. */
  readonly sessions: number;
  /** Calls answered with 2xx. */
  readonly answered: number;
  /** Calls redirected elsewhere, which SER and SEER leave out. */
  readonly redirected: number;
  /** Session Establishment Ratio (RFC 6076 §4.6). */
  readonly sessionEstablishmentRatio?: number;
  /** Session Establishment Effectiveness Ratio (§4.7): also 480, 486, 600 and 603 are effective. */
  readonly sessionEstablishmentEffectivenessRatio?: number;
  /** Ineffective Session Attempts (§4.8): 408, 500, 503, 504 and timeouts. */
  readonly ineffectiveSessionAttemptsRatio?: number;
  /** Session Completion Ratio (§4.9): answered and hung up by a party. */
  readonly sessionCompletionRatio?: number;
  /** Answer-seizure ratio (ITU-T E.411). */
  readonly answerSeizureRatio?: number;
  /** Network effectiveness ratio (ITU-T E.425): what the user did is no fault of the network. */
  readonly networkEffectivenessRatio?: number;
  /** Session Request Delay of successful calls (RFC 6076 §4.3.1). */
  readonly sessionRequestDelay: DelaySummary;
  /** Session Request Delay of failed calls (§4.3.2). */
  readonly failedSessionRequestDelay: DelaySummary;
  /** Session Disconnect Delay (§4.4). */
  readonly sessionDisconnectDelay: DelaySummary;
  /** Session Duration Time (§4.5). */
  readonly sessionDuration: DelaySummary;
  /** REGISTER requests whose end is known, challenges left out. */
  readonly registrations: number;
  readonly ineffectiveRegistrations: number;
  /** Registration Request Delay (§4.1). */
  readonly registrationRequestDelay: DelaySummary;
  /** Ineffective Registration Attempts (§4.2). */
  readonly ineffectiveRegistrationAttemptsRatio?: number;
}

/** Sums delays up. */
class Delays {
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;

  add(delayMs: number): void {
    // Captures of several ports may order messages wrongly by a little.
    if (!(delayMs >= 0)) return;
    this.#count += 1;
    this.#sumMs += delayMs;
    this.#minMs = Math.min(this.#minMs, delayMs);
    this.#maxMs = Math.max(this.#maxMs, delayMs);
  }

  get summary(): DelaySummary {
    if (this.#count === 0) return { count: 0 };
    return {
      count: this.#count,
      meanMs: this.#sumMs / this.#count,
      minMs: this.#minMs,
      maxMs: this.#maxMs,
    };
  }
}

const EFFECTIVE = [480, 486, 600, 603];
const INEFFECTIVE = [408, 500, 503, 504];
/** User busy, rejected; 480 and 487 count once it rang. */
const USER_CAUSED = [486, 600, 603];
const AFTER_RINGING = [480, 487];
const CHALLENGES = [401, 402, 407];

/** Counts what the tracker tells. */
export class StatisticsCounter {
  #sessions = 0;
  #answered = 0;
  #redirected = 0;
  #effective = 0;
  #ineffective = 0;
  #completed = 0;
  #networkEffective = 0;
  #registrations = 0;
  #failedRegistrations = 0;
  readonly #requestDelays = new Delays();
  readonly #failedRequestDelays = new Delays();
  readonly #disconnectDelays = new Delays();
  readonly #durations = new Delays();
  readonly #registrationDelays = new Delays();

  observe(event: SipEvent): void {
    if (event.kind === "outcome") this.#outcome(event.call);
    else if (event.kind === "call-ended") this.#ended(event.call);
    else if (event.kind === "transaction-timeout" && event.method === "REGISTER") {
      this.#registrations += 1;
      this.#failedRegistrations += 1;
    }
  }

  /** The first final response to a REGISTER. */
  registered(statusCode: number, delayMs: number): void {
    if (CHALLENGES.includes(statusCode)) return;
    this.#registrations += 1;
    if (statusCode < 300) this.#registrationDelays.add(delayMs);
    else if (statusCode >= 400) this.#failedRegistrations += 1;
  }

  get values(): SipStatistics {
    const eligible = this.#sessions - this.#redirected;
    return {
      sessions: this.#sessions,
      answered: this.#answered,
      redirected: this.#redirected,
      ...ratio("sessionEstablishmentRatio", this.#answered, eligible),
      ...ratio("sessionEstablishmentEffectivenessRatio", this.#effective, eligible),
      ...ratio("ineffectiveSessionAttemptsRatio", this.#ineffective, this.#sessions),
      ...ratio("sessionCompletionRatio", this.#completed, this.#sessions),
      ...ratio("answerSeizureRatio", this.#answered, this.#sessions),
      ...ratio("networkEffectivenessRatio", this.#networkEffective, this.#sessions),
      sessionRequestDelay: this.#requestDelays.summary,
      failedSessionRequestDelay: this.#failedRequestDelays.summary,
      sessionDisconnectDelay: this.#disconnectDelays.summary,
      sessionDuration: this.#durations.summary,
      registrations: this.#registrations,
      ineffectiveRegistrations: this.#failedRegistrations,
      registrationRequestDelay: this.#registrationDelays.summary,
      ...ratio(
        "ineffectiveRegistrationAttemptsRatio",
        this.#failedRegistrations,
        this.#registrations,
      ),
    };
  }

  #outcome(call: SipCall): void {
    if (!call.hasInvite) return;
    const { statusCode = 0, via } = call;
    this.#sessions += 1;
    const isAnswered = (statusCode >= 200 && statusCode < 300) || call.isAnswerUnseen;
    const hasRung = call.ringingAtMs !== undefined;
    const isTimeout = via === "timeout" || via === "transport-error";
    if (isAnswered) this.#answered += 1;
    if (statusCode >= 300 && statusCode < 400) this.#redirected += 1;
    if (isAnswered || EFFECTIVE.includes(statusCode)) this.#effective += 1;
    if (isTimeout || INEFFECTIVE.includes(statusCode)) this.#ineffective += 1;
    if (
      isAnswered ||
      USER_CAUSED.includes(statusCode) ||
      (hasRung && AFTER_RINGING.includes(statusCode))
    ) {
      this.#networkEffective += 1;
    }
    this.#noteRequestDelay(call, isAnswered);
  }

  #noteRequestDelay(call: SipCall, isAnswered: boolean): void {
    const {
      invitedAtMs,
      ringingAtMs,
      progressAtMs,
      answeredAtMs,
      finalAtMs,
      statusCode = 0,
    } = call;
    const firstAnswerAtMs = call.isAnswerUnseen ? undefined : answeredAtMs;
    const indicatedAtMs = ringingAtMs ?? progressAtMs ?? firstAnswerAtMs;
    if (isAnswered && indicatedAtMs !== undefined) {
      this.#requestDelays.add(indicatedAtMs - invitedAtMs);
    } else if (finalAtMs !== undefined && statusCode >= 400) {
      this.#failedRequestDelays.add(finalAtMs - invitedAtMs);
    }
  }

  #ended(call: SipCall): void {
    const { answeredAtMs, endedAtMs, byeAnsweredAtMs, endedBy, isByeUnseen } = call;
    if (endedBy === undefined || endedAtMs === undefined) return;
    if (byeAnsweredAtMs !== undefined && isByeUnseen !== true) {
      this.#disconnectDelays.add(byeAnsweredAtMs - endedAtMs);
    }
    if (answeredAtMs === undefined) return;
    // From a proof on, a call has lasted longer than that.
    if (!call.isAnswerUnseen) this.#durations.add(endedAtMs - answeredAtMs);
    if (call.hasInvite) this.#completed += 1;
  }
}

function ratio<Name extends string>(
  name: Name,
  part: number,
  whole: number,
): Partial<Record<Name, number>> {
  const result: Partial<Record<Name, number>> = {};
  if (whole > 0) result[name] = part / whole;
  return result;
}
