/**
 * Whom a call was for and whom it went to: the chain of diversions between (RFC 8946 §4, §6).
 *
 * @module
 */

import type { IdentityFacts } from "./identity-facts.js";
import type { PartyClaim, Passport } from "./passport.js";
import { isOpen, type StirReason } from "./reason.js";
import {
  canonicalNumber,
  canonicalParty,
  type CanonicalParty,
  canonicalUri,
} from "./telephone-number.js";
import { type CheckedToken, claimsParty, decidingReason } from "./token-check.js";

/** The diversions that a request proves. */
export class Diversions {
  readonly #tokens: readonly CheckedToken[];
  readonly #called: CanonicalParty;
  readonly #target: CanonicalParty | undefined;
  readonly #countryCode: string | undefined;

  constructor(
    tokens: readonly CheckedToken[],
    { toUri, requestUri }: IdentityFacts,
    countryCode: string | undefined,
  ) {
    this.#tokens = tokens;
    this.#called = canonicalParty(toUri);
    this.#target = requestUri === undefined ? undefined : canonicalParty(requestUri);
    this.#countryCode = countryCode;
  }

  /**
   * Why a PASSporT is not for this call. Where there are diversions, they must lead to the number of
   * the Request-URI: To may have been left as it was. A Request-URI without a number is the place of
   * a registered user agent, which no diversion names.
   */
  doubt(passport: Passport): StirReason | undefined {
    const isForCalled = this.#names(passport.destination, this.#called);
    if (this.#tokens.length === 0) return isForCalled ? undefined : "destination-mismatch";
    const target = this.#target;
    const isTelling = target?.number !== undefined;
    if (isForCalled && (!isTelling || this.#names(passport.destination, target))) return undefined;
    const ends = [...(isForCalled ? [] : [this.#called]), ...(target ? [target] : [])];
    return this.#doubtOfChain(passport, ends);
  }

  #doubtOfChain(passport: Passport, ends: readonly CanonicalParty[]): StirReason | undefined {
    const proven = this.#tokens.filter(({ checks }) => decidingReason(checks) === undefined);
    if (this.#leads(passport, proven, ends)) return undefined;
    const open = this.#tokens.filter(({ checks }) => {
      const reason = decidingReason(checks);
      return reason !== undefined && isOpen(reason);
    });
    return this.#leads(passport, [...proven, ...open], ends)
      ? decidingReason(open[0]?.checks ?? [])
      : "broken-diversion";
  }

  /** Each diversion is taken at most once. */
  #leads(
    { originator, destination }: Passport,
    tokens: readonly CheckedToken[],
    ends: readonly CanonicalParty[],
  ): boolean {
    const left = new Set(tokens.flatMap(({ passport }) => passport ?? []));
    const reached: PartyClaim[] = [destination];
    for (const claim of reached) {
      for (const diversion of left) {
        const { diverter } = diversion;
        if (diverter === undefined || !overlap(diverter, claim)) continue;
        if (!overlap(diversion.originator, originator)) continue;
        left.delete(diversion);
        reached.push(diversion.destination);
      }
    }
    return reached.slice(1).some((claim) => ends.some((end) => this.#names(claim, end)));
  }

  #names(claim: PartyClaim, party: CanonicalParty): boolean {
    return claimsParty(claim, party, this.#countryCode);
  }
}

function overlap(a: PartyClaim, b: PartyClaim): boolean {
  const numbers = b.numbers.map(canonicalNumber);
  const uris = b.uris.map(canonicalUri);
  return (
    a.numbers.some((number) => numbers.includes(canonicalNumber(number))) ||
    a.uris.some((uri) => uris.includes(canonicalUri(uri)))
  );
}
