/**
 * A caller's identity and its verification, step by step: in words and as JSON.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import type { PartyClaim } from "../stir/passport.js";
import { isOpen, STIR_REASONS, type StirReason, type VerifierCode } from "../stir/reason.js";
import { type CheckedToken, CHECK_NAMES, type CheckName } from "../stir/token-check.js";
import type { IdentityVerdict, Signer } from "../stir/verify.js";
import { printable } from "./display-text.js";
import { CHECK_WORDS, REASON_WORDS } from "./identity-words.js";
import type { Paint, Tone } from "./tone.js";

/** Characters of a claim that are shown. */
const MAX_CLAIM_LENGTH = 120;

/** What one check came to. */
export type CheckResult = "held" | "failed" | "open" | "not-made";

/** One check of the explanation. */
export interface CheckReport {
  readonly name: CheckName;
  readonly result: CheckResult;
  readonly reason?: StirReason;
  readonly code?: VerifierCode;
}

/** One Identity of the explanation. */
export interface IdentityReport {
  readonly form: "full" | "compact";
  readonly ppt?: string;
  readonly algorithm: string;
  readonly infoUri?: string;
  readonly attestation?: "A" | "B" | "C";
  readonly issuedAt?: string;
  readonly originator?: PartyClaim;
  readonly destination?: PartyClaim;
  readonly diverter?: PartyClaim;
  readonly signer?: Signer & { readonly notBefore: string; readonly notAfter: string };
  readonly checks: readonly CheckReport[];
}

/** An explanation as JSON. */
export interface IdentityExplanation {
  readonly schema: "mediaprobe.identity/1";
  /** The time by which freshness and certificates were judged. */
  readonly at: string;
  readonly result: IdentityVerdict["status"];
  readonly reason?: StirReason;
  readonly code?: VerifierCode;
  readonly attestation?: "A" | "B" | "C";
  readonly signer?: Signer;
  readonly identities: readonly IdentityReport[];
}

/**
 * What there is to say of a verdict.
 *
 * @param uncompared - Checks that hold only because nobody said what to compare with.
 */
export function identityExplanation(
  { status, reason, attestation, signer, tokens }: IdentityVerdict,
  atMs: number,
  uncompared: readonly CheckName[],
): IdentityExplanation {
  return {
    schema: "mediaprobe.identity/1",
    at: isoMicroseconds(atMs),
    result: status,
    ...present("reason", reason),
    ...present("code", reason && STIR_REASONS[reason]),
    ...present("attestation", attestation),
    ...present("signer", signer),
    identities: tokens.map((token) => identityReport(token, uncompared)),
  };
}

function identityReport(
  { identity, passport, checks, chain }: CheckedToken,
  uncompared: readonly CheckName[],
): IdentityReport {
  const { form, ppt, algorithm, infoUri } = identity;
  const signer = chain?.signer;
  const [serviceProviderCode] = signer?.serviceProviderCodes ?? [];
  const issuedAt = passport?.issuedAtSeconds;
  return {
    form,
    ...present("ppt", ppt),
    algorithm,
    ...present("infoUri", infoUri),
    ...present("attestation", passport?.attestation),
    ...present("issuedAt", issuedAt === undefined ? undefined : instant(issuedAt * 1000)),
    ...present("originator", passport?.originator),
    ...present("destination", passport?.destination),
    ...present("diverter", passport?.diverter),
    ...(signer && {
      signer: {
        subject: signer.subject,
        ...present("serviceProviderCode", serviceProviderCode),
        notBefore: isoMicroseconds(signer.notBeforeMs),
        notAfter: isoMicroseconds(signer.notAfterMs),
      },
    }),
    checks: CHECK_NAMES.map((name) => {
      const check = checks.find((one) => one.name === name);
      if (check === undefined || uncompared.includes(name)) return { name, result: "not-made" };
      const { reason } = check;
      if (reason === undefined) return { name, result: "held" };
      const result = isOpen(reason) ? "open" : "failed";
      return { name, result, reason, code: STIR_REASONS[reason] };
    }),
  };
}

/** A claimed time may be beyond what a date can be. */
function instant(ms: number): string | undefined {
  return Math.abs(ms) <= MAX_DATE_MS ? isoMicroseconds(ms) : undefined;
}

/** 9999-12-31. */
const MAX_DATE_MS = 253_402_300_799_000;

const MARKS: Readonly<Record<CheckResult, { readonly mark: string; readonly tone: Tone }>> = {
  held: { mark: "✓", tone: "good" },
  failed: { mark: "✗", tone: "bad" },
  open: { mark: "?", tone: "fair" },
  "not-made": { mark: "–", tone: "faint" },
};

/** The explanation in words, line by line. */
export function* identityText(explanation: IdentityExplanation, paint: Paint): Generator<string> {
  const { identities, at, result, reason, code } = explanation;
  for (const [index, identity] of identities.entries()) {
    if (index > 0) yield "";
    yield paint("strong", `Identity ${index + 1} of ${identities.length}: ${kindOf(identity)}`);
    yield* claimLines(identity);
    for (const check of identity.checks) yield checkLine(check, paint);
  }
  if (identities.length > 0) yield "";
  yield `Judged as of ${at}.`;
  const why = reason === undefined ? "" : `: ${REASON_WORDS[reason]} (${code ?? ""})`;
  const tone = result === "verified" ? "good" : result === "failed" ? "bad" : "fair";
  yield paint(tone, `${result}${why}`);
}

function kindOf({ ppt, form, attestation }: IdentityReport): string {
  const extension = ppt === undefined ? "no extension" : printable(ppt.slice(0, 32));
  const vouched = attestation === undefined ? "" : `, attestation ${attestation}`;
  return `${extension}, ${form} form${vouched}`;
}

function* claimLines(identity: IdentityReport): Generator<string> {
  const { originator, destination, diverter, issuedAt, infoUri, signer } = identity;
  if (originator && destination) {
    const through = diverter === undefined ? "" : `, diverted by ${partyText(diverter)}`;
    yield `  from ${partyText(originator)} to ${partyText(destination)}${through}`;
  }
  if (issuedAt !== undefined) yield `  issued ${issuedAt}`;
  if (infoUri !== undefined) yield `  certificate at ${shown(infoUri)}`;
  if (signer === undefined) return;
  const provider = signer.serviceProviderCode;
  const code = provider === undefined ? "" : `, service provider ${shown(provider)}`;
  yield `  signed by ${shown(signer.subject)}${code}, valid ${signer.notBefore} to ${signer.notAfter}`;
}

function checkLine({ name, result, reason, code }: CheckReport, paint: Paint): string {
  const { mark, tone } = MARKS[result];
  const why = reason === undefined ? "" : `: ${REASON_WORDS[reason]} (${code ?? ""})`;
  const note = result === "not-made" ? " (not checked)" : "";
  return `  ${paint(tone, mark)} ${CHECK_WORDS[name]}${why}${note}`;
}

function partyText({ numbers, uris }: PartyClaim): string {
  const named = [...numbers, ...uris].join(", ");
  return named === "" ? "nobody" : shown(named);
}

function shown(text: string): string {
  const short = text.length > MAX_CLAIM_LENGTH ? `${text.slice(0, MAX_CLAIM_LENGTH)}…` : text;
  return printable(short);
}
