/**
 * Certificates of those who sign PASSporTs, and of those who certify them (RFC 5280, RFC 8226).
 *
 * @module
 */

import { type KeyObject, X509Certificate } from "node:crypto";

import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  Certificate,
  CRLDistributionPoints,
  type Extension,
  id_ce_basicConstraints,
  id_ce_cRLDistributionPoints,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
} from "@peculiar/asn1-x509";

import {
  JWT_CLAIM_CONSTRAINTS_OID,
  parseClaimConstraints,
  parseTelephoneAuthority,
  TN_AUTH_LIST_OID,
} from "./certificate-extensions.js";
import { comparableName } from "./certificate-name.js";
import type { ClaimConstraints, TelephoneAuthority } from "./telephone-authority.js";

/** Bytes of one certificate that are read. One of STI has less than 1,000. */
export const MAX_CERTIFICATE_BYTES = 16_384;

/** Characters of a subject that are told. */
const MAX_SUBJECT_LENGTH = 256;

/** Critical extensions that are heeded, or of which heeding them changes nothing here. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  id_ce_basicConstraints,
  id_ce_keyUsage,
  TN_AUTH_LIST_OID,
  JWT_CLAIM_CONSTRAINTS_OID,
  "2.5.29.17", // subjectAltName
  "2.5.29.32", // certificatePolicies: names the STI policy and limits nothing by itself
]);

const UNREADABLE = "unreadable";

/** One certificate, read once. */
export class StirCertificate {
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
  /** `CN=SHAKEN 709J, O=Example`. */
  readonly subject: string;
  /** Comparable with those of certificates and revocation lists. */
  readonly issuerName: string;
  readonly subjectName: string;
  /** In hexadecimal. */
  readonly serialNumber: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Absent without the extension. */
  readonly authority?: TelephoneAuthority | typeof UNREADABLE;
  readonly constraints?: ClaimConstraints | typeof UNREADABLE;
  /** Who lists its revocation, where that is not its issuer (RFC 5280 §4.2.1.13). */
  readonly revocationIssuers: readonly string[];
  /** May certify others. */
  readonly isAuthority: boolean;
  /** Certificates that may stand between it and the last one of a chain. */
  readonly pathLength: number;
  /** May sign PASSporTs. */
  readonly maySign: boolean;
  readonly mayListRevocations: boolean;
  /** A critical extension is not understood: the certificate must not be relied on. */
  readonly hasUnknownCritical: boolean;

  private constructor(x509: X509Certificate) {
    const { tbsCertificate } = AsnConvert.parse(x509.raw, Certificate);
    const { validity } = tbsCertificate;
    const extensions: readonly Extension[] = tbsCertificate.extensions ?? [];
    this.x509 = x509;
    this.publicKey = x509.publicKey;
    this.subject = x509.subject.split("\n").join(", ").slice(0, MAX_SUBJECT_LENGTH);
    this.issuerName = comparableName(tbsCertificate.issuer);
    this.subjectName = comparableName(tbsCertificate.subject);
    this.serialNumber = Buffer.from(tbsCertificate.serialNumber).toString("hex");
    this.notBeforeMs = validity.notBefore.getTime().getTime();
    this.notAfterMs = validity.notAfter.getTime().getTime();
    const authority = extensionOf(extensions, TN_AUTH_LIST_OID);
    if (authority) this.authority = parseTelephoneAuthority(authority) ?? UNREADABLE;
    const constraints = extensionOf(extensions, JWT_CLAIM_CONSTRAINTS_OID);
    if (constraints) this.constraints = parseClaimConstraints(constraints) ?? UNREADABLE;
    this.revocationIssuers = revocationIssuersOf(extensions);
    const basic = extensionOf(extensions, id_ce_basicConstraints);
    const { cA, pathLenConstraint } = basic
      ? AsnConvert.parse(basic, BasicConstraints)
      : new BasicConstraints();
    const usage = extensionOf(extensions, id_ce_keyUsage);
    const flags = usage ? AsnConvert.parse(usage, KeyUsage).toNumber() : ~0;
    this.isAuthority = cA && (flags & KeyUsageFlags.keyCertSign) !== 0;
    this.pathLength = pathLenConstraint ?? Infinity;
    this.maySign = (flags & KeyUsageFlags.digitalSignature) !== 0;
    this.mayListRevocations = (flags & KeyUsageFlags.cRLSign) !== 0;
    this.hasUnknownCritical = extensions.some(
      ({ critical, extnID }) => critical && !UNDERSTOOD.has(extnID),
    );
  }

  /** Reads a certificate in DER, or nothing if it is none. */
  static parse(der: Uint8Array): StirCertificate | undefined {
    if (der.length > MAX_CERTIFICATE_BYTES) return undefined;
    try {
      return new StirCertificate(new X509Certificate(der));
    } catch {
      return undefined;
    }
  }

  /** Codes of service providers that it names. */
  get serviceProviderCodes(): readonly string[] {
    return typeof this.authority === "object" ? this.authority.serviceProviderCodes : [];
  }

  /** Whether `issuer` issued it: by name, key identifiers and signature. */
  isIssuedBy(issuer: StirCertificate): boolean {
    try {
      return this.x509.checkIssued(issuer.x509) && this.x509.verify(issuer.publicKey);
    } catch {
      return false;
    }
  }

  isSame(other: StirCertificate): boolean {
    return this.x509.fingerprint256 === other.x509.fingerprint256;
  }
}

function extensionOf(extensions: readonly Extension[], oid: string): ArrayBuffer | undefined {
  const found = extensions.find(({ extnID }) => extnID === oid);
  if (found === undefined) return undefined;
  const { buffer } = found.extnValue;
  return buffer;
}

function revocationIssuersOf(extensions: readonly Extension[]): readonly string[] {
  const points = extensionOf(extensions, id_ce_cRLDistributionPoints);
  if (points === undefined) return [];
  try {
    return AsnConvert.parse(points, CRLDistributionPoints).flatMap(({ cRLIssuer = [] }) =>
      cRLIssuer.flatMap(({ directoryName }) =>
        directoryName === undefined ? [] : comparableName(directoryName),
      ),
    );
  } catch {
    return [];
  }
}
