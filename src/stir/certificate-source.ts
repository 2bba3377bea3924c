/**
 * Where the certificates of signers come from.
 *
 * @module
 */

import type { StirCertificate } from "./certificate.js";
import type { OpenReason } from "./reason.js";

/** A signer's certificate and what came with it. */
export interface CertificateChain {
  readonly signer: StirCertificate;
  /** Those that may lead to a trust anchor. */
  readonly others: readonly StirCertificate[];
}

/** What is at hand for a URI. */
export type CertificateAnswer =
  /** What lies there: a signature that it does not verify is wrong. */
  | { readonly kind: "found"; readonly chain: CertificateChain }
  /** What lies there is no certificate. */
  | { readonly kind: "bad" }
  /** Any of these may be the one: a signature that none verifies was made with another. */
  | { readonly kind: "candidates"; readonly chains: readonly CertificateChain[] }
  | { readonly kind: "missing"; readonly reason: OpenReason };

/** Finds certificates by the URI that `info` and `x5u` name. */
export interface CertificateSource {
  /** What is at hand. The same chain is the same object each time. */
  find(uri: string): CertificateAnswer;
  /**
   * Gets what is not at hand, so that a later `find` has it. Resolves when there is nothing more to
   * wait for, never rejects. Absent where what is at hand is all there is.
   *
   * @returns Nothing if there is nothing to wait for.
   */
  readonly fetch?: (uri: string) => Promise<void> | undefined;
}

/** Asks one source after the other; what certainly lies at the URI comes before what may. */
export function certificatesOf(sources: readonly CertificateSource[]): CertificateSource {
  return {
    find: (uri) => {
      const answers = sources.map((source) => source.find(uri));
      return (
        answers.find(({ kind }) => kind === "found" || kind === "bad") ??
        answers.find(({ kind }) => kind === "candidates") ??
        answers.at(-1) ?? { kind: "missing", reason: "no-certificate" }
      );
    },
    fetch: (uri) => {
      if (sources.some((source) => source.find(uri).kind === "found")) return undefined;
      const waits = sources.flatMap((source) => source.fetch?.(uri) ?? []);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
    },
  };
}
