/**
 * Verifies one PASSporT against the request that carries it (RFC 8224 §6.2, RFC 8588, RFC 8946). Whom
 * the call goes to is compared elsewhere, as it may take several of them.
 *
 * @module
 */

import type { CertificateChain, CertificateSource } from "./certificate-source.js";
import { fullTokens } from "./compact-form.js";
import { dateSeconds, type IdentityFacts } from "./identity-facts.js";
import type { ParsedIdentity } from "./identity.js";
import { claimsIn, parsePassport, type PartyClaim, type Passport } from "./passport.js";
import { isOpen, type StirReason } from "./reason.js";
import { isEs256Key, isSignedBy } from "./signature.js";
import { listsNumber } from "./telephone-authority.js";
import {
  canonicalNumber,
  canonicalParty,
  type CanonicalParty,
  canonicalUri,
  isSameNumber,
} from "./telephone-number.js";
import type { TrustStore } from "./trust-store.js";

/** What is checked of one Identity, in order. */
export const CHECK_NAMES = [
  "syntax",
  "form",
  "parameters",
  "algorithm",
  "place",
  "time",
  "originator",
  "destination",
  "certificate",
  "key",
  "trust",
  "signature",
  "authority",
  "constraints",
] as const;

/** What is checked. */
export type CheckName = (typeof CHECK_NAMES)[number];

/** One check that was made. */
export interface Check {
  readonly name: CheckName;
  /** Why it failed or could not be made; absent where it holds. */
  readonly reason?: StirReason;
}

/** What verification needs to know beside the request. */
export interface VerifierOptions {
  readonly certificates: CertificateSource;
  readonly trust: Pick<TrustStore, "distrust">;
  /** How far `iat` and Date may be from the time of the request. RFC 8224 recommends 60. @default 60 */
  readonly maxAgeSeconds?: number | undefined;
  /** Of numbers that are written without one, as `1` or `49`. @default none */
  readonly countryCode?: string | undefined;
}

/** Signatures that may still be checked for one request. */
export interface Budget {
  signatures: number;
}

/** What came of one Identity. */
export interface CheckedToken {
  readonly identity: ParsedIdentity;
  /** As claimed, or as built from the request in the compact form. */
  readonly passport?: Passport;
  readonly checks: readonly Check[];
  /** Whose signature holds. */
  readonly chain?: CertificateChain;
}

/** The reason that decides: what failed before what could not be judged. */
export function decidingReason(checks: readonly Check[]): StirReason | undefined {
  const reasons = checks.flatMap(({ reason }) => reason ?? []);
  return reasons.find((reason) => !isOpen(reason)) ?? reasons[0];
}

const DEFAULT_MAX_AGE_SECONDS = 60;

/** One PASSporT being verified. */
export class TokenCheck {
  readonly #identity: ParsedIdentity;
  readonly #facts: IdentityFacts;
  readonly #options: VerifierOptions;
  readonly #budget: Budget;
  readonly #checks: Check[] = [];
  /** The tokens that the signature may be of; one in the full form. */
  #tokens: readonly string[] = [];
  #passport: Passport | undefined;
  #chain: CertificateChain | undefined;
  #isSigned = false;

  constructor(
    identity: ParsedIdentity,
    facts: IdentityFacts,
    options: VerifierOptions,
    budget: Budget,
  ) {
    this.#identity = identity;
    this.#facts = facts;
    this.#options = options;
    this.#budget = budget;
  }

