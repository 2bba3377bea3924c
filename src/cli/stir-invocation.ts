/**
 * What the command line asks of verification.
 *
 * @module
 */

import type { VerifierOptions } from "../stir/token-check.js";
import type { Analysers } from "./analysers.js";
import type { DisplayWishes } from "./display.js";
import {
  atLeastOne,
  decimal,
  displayWishes,
  type Given,
  instantMs,
  single,
} from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** What identities are verified with. */
export interface StirFiles {
  /** Folders and bundles. */
  readonly certificates: readonly string[];
  readonly trust: readonly string[];
  readonly revocationLists: readonly string[];
  readonly maxAgeSeconds?: number;
  readonly countryCode?: string;
}

/** One Identity, or those of one message, explained. */
export interface StirInvocation extends DisplayWishes {
  readonly kind: "stir";
  /** A header field value, or the path of a file with one or with a SIP request. */
  readonly identity: string;
  readonly isJson: boolean;
  /** URIs; absent to take the message's, or the claims at their word. */
  readonly from?: string;
  readonly to?: string;
  /** When the message was seen, in epoch milliseconds; absent for now. */
  readonly atMs?: number;
  readonly files: StirFiles;
}

/** @throws {UsageError} If it cannot be understood. */
export function stirInvocation(words: readonly string[], given: Given): StirInvocation {
  const [identity, extra] = atLeastOne(
    words,
    `stir needs an Identity header or a file with one, as in stir invite.txt`,
  );
  if (extra !== undefined) {
    throw new UsageError(`stir takes one Identity or file; quote it if it has spaces`);
  }
  const from = single(given, "from");
  const to = single(given, "to");
  const at = single(given, "at");
  return {
    kind: "stir",
    identity,
    isJson: given.has("json"),
    ...displayWishes(given),
    ...(from !== undefined && { from: partyUri("from", from) }),
    ...(to !== undefined && { to: partyUri("to", to) }),
    ...(at !== undefined && { atMs: instantMs("at", at) }),
    files: stirFiles(given) ?? NO_STIR_FILES,
  };
}

const NO_STIR_FILES: StirFiles = { certificates: [], trust: [], revocationLists: [] };

function partyUri(name: string, written: string): string {
  if (/^(?:sips?|tel):/i.test(written)) return written;
  if (/^\+?[\d().-]+$/.test(written)) return `tel:${written}`;
  throw new UsageError(
    `--${name} ${written}: it must be a number or a URI, as in tel:+12155550121`,
  );
}

/** Files and rules of verification, or nothing where no option says anything of it. */
export function stirFiles(given: Given): StirFiles | undefined {
  const certificates = given.get("stir-certs") ?? [];
  const trust = given.get("stir-trust") ?? [];
  const revocationLists = given.get("stir-crl") ?? [];
  const maxAge = single(given, "stir-max-age");
  const countryCode = single(given, "stir-country");
  const hasRule = maxAge !== undefined || countryCode !== undefined;
  const paths = certificates.length + trust.length + revocationLists.length;
  if (paths === 0 && !hasRule) return undefined;
  if (countryCode !== undefined && !/^[1-9]\d{0,2}$/.test(countryCode)) {
    throw new UsageError(`--stir-country ${countryCode}: it must be digits, as in 1 or 49`);
  }
  return {
    certificates,
    trust,
    revocationLists,
    ...(maxAge !== undefined && {
      maxAgeSeconds: decimal("stir-max-age", maxAge, "s", 0, 86_400_000),
    }),
    ...(countryCode !== undefined && { countryCode }),
  };
}

/** Reads the files. */
export async function verifierOptions(
  { maxAgeSeconds, countryCode, ...paths }: StirFiles,
  readCertificates: Analysers["readCertificates"],
): Promise<VerifierOptions> {
  return { ...(await readCertificates(paths)), maxAgeSeconds, countryCode };
}
