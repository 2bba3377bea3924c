/**
 * What a handshake came to, by what its call's session descriptions promised (RFC 5763 §5, RFC 8122
 * §5, RFC 5764 §4.1).
 *
 * @module
 */

import type {
  CertificateFingerprints,
  DtlsAlert,
  DtlsAssociation,
  DtlsResult,
} from "./association.js";
import { FINGERPRINT_ALGORITHMS } from "./certificate.js";

/** An `a=fingerprint` of a session description. */
export interface StatedFingerprint {
  /** In lower case: `sha-256`. */
  readonly algorithm: string;
  /** Octets in hex, separated by colons. */
  readonly value: string;
}

/** What is known of the call a handshake belongs to. */
export interface HandshakeContext {
  /** Those of the client's session description; empty where it has none; absent without one. */
  readonly clientFingerprints?: readonly StatedFingerprint[] | undefined;
  /** Those of the server's session description; empty where it has none; absent without one. */
  readonly serverFingerprints?: readonly StatedFingerprint[] | undefined;
  /** End of the call, else of the capture, else now. */
  readonly endedAtMs: number;
  /** The call was over at that moment, so the handshake could not go on. */
  readonly isCallOver: boolean;
  /** SRTP was seen between these endpoints that shows that the handshake ended. */
  readonly hasSrtp: boolean;
}

/** What a handshake came to, and the alert that says so. */
export interface HandshakeOutcome {
  readonly result: Exclude<DtlsResult, "late-ok">;
  readonly alert?: DtlsAlert;
}

/**
 * How long a handshake may stand still before it is given up as dead: three timers of RFC 6347
 * §4.2.4.1 (1, 2 and 4 s) have passed without an answer.
 */
export const STALLED_AFTER_MS = 7_000;

const CLOSE_NOTIFY = 0;
const USER_CANCELED = 90;

/**
 * The outcome of a handshake; nothing where what was captured cannot tell. By the first that holds:
 *
 * - `fingerprint-mismatch`: a certificate matches none of the fingerprints that its side's session
 *   description gives with the strongest hash function (RFC 8122 §5).
 * - `fail`: an alert that ends the handshake, sent before encryption and before its end.
 * - `no-fingerprint`: it ended, but a session description has no fingerprint to check against.
 * - `no-srtp-profile`: it ended, or media flow, and the server selected no profile: there are no keys
 *   for SRTP. In 1.3 the selection is encrypted.
 * - `ok`: it ended; or SRTP flows, whose keys come from nothing else.
 * - `aborted`: a side closed it, or the call ended while it was still going.
 * - `timeout`: nothing new came for {@link STALLED_AFTER_MS} or longer.
 *
 * It cannot be told where one side's packets were not captured, or the handshake's beginning was not,
 * or the capture ended in the middle of it, or the end is encrypted and no SRTP followed.
 */
export function handshakeResult(
  association: DtlsAssociation,
  context: HandshakeContext,
): HandshakeOutcome | undefined {
  const alert = endingAlert(association);
  const withAlert = alert === undefined ? {} : { alert };
  if (hasMismatch(association, context)) return { result: "fingerprint-mismatch", ...withAlert };
  if (alert !== undefined) return { result: isClosing(alert.code) ? "aborted" : "fail", alert };
  const isCompleted = association.completedAtMs !== undefined || context.hasSrtp;
  const judge = isCompleted ? resultOfCompleted : resultOfUnfinished;
  const result = judge(association, context);
  return result === undefined ? undefined : { result };
}

/**
 * Whether a certificate satisfies a session description: with the strongest hash function that both
 * know, one of the fingerprints must match (RFC 8122 §5).
 *
 * @returns Nothing where none of the hash functions is known.
 */
export function matchesFingerprint(
  certificate: CertificateFingerprints,
  stated: readonly StatedFingerprint[],
): boolean | undefined {
  const algorithm = FINGERPRINT_ALGORITHMS.find((candidate) =>
    stated.some((fingerprint) => fingerprint.algorithm.toLowerCase() === candidate),
  );
  if (algorithm === undefined) return undefined;
  return stated.some(
    (fingerprint) =>
      fingerprint.algorithm.toLowerCase() === algorithm &&
      fingerprint.value.toUpperCase() === certificate.get(algorithm),
  );
}

function hasMismatch(association: DtlsAssociation, context: HandshakeContext): boolean {
  const { clientCertificate, serverCertificate } = association;
  const { clientFingerprints, serverFingerprints } = context;
  return (
    isMismatch(clientCertificate, clientFingerprints) ||
    isMismatch(serverCertificate, serverFingerprints)
  );
}

function isMismatch(
  certificate: CertificateFingerprints | undefined,
  stated: readonly StatedFingerprint[] | undefined,
): boolean {
  if (certificate === undefined || stated === undefined) return false;
  return matchesFingerprint(certificate, stated) === false;
}

/** An alert before the end; a later one in plaintext is nobody's who holds the keys. */
function endingAlert({ alerts, completedAtMs, version }: DtlsAssociation): DtlsAlert | undefined {
  const end = completedAtMs ?? Number.POSITIVE_INFINITY;
  return alerts.find(({ level, code, atMs }) => {
    const isError = level === "fatal" || isClosing(code) || version === "1.3";
    return isError && atMs <= end;
  });
}

/** RFC 8446 §6.1: these say that somebody does not want to go on. */
function isClosing(code: number): boolean {
  return code === CLOSE_NOTIFY || code === USER_CANCELED;
}

function resultOfCompleted(
  { version, srtpProfile }: DtlsAssociation,
  { clientFingerprints, serverFingerprints, hasSrtp }: HandshakeContext,
): HandshakeOutcome["result"] | undefined {
  if (clientFingerprints?.length === 0 || serverFingerprints?.length === 0) return "no-fingerprint";
  if (version === "1.3" || srtpProfile !== undefined) return "ok";
  // Where the ServerHello was not captured, only the media show what it selected.
  if (version === undefined) return hasSrtp ? "ok" : undefined;
  return "no-srtp-profile";
}

function resultOfUnfinished(
  association: DtlsAssociation,
  { endedAtMs, isCallOver }: HandshakeContext,
): HandshakeOutcome["result"] | undefined {
  const { sawClient, isOneSided, version, isClientEncrypted, isServerEncrypted } = association;
  if (!sawClient || isOneSided) return undefined;
  // In 1.3 the server's flight is encrypted: where the client's is too, or where neither was
  // captured, nothing shows how far it came.
  if (version === "1.3" && (isClientEncrypted || !isServerEncrypted)) return undefined;
  if (endedAtMs - association.lastProgressAtMs >= STALLED_AFTER_MS) return "timeout";
  return isCallOver ? "aborted" : undefined;
}
