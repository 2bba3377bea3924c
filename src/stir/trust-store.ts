/**
 * Whether a certificate is to be trusted: a chain to a trust anchor, valid at the time of the message
 * and not revoked by then (RFC 5280 §6.1). Name constraints and policies are not evaluated: a chain
 * that makes them critical is not trusted.
 *
 * @module
 */

import type { CertificateChain } from "./certificate-source.js";
import { StirCertificate } from "./certificate.js";
import { encodedBlocks } from "./pem.js";
import type { FailureReason, OpenReason } from "./reason.js";
import { RevocationList } from "./revocation-list.js";

/** Certificates of one chain, anchor and signer included. */
export const MAX_CHAIN_LENGTH = 8;

/** Signatures that are checked to find the chain of one certificate. */
const MAX_SIGNATURES = 64;

/** Files that say whom to trust: PEM or DER, several certificates or lists in one file if need be. */
export interface TrustFiles {
  /** Certificates whose word is taken: of the authorities, or of signers themselves. */
  readonly anchors: readonly Uint8Array[];
  /** Certificates that may stand in between, and those that revocation lists are signed with. */
  readonly intermediates?: readonly Uint8Array[];
  readonly revocationLists?: readonly Uint8Array[];
}

/** Why a chain is not trusted. */
export type Distrust = Extract<
  FailureReason | OpenReason,
  | "certificate-expired"
  | "certificate-not-yet-valid"
  | "certificate-revoked"
  | "untrusted-certificate"
  | "no-trust-anchor"
>;

/** Who is trusted, and who no longer is. */
export class TrustStore {
  /** Certificates and lists that could not be read, or lists that nobody trusted has signed. */
  readonly unusable: number;
  readonly #anchors: readonly StirCertificate[];
  readonly #intermediates: readonly StirCertificate[];
  readonly #lists: readonly RevocationList[];
  readonly #paths = new WeakMap<CertificateChain, readonly (readonly StirCertificate[])[]>();

  constructor({ anchors, intermediates = [], revocationLists = [] }: TrustFiles) {
    const read = anchors.map(certificatesIn);
    const between = intermediates.map(certificatesIn);
    this.#anchors = read.flatMap(({ certificates }) => certificates);
    this.#intermediates = between.flatMap(({ certificates }) => certificates);
    // A file without a list is one list that cannot be read.
    const lists = revocationLists.flatMap((file) => {
      const blocks = encodedBlocks(file, "X509 CRL");
      return blocks.length === 0 ? [undefined] : blocks.map(({ der }) => RevocationList.parse(der));
    });
    this.#lists = lists
      .filter((list) => list !== undefined)
      .filter((list) => this.#vouchesFor(list));
    this.unusable =
      [...read, ...between].reduce((sum, { unreadable }) => sum + unreadable, 0) +
      (lists.length - this.#lists.length);
  }

  /** Anchors, and lists that are heeded. */
  get size(): { readonly anchors: number; readonly revocationLists: number } {
    return { anchors: this.#anchors.length, revocationLists: this.#lists.length };
  }

  /** Why the chain is not trusted at that time; nothing if it is. */
  distrust(chain: CertificateChain, atMs: number): Distrust | undefined {
    if (this.#anchors.length === 0) return "no-trust-anchor";
    let first: Distrust | undefined;
    for (const path of this.#pathsOf(chain)) {
      const reason = this.#doubt(path, atMs);
      if (reason === undefined) return undefined;
      first ??= reason;
    }
    return first ?? "untrusted-certificate";
  }

  /** From the signer to an anchor, each certifying the one before; nothing if there is no such. */
  path(chain: CertificateChain): readonly StirCertificate[] | undefined {
    return this.#pathsOf(chain)[0];
  }

  #doubt(path: readonly StirCertificate[], atMs: number): Distrust | undefined {
    for (const [index, certificate] of path.entries()) {
      if (atMs < certificate.notBeforeMs) return "certificate-not-yet-valid";
      if (atMs > certificate.notAfterMs) return "certificate-expired";
      const isAnchor = index === path.length - 1;
      if (!isAnchor && this.#lists.some((list) => list.isRevoked(certificate, atMs))) {
        return "certificate-revoked";
      }
    }
    return undefined;
  }

  /** Whether somebody trusted has signed the list. */
  #vouchesFor(list: RevocationList): boolean {
    return [...this.#anchors, ...this.#intermediates].some(
      (one) => list.isSignedBy(one) && this.#pathsFrom(one, []).length > 0,
    );
  }

  #pathsOf(chain: CertificateChain): readonly (readonly StirCertificate[])[] {
    let paths = this.#paths.get(chain);
    if (paths === undefined) {
      paths = this.#pathsFrom(chain.signer, chain.others);
      this.#paths.set(chain, paths);
    }
    return paths;
  }

  #pathsFrom(
    from: StirCertificate,
    others: readonly StirCertificate[],
  ): readonly (readonly StirCertificate[])[] {
    const paths: StirCertificate[][] = [];
    let signatures = 0;
    const between = [...others, ...this.#intermediates];
    const follow = (path: readonly StirCertificate[]): void => {
      const last = path.at(-1);
      if (last === undefined || last.hasUnknownCritical) return;
      if (this.#anchors.some((anchor) => anchor.isSame(last))) {
        paths.push([...path]);
        return;
      }
      if (path.length === MAX_CHAIN_LENGTH) return;
      for (const issuer of [...this.#anchors, ...between]) {
        if (issuer.subjectName !== last.issuerName || path.some((one) => one.isSame(issuer))) {
          continue;
        }
        // Between the issuer and the signer stand all but the signer.
        if (!issuer.isAuthority || issuer.pathLength < path.length - 1) continue;
        signatures += 1;
        if (signatures > MAX_SIGNATURES) return;
        if (last.isIssuedBy(issuer)) follow([...path, issuer]);
      }
    };
    follow([from]);
    return paths;
  }
}

/** The certificates of a file, and how many of it are none. */
export function certificatesIn(file: Uint8Array): {
  readonly certificates: readonly StirCertificate[];
  readonly unreadable: number;
} {
  const blocks = encodedBlocks(file, "CERTIFICATE");
  const read = blocks.map(({ der }) => StirCertificate.parse(der));
  const certificates = read.filter((one) => one !== undefined);
  return { certificates, unreadable: Math.max(blocks.length, 1) - certificates.length };
}
