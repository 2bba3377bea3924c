/**
 * Verification beside live calls: no message waits for it, and it takes a bounded share of the time.
 *
 * @module
 */

import type { CertificateSource } from "./certificate-source.js";
import type { IdentityFacts } from "./identity-facts.js";
import type { StirReason } from "./reason.js";
import type { IdentityChecker, IdentityVerdict, IdentityVerifier } from "./verify.js";

/** Requests that wait unless another limit is set. One takes some 4 KiB. */
export const DEFAULT_MAX_WAITING = 1024;

/** What a queue works with. */
export interface VerificationQueueOptions {
  readonly verifier: IdentityVerifier;
  /** The verifier's own, where it can get what is not at hand. */
  readonly certificates?: CertificateSource | undefined;
  /** Has something done after what else is to do, as `setImmediate` has. */
  readonly schedule: (work: () => void) => void;
  /** Requests that may wait, for their turn or for a certificate. @default 1024 */
  readonly maxWaiting?: number | undefined;
}

interface Waiting {
  readonly facts: IdentityFacts;
  readonly settle: (verdict: IdentityVerdict) => void;
  isFetched: boolean;
}

/**
 * Verifies the identities of requests one at a time, each in a turn of its own. Beyond its limit a
 * request is told at once to be unverified for `queue-full`, and counted.
 */
export class VerificationQueue implements IdentityChecker {
  readonly #options: VerificationQueueOptions;
  readonly #maxWaiting: number;
  readonly #ready: Waiting[] = [];
  #fetching = 0;
  #refused = 0;
  #verified = 0;
  #isScheduled = false;

  /** @throws {RangeError} If the limit is not a whole number from 1 on. */
  constructor(options: VerificationQueueOptions) {
    const { maxWaiting = DEFAULT_MAX_WAITING } = options;
    if (!Number.isSafeInteger(maxWaiting) || maxWaiting < 1) {
      throw new RangeError(`maxWaiting is ${maxWaiting}; it must be a whole number from 1 on`);
    }
    this.#options = options;
    this.#maxWaiting = maxWaiting;
  }

  /** Requests that wait, those whose certificates are being fetched included. */
  get waiting(): number {
    return this.#ready.length + this.#fetching;
  }

  /** How many may wait. */
  get limit(): number {
    return this.#maxWaiting;
  }

  /** Requests that were turned away because too many waited. */
  get refused(): number {
    return this.#refused;
  }

  /** Requests that were looked at. */
  get settled(): number {
    return this.#verified;
  }

  check(facts: IdentityFacts, settle: (verdict: IdentityVerdict) => void): void {
    if (this.waiting >= this.#maxWaiting) {
      this.#refused += 1;
      settle(unverified("queue-full"));
      return;
    }
    this.#ready.push({ facts, settle, isFetched: false });
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    if (this.#isScheduled || this.#ready.length === 0) return;
    this.#isScheduled = true;
    this.#options.schedule(() => {
      this.#isScheduled = false;
      const next = this.#ready.shift();
      if (next !== undefined) this.#take(next);
      this.#scheduleNext();
    });
  }

  #take(request: Waiting): void {
    const fetches = request.isFetched ? [] : this.#fetches(request.facts);
    if (fetches.length === 0) {
      this.#settle(request);
      return;
    }
    request.isFetched = true;
    this.#fetching += 1;
    void Promise.allSettled(fetches).then(() => {
      this.#fetching -= 1;
      // In a turn of its own again: many may wait for one certificate.
      this.#ready.push(request);
      this.#scheduleNext();
    });
  }

  #fetches(facts: IdentityFacts): readonly Promise<void>[] {
    const { verifier, certificates } = this.#options;
    if (certificates?.fetch === undefined) return [];
    return verifier.urisOf(facts).flatMap((uri) => certificates.fetch?.(uri) ?? []);
  }

  #settle({ facts, settle }: Waiting): void {
    this.#verified += 1;
    settle(this.#options.verifier.verify(facts));
  }
}

function unverified(reason: StirReason): IdentityVerdict {
  return { status: "unverified", reason, tokens: [] };
}
