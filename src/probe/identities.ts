/**
 * Verification of who vouches for callers, beside live calls.
 *
 * @module
 */

import { X5uFetcher, type X5uCounters, type X5uOptions } from "../attach/x5u.js";
import { type CertificateSource, certificatesOf } from "../stir/certificate-source.js";
import type { VerifierOptions } from "../stir/token-check.js";
import { VerificationQueue } from "../stir/verification-queue.js";
import { IdentityVerifier } from "../stir/verify.js";

/** What callers' identities are verified with. Without any of it nothing can be verified. */
export interface ProbeStirOptions extends Partial<VerifierOptions> {
  /**
   * Has certificates that are not at hand fetched from where `x5u` says: from these hosts alone.
   * Without it nothing is fetched.
   */
  readonly fetch?: Omit<X5uOptions, "nowMs">;
  /** Requests that may wait for their verification; more are `queue-full`. @default 1024 */
  readonly maxWaiting?: number;
}

/** What verification has done. */
export interface IdentityCounters {
  readonly settled: number;
  readonly waiting: number;
  /** How many may wait. */
  readonly limit: number;
  readonly refused: number;
  readonly fetches?: X5uCounters;
}

const NO_CERTIFICATES: CertificateSource = {
  find: () => ({ kind: "missing", reason: "no-certificate" }),
};
const NO_TRUST: VerifierOptions["trust"] = { distrust: () => "no-trust-anchor" };

/** The verifier of one probe. */
export class Identities {
  readonly queue: VerificationQueue;
  readonly #fetcher: X5uFetcher | undefined;

  /** @throws {RangeError} If a limit is no positive number, or a network is none. */
  constructor(options: ProbeStirOptions, nowMs: () => number) {
    const { certificates = NO_CERTIFICATES, trust = NO_TRUST, fetch, maxWaiting } = options;
    this.#fetcher = fetch && new X5uFetcher({ ...fetch, nowMs });
    const sources = this.#fetcher === undefined ? [certificates] : [certificates, this.#fetcher];
    const all = certificatesOf(sources);
    const { maxAgeSeconds, countryCode } = options;
    this.queue = new VerificationQueue({
      verifier: new IdentityVerifier({ certificates: all, trust, maxAgeSeconds, countryCode }),
      certificates: all,
      schedule: (work) => {
        setImmediate(work);
      },
      maxWaiting,
    });
  }

  get counters(): IdentityCounters {
    const { settled, waiting, limit, refused } = this.queue;
    const fetches = this.#fetcher?.counters;
    return { settled, waiting, limit, refused, ...(fetches !== undefined && { fetches }) };
  }
}
