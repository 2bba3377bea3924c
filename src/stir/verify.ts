/**
 * Verifies who vouches for a caller (RFC 8224 §6.2), by the certificates at hand and the time of the
 * request: no clock, no request to anybody.
 *
 * @module
 */

import type { CertificateChain } from "./certificate-source.js";
import { Diversions } from "./diversions.js";
import type { IdentityFacts } from "./identity-facts.js";
import { MAX_IDENTITIES, parseIdentities, parseIdentity, type ParsedIdentity } from "./identity.js";
import type { Attestation } from "./passport.js";
import { isOpen, type StirReason } from "./reason.js";
import {
  type Budget,
  type CheckedToken,
  decidingReason,
  isDiversion,
  TokenCheck,
  type VerifierOptions,
} from "./token-check.js";

/** Signatures that are checked for one request: of 16 identities with one certificate, or a search. */
export const MAX_SIGNATURE_CHECKS = 64;

/** PASSporTs nested in one another that are read (RFC 8946 §5). */
const MAX_NESTED = 8;

/**
 * Extensions that say who calls, the most telling first: SHAKEN (RFC 8588), none (RFC 8225), and the
 * caller's name (RFC 9795), whose integrity digests are not checked.
 */
const VOUCHING = ["shaken", "", "rcd"];

/** Who signed. */
export interface Signer {
  /** Of the certificate: `CN=SHAKEN 709J, O=Example`. */
  readonly subject: string;
  /** The first that its TNAuthList names (RFC 8226 §9). */
  readonly serviceProviderCode?: string;
}

/** What verification came to. */
export interface IdentityVerdict {
  readonly status: "verified" | "failed" | "no-identity" | "unverified";
  /** Present unless verified. */
  readonly reason?: StirReason;
  /** Of the Identity that decides; only claimed unless verified. */
  readonly attestation?: Attestation;
  /** Whose signature holds, trusted or not. */
  readonly signer?: Signer;
  /** Every Identity that was looked at, those that nest in others included. */
  readonly tokens: readonly CheckedToken[];
}

/** Verifies the identities of requests, at once or later. */
export interface IdentityChecker {
  /** Takes a request's identities. `settle` is called once, perhaps before this returns. */
  check(facts: IdentityFacts, settle: (verdict: IdentityVerdict) => void): void;
}

/** Verifies the identities of requests at once. */
export class IdentityVerifier implements IdentityChecker {
  readonly #options: VerifierOptions;

  /** @throws {RangeError} If an option is outside its range. */
  constructor(options: VerifierOptions) {
    const { maxAgeSeconds = 60, countryCode = "1" } = options;
    if (!(maxAgeSeconds >= 0 && maxAgeSeconds <= 86_400_000)) {
      throw new RangeError(`maxAgeSeconds is ${maxAgeSeconds}; it must be from 0 to 86400000`);
    }
    if (!/^[1-9]\d{0,2}$/.test(countryCode)) {
      throw new RangeError(
        `countryCode is ${countryCode}; it must be one to three digits, as in 49`,
      );
    }
    this.#options = options;
  }

  /**
   * The verdict with the certificates that are now at hand. Never throws, and checks at most
   * {@link MAX_SIGNATURE_CHECKS} signatures.
   *
   * @param isThorough - Makes every check that can be made, though one has failed: to explain.
   */
  verify(facts: IdentityFacts, isThorough = false): IdentityVerdict {
    const identities = parseIdentities(facts.identities);
    if (identities.length === 0) return none("no-identity-header");
    const supported = withNested(identities.filter(isSupported));
    if (supported.length === 0) return none("unknown-ppt");
    const budget: Budget = { signatures: MAX_SIGNATURE_CHECKS };
    const tokens = supported.map((identity) =>
      new TokenCheck(identity, facts, this.#options, budget).run(isThorough),
    );
    const diversions = new Diversions(
      tokens.filter(({ identity }) => isDiversion(identity.ppt)),
      facts,
      this.#options.countryCode,
    );
    const checked = tokens.map((token) =>
      isDiversion(token.identity.ppt) ? token : withDestination(token, diversions),
    );
    return verdictOf(checked);
  }

  check(facts: IdentityFacts, settle: (verdict: IdentityVerdict) => void): void {
    settle(this.verify(facts));
  }

  /** Where the certificates are that a request's identities name. */
  urisOf({ identities }: Pick<IdentityFacts, "identities">): readonly string[] {
    const supported = withNested(parseIdentities(identities).filter(isSupported));
    return [...new Set(supported.flatMap(({ infoUri }) => infoUri ?? []))];
  }
}

/** Whether verifiers of this kind know the extension; others are skipped (RFC 8224 §6.2). */
export function isSupported({ ppt = "" }: ParsedIdentity): boolean {
  return VOUCHING.includes(ppt) || isDiversion(ppt);
}

function none(reason: "no-identity-header" | "unknown-ppt"): IdentityVerdict {
  return { status: "no-identity", reason, tokens: [] };
}

/** With the PASSporTs that `div-o` nests: each stands where an Identity of its own would. */
function withNested(identities: readonly ParsedIdentity[]): readonly ParsedIdentity[] {
  const all = [...identities];
  for (let index = 0, nested = 0; index < all.length && nested < MAX_NESTED; index += 1) {
    const { original } = all[index]?.passport ?? {};
    if (original === undefined || all.length === MAX_IDENTITIES) continue;
    nested += 1;
    const identity = parseIdentity(original);
    const { x5u } = identity.passport ?? {};
    all.push(x5u === undefined ? identity : parseIdentity(`${original};info=<${x5u}>`));
  }
  return all;
}

function withDestination(token: CheckedToken, diversions: Diversions): CheckedToken {
  if (token.passport === undefined) return token;
  const reason = diversions.doubt(token.passport);
  return {
    ...token,
    checks: [...token.checks, { name: "destination", ...(reason && { reason }) }],
  };
}

function verdictOf(tokens: readonly CheckedToken[]): IdentityVerdict {
  const decider = deciderOf(tokens);
  // Somebody diverted a call for which nobody vouches.
  if (decider === undefined) return { status: "failed", reason: "broken-diversion", tokens };
  const reason = decidingReason(decider.checks);
  const attestation =
    decider.passport?.attestation ??
    tokens.find(({ passport }) => passport?.attestation !== undefined)?.passport?.attestation;
  return {
    status: reason === undefined ? "verified" : isOpen(reason) ? "unverified" : "failed",
    ...(reason !== undefined && { reason }),
    ...(attestation !== undefined && { attestation }),
    ...(decider.chain && { signer: signerOf(decider.chain) }),
    tokens,
  };
}

/** Of the most telling extension there is, the Identity that came out best. */
function deciderOf(tokens: readonly CheckedToken[]): CheckedToken | undefined {
  for (const extension of VOUCHING) {
    const [best] = tokens
      .filter(({ identity }) => (identity.ppt ?? "") === extension)
      .sort((a, b) => rank(a) - rank(b));
    if (best !== undefined) return best;
  }
  return undefined;
}

function rank({ checks }: CheckedToken): number {
  const reason = decidingReason(checks);
  if (reason === undefined) return 0;
  return isOpen(reason) ? 1 : 2;
}

function signerOf({ signer }: CertificateChain): Signer {
  const [serviceProviderCode] = signer.serviceProviderCodes;
  return {
    subject: signer.subject,
    ...(serviceProviderCode !== undefined && { serviceProviderCode }),
  };
}