  /** @param isThorough - Makes every check that can be made, though one has failed. */
  run(isThorough: boolean): CheckedToken {
    this.#read();
    for (const [name, check] of this.#steps()) {
      const isSettled = this.#checks.some(({ reason }) => reason !== undefined && !isOpen(reason));
      if (isSettled && !isThorough) break;
      const reason = check();
      if (reason !== "not-made") this.#checks.push({ name, ...(reason && { reason }) });
    }
    return {
      identity: this.#identity,
      ...(this.#passport && { passport: this.#passport }),
      checks: this.#checks,
      ...(this.#isSigned && this.#chain && { chain: this.#chain }),
    };
  }

  #read(): void {
    const { form, token, passport } = this.#identity;
    this.#tokens = form === "full" ? [token] : fullTokens(this.#identity, this.#facts);
    this.#passport = passport ?? passportOf(this.#tokens[0]);
  }

  #steps(): readonly (readonly [CheckName, () => StirReason | "not-made" | undefined])[] {
    return [
      ["syntax", () => this.#identity.damage],
      ["form", () => this.#form()],
      ["parameters", this.#of((passport) => this.#parameters(passport))],
      [
        "algorithm",
        () => (this.#identity.algorithm === "ES256" ? undefined : "unsupported-algorithm"),
      ],
      ["place", () => this.#place()],
      ["time", this.#of((passport) => this.#time(passport))],
      ["originator", this.#of((passport) => this.#originator(passport))],
      ["certificate", () => this.#certificate()],
      ["key", this.#with((chain) => this.#key(chain))],
      ["trust", this.#with((chain) => this.#trust(chain))],
      ["signature", this.#with(() => (this.#isSigned ? undefined : "bad-signature"))],
      ["authority", this.#with((chain) => this.#authority(chain))],
      ["constraints", this.#with((chain) => this.#constraints(chain))],
    ];
  }

  #of(
    check: (passport: Passport) => StirReason | undefined,
  ): () => StirReason | "not-made" | undefined {
    return () => (this.#passport === undefined ? "not-made" : check(this.#passport));
  }

  #with(
    check: (chain: CertificateChain) => StirReason | undefined,
  ): () => StirReason | "not-made" | undefined {
    return () => (this.#chain === undefined ? "not-made" : check(this.#chain));
  }

  /** SHAKEN and diversion have claims that a request does not tell (RFC 8588 §7, RFC 8946 §4). */
  #form(): StirReason | undefined {
    const { form, ppt, damage } = this.#identity;
    if (form === "full" || damage !== undefined) return undefined;
    return ppt !== undefined || this.#tokens.length === 0 ? "compact-form" : undefined;
  }

  /** The parameters repeat what is signed (RFC 8224 §4.1). */
  #parameters({ algorithm, ppt, x5u }: Passport): StirReason | undefined {
    const { parameters, infoUri } = this.#identity;
    if (infoUri !== undefined && x5u !== undefined && infoUri !== x5u) return "info-mismatch";
    const stated = parameters.get("alg");
    if (stated !== undefined && stated !== algorithm) return "parameter-mismatch";
    const extension = parameters.get("ppt");
    const isSame = extension === undefined || extension.toLowerCase() === ppt?.toLowerCase();
    return isSame ? undefined : "parameter-mismatch";
  }

  /** Certificates come over TLS only (RFC 7515 §4.1.5). */
  #place(): StirReason | "not-made" | undefined {
    const { infoUri } = this.#identity;
    if (infoUri === undefined) return "not-made";
    return isHttps(infoUri) ? undefined : "bad-info-uri";
  }

  #time({ issuedAtSeconds }: Passport): StirReason | undefined {
    const { maxAgeSeconds = DEFAULT_MAX_AGE_SECONDS } = this.#options;
    const now = Math.floor(this.#facts.receivedAtMs / 1000);
    for (const then of [issuedAtSeconds, dateSeconds(this.#facts.date)]) {
      if (then === undefined) continue;
      if (now - then > maxAgeSeconds) return "stale";
      if (then - now > maxAgeSeconds) return "from-the-future";
    }
    return undefined;
  }

  #originator({ originator }: Passport): StirReason | undefined {
    const { assertedUris, fromUri } = this.#facts;
    const parties = (assertedUris.length > 0 ? assertedUris : [fromUri]).map(canonicalParty);
    const { countryCode } = this.#options;
    const isOne = parties.some((party) => claimsParty(originator, party, countryCode));
    return isOne ? undefined : "originator-mismatch";
  }

  #certificate(): StirReason | "not-made" | undefined {
    const { infoUri } = this.#identity;
    if (infoUri === undefined || this.#tokens.length === 0) return "not-made";
    const answer = this.#options.certificates.find(infoUri);
    switch (answer.kind) {
      case "missing":
        return answer.reason;
      case "bad":
        return "bad-certificate";
      case "found":
        this.#isSigned = this.#verifies(answer.chain);
        this.#chain = answer.chain;
        return undefined;
      case "candidates":
        this.#chain = answer.chains.find((chain) => this.#verifies(chain));
        this.#isSigned = this.#chain !== undefined;
        return this.#isSigned ? undefined : "no-certificate";
    }
  }

  #verifies({ signer }: CertificateChain): boolean {
    for (const token of this.#tokens) {
      if (this.#budget.signatures === 0) return false;
      this.#budget.signatures -= 1;
      if (!isSignedBy(token, signer.publicKey)) continue;
      this.#passport = this.#identity.passport ?? passportOf(token);
      return true;
    }
    return false;
  }

  #key({ signer }: CertificateChain): StirReason | undefined {
    return isEs256Key(signer.publicKey) && signer.maySign ? undefined : "unsupported-key";
  }

  #trust(chain: CertificateChain): StirReason | undefined {
    return this.#options.trust.distrust(chain, this.#facts.receivedAtMs);
  }

  /** Who diverts speaks for the party that the call was for, everybody else for the caller. */
  #authority({ signer }: CertificateChain): StirReason | undefined {
    const { authority, x509 } = signer;
    if (authority === "unreadable") return "no-tnauthlist";
    const { diverter, originator, ppt } = this.#passport ?? {};
    const claimed = (isDiversion(this.#identity.ppt) ? diverter : originator) ?? NOBODY;
    const [number] = claimed.numbers;
    if (authority === undefined) {
      if (number !== undefined || ppt?.toLowerCase() === "shaken") return "no-tnauthlist";
      const [, domain = ""] = /@([^:]+)/.exec(canonicalUri(claimed.uris[0] ?? "") ?? "") ?? [];
      return x509.checkHost(domain, { subject: "never" }) ? undefined : "not-authoritative";
    }
    if (authority.serviceProviderCodes.length > 0) return undefined;
    const canonical = number === undefined ? undefined : canonicalNumber(number);
    const isListed = canonical !== undefined && listsNumber(authority, canonical);
    return isListed ? undefined : "not-authoritative";
  }

  #constraints({ signer }: CertificateChain): StirReason | undefined {
    const { constraints } = signer;
    if (constraints === undefined) return undefined;
    const claims = claimsIn(this.#tokens[0] ?? "");
    if (constraints === "unreadable" || claims === undefined) return "claim-not-allowed";
    const { mustInclude, permitted } = constraints;
    const hasAll = mustInclude.every((name) => claims[name] !== undefined);
    const areAllowed = [...permitted].every(([name, values]) =>
      textsIn(claims[name]).every((text) => values.includes(text)),
    );
    return hasAll && areAllowed ? undefined : "claim-not-allowed";
  }
}

const NOBODY: PartyClaim = { numbers: [], uris: [] };

/** Whether it is about a call that was diverted (RFC 8946). */
export function isDiversion(ppt: string | undefined): boolean {
  return ppt === "div" || ppt === "div-o";
}

/** Whether a claim names that party, in canonical form. */
export function claimsParty(
  { numbers, uris }: PartyClaim,
  party: CanonicalParty,
  countryCode: string | undefined,
): boolean {
  return (
    numbers.some((number) => isSameNumber(canonicalNumber(number), party, countryCode)) ||
    uris.some((uri) => party.uri !== undefined && canonicalUri(uri) === party.uri)
  );
}

function passportOf(token: string | undefined): Passport | undefined {
  const passport = token === undefined ? undefined : parsePassport(token);
  return typeof passport === "object" ? passport : undefined;
}

function isHttps(uri: string): boolean {
  return /^https:\/\//i.test(uri) && URL.canParse(uri);
}

/** Every text in a claim, at most two levels down, as in `{ "tn": ["1"] }`. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value)
    .flat()
    .filter((one) => typeof one === "string");
}
