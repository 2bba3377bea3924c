/**
 * Certificate revocation lists, also those that one authority keeps for many (RFC 5280 §5).
 *
 * @module
 */

import { verify } from "node:crypto";

import { AsnConvert } from "@peculiar/asn1-schema";
import {
  CertificateIssuer,
  CertificateList,
  CRLReason,
  CRLReasons,
  id_ce_certificateIssuer,
  id_ce_cRLReasons,
  id_ce_issuingDistributionPoint,
  IssuingDistributionPoint,
  type RevokedCertificate,
} from "@peculiar/asn1-x509";

import type { StirCertificate } from "./certificate.js";
import { comparableName } from "./certificate-name.js";

/** Bytes of one list that are read. */
export const MAX_LIST_BYTES = 16_777_216;

/** Parts of the encoding that are read; a revoked certificate takes six or so. */
const MAX_NODES = 4_000_000;

/** Digests by the signature algorithms in use (RFC 5758 §3.2, RFC 4055 §5). */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
]);

/** One list, read once. */
export class RevocationList {
  readonly issuerName: string;
  readonly #list: CertificateList;
  readonly #isIndirect: boolean;
  /** When each was revoked, by issuer and serial number. */
  readonly #revokedAtMs = new Map<string, number>();

  private constructor(list: CertificateList) {
    this.#list = list;
    const { issuer, crlExtensions = [], revokedCertificates = [] } = list.tbsCertList;
    this.issuerName = comparableName(issuer);
    const scope = crlExtensions.find(({ extnID }) => extnID === id_ce_issuingDistributionPoint);
    this.#isIndirect =
      scope !== undefined &&
      AsnConvert.parse(scope.extnValue.buffer, IssuingDistributionPoint).indirectCRL;
    // An entry without an issuer is of the one before it (RFC 5280 §5.3.3).
    let of = this.issuerName;
    for (const entry of revokedCertificates) {
      if (this.#isIndirect) of = issuerOf(entry) ?? of;
      if (reasonOf(entry) === CRLReasons.removeFromCRL) continue;
      const serial = Buffer.from(entry.userCertificate).toString("hex");
      this.#revokedAtMs.set(`${serial} ${of}`, entry.revocationDate.getTime().getTime());
    }
  }

  /** Reads a list in DER, or nothing if it is none. */
  static parse(der: Uint8Array): RevocationList | undefined {
    if (der.length > MAX_LIST_BYTES) return undefined;
    try {
      const berOptions = { maxNodes: MAX_NODES, maxContentLength: MAX_LIST_BYTES };
      const list = AsnConvert.parse(der, CertificateList, { berOptions });
      // Mandatory (RFC 5280 §5.1.2.5); without it the decoder passes over the entries that follow.
      return list.tbsCertList.nextUpdate === undefined ? undefined : new RevocationList(list);
    } catch {
      return undefined;
    }
  }

  /** Revoked certificates it names. */
  get size(): number {
    return this.#revokedAtMs.size;
  }

  isSignedBy({ publicKey, mayListRevocations, subjectName }: StirCertificate): boolean {
    const { signatureAlgorithm, tbsCertListRaw, signature } = this.#list;
    const digest = DIGESTS.get(signatureAlgorithm.algorithm);
    if (!mayListRevocations || subjectName !== this.issuerName) return false;
    if (digest === undefined || tbsCertListRaw === undefined) return false;
    try {
      return verify(digest, Buffer.from(tbsCertListRaw), publicKey, Buffer.from(signature));
    } catch {
      return false;
    }
  }

  /** Whether it says that the certificate was revoked by then. */
  isRevoked(certificate: StirCertificate, atMs: number): boolean {
    const { issuerName, revocationIssuers, serialNumber } = certificate;
    const speaksForIt =
      issuerName === this.issuerName ||
      (this.#isIndirect && revocationIssuers.includes(this.issuerName));
    if (!speaksForIt) return false;
    const revokedAtMs = this.#revokedAtMs.get(`${serialNumber} ${issuerName}`);
    return revokedAtMs !== undefined && revokedAtMs <= atMs;
  }
}

function issuerOf({ crlEntryExtensions = [] }: RevokedCertificate): string | undefined {
  const extension = crlEntryExtensions.find(({ extnID }) => extnID === id_ce_certificateIssuer);
  if (extension === undefined) return undefined;
  const names = AsnConvert.parse(extension.extnValue.buffer, CertificateIssuer);
  const name = names.find(({ directoryName }) => directoryName !== undefined)?.directoryName;
  return name && comparableName(name);
}

function reasonOf({ crlEntryExtensions = [] }: RevokedCertificate): CRLReasons | undefined {
  const extension = crlEntryExtensions.find(({ extnID }) => extnID === id_ce_cRLReasons);
  return extension && AsnConvert.parse(extension.extnValue.buffer, CRLReason).reason;
}
