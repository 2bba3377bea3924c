/**
 * Certificates and revocation lists made for a test, signed with keys of its own.
 *
 * @module
 */

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { AsnConvert, AsnIntegerArrayBufferConverter, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  CertificateIssuer,
  CertificateList,
  CRLDistributionPoints,
  DistributionPoint,
  Extension,
  Extensions,
  GeneralName,
  IssuingDistributionPoint,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  RevokedCertificate,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  TBSCertList,
  Time,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

const ECDSA_SHA256 = "1.2.840.10045.4.3.2";

/** A certificate and its key. */
export interface Issued {
  readonly name: string;
  readonly der: Uint8Array;
  readonly pem: string;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
}

/** What a certificate says. */
export interface CertificatePlan {
  readonly name: string;
  /** Absent for one that signs itself. */
  readonly issuer?: Issued;
  readonly isAuthority?: boolean;
  readonly pathLength?: number;
  readonly curve?: "prime256v1" | "secp384r1";
  readonly from?: string;
  readonly to?: string;
  readonly serialNumber?: number;
  readonly usage?: number;
  /** DER of a TNAuthList, in hexadecimal. */
  readonly tnAuthList?: string;
  /** DER of JWTClaimConstraints, in hexadecimal. */
  readonly constraints?: string;
  readonly hosts?: readonly string[];
  /** Names whose revocation list it is on, where its issuer keeps none. */
  readonly revocationIssuer?: string;
  readonly unknownCritical?: boolean;
}

/** Makes a certificate. */
export function issue(plan: CertificatePlan): Issued {
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: plan.curve ?? "prime256v1",
  });
  const { issuer } = plan;
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: integer(plan.serialNumber ?? 1),
    signature: new AlgorithmIdentifier({ algorithm: ECDSA_SHA256 }),
    issuer: nameOf(issuer?.name ?? plan.name),
    validity: new Validity({
      notBefore: new Date(plan.from ?? "2024-01-01T00:00:00Z"),
      notAfter: new Date(plan.to ?? "2044-01-01T00:00:00Z"),
    }),
    subject: nameOf(plan.name),
    subjectPublicKeyInfo: AsnConvert.parse(
      publicKey.export({ type: "spki", format: "der" }),
      SubjectPublicKeyInfo,
    ),
    extensions: new Extensions(extensionsOf(plan)),
  });
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ECDSA_SHA256 }),
    signatureValue: signed(AsnConvert.serialize(tbsCertificate), issuer?.key ?? privateKey),
  });
  const der = Buffer.from(AsnConvert.serialize(certificate));
  return { name: plan.name, der, pem: pemOf(der, "CERTIFICATE"), key: privateKey, publicKey };
}

/** What a revocation list says. */
export interface ListPlan {
  readonly issuer: Issued;
  readonly revoked: readonly {
    readonly serialNumber: number;
    readonly at: string;
    /** In a list that is kept for many: whose certificate it is. */
    readonly issuer?: string;
  }[];
  readonly isIndirect?: boolean;
  /** @default true */
  readonly hasNextUpdate?: boolean;
}

/** Makes a revocation list, as PEM. */
export function revocationList(plan: ListPlan): string {
  const { issuer, revoked, isIndirect = false, hasNextUpdate = true } = plan;
  const scope = new IssuingDistributionPoint({ indirectCRL: true });
  const tbsCertList = new TBSCertList({
    version: Version.v2,
    signature: new AlgorithmIdentifier({ algorithm: ECDSA_SHA256 }),
    issuer: nameOf(issuer.name),
    thisUpdate: new Time(new Date("2025-01-01T00:00:00Z")),
    ...(hasNextUpdate && { nextUpdate: new Time(new Date("2025-02-01T00:00:00Z")) }),
    revokedCertificates: revoked.map(
      ({ serialNumber, at, issuer: of }) =>
        new RevokedCertificate({
          userCertificate: integer(serialNumber),
          revocationDate: new Time(new Date(at)),
          ...(of !== undefined && {
            crlEntryExtensions: [
              extension(
                "2.5.29.29",
                new CertificateIssuer([new GeneralName({ directoryName: nameOf(of) })]),
                true,
              ),
            ],
          }),
        }),
    ),
    ...(isIndirect && { crlExtensions: [extension("2.5.29.28", scope, true)] }),
  });
  const list = new CertificateList({
    tbsCertList,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ECDSA_SHA256 }),
    signature: signed(AsnConvert.serialize(tbsCertList), issuer.key),
  });
  return pemOf(Buffer.from(AsnConvert.serialize(list)), "X509 CRL");
}

function extensionsOf(plan: CertificatePlan): Extension[] {
  const { isAuthority = false, pathLength, hosts, revocationIssuer } = plan;
  const authorityUsage = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
  const usage = plan.usage ?? (isAuthority ? authorityUsage : KeyUsageFlags.digitalSignature);
  const basic = new BasicConstraints({
    cA: isAuthority,
    ...(pathLength !== undefined && { pathLenConstraint: pathLength }),
  });
  const points = new CRLDistributionPoints([
    new DistributionPoint({
      cRLIssuer: [new GeneralName({ directoryName: nameOf(revocationIssuer ?? "") })],
    }),
  ]);
  const names = (hosts ?? []).map((dNSName) => new GeneralName({ dNSName }));
  return [
    extension("2.5.29.15", new KeyUsage(usage), true),
    ...(isAuthority ? [extension("2.5.29.19", basic, true)] : []),
    ...(hosts === undefined
      ? []
      : [extension("2.5.29.17", new SubjectAlternativeName(names), false)]),
    ...(revocationIssuer === undefined ? [] : [extension("2.5.29.31", points, false)]),
    ...raw("1.3.6.1.5.5.7.1.26", plan.tnAuthList, false),
    ...raw("1.3.6.1.5.5.7.1.27", plan.constraints, false),
    ...raw("1.2.3.4", plan.unknownCritical === true ? "0500" : undefined, true),
  ];
}

function extension(extnID: string, value: unknown, critical: boolean): Extension {
  const extnValue = new OctetString(AsnConvert.serialize(value));
  return new Extension({ extnID, critical, extnValue });
}

function raw(extnID: string, hex: string | undefined, critical: boolean): Extension[] {
  if (hex === undefined) return [];
  const extnValue = new OctetString(Buffer.from(hex, "hex"));
  return [new Extension({ extnID, critical, extnValue })];
}

function nameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  const attribute = new AttributeTypeAndValue({ type: "2.5.4.3", value });
  return new Name([new RelativeDistinguishedName([attribute])]);
}

function integer(value: number): ArrayBuffer {
  const encoded = AsnIntegerArrayBufferConverter.toASN(new Uint8Array([value]).buffer);
  return encoded.valueBlock.valueHexView.slice().buffer;
}

function signed(bytes: ArrayBuffer, key: KeyObject): ArrayBuffer {
  const signature = sign("sha256", Buffer.from(bytes), key);
  return new Uint8Array(signature).buffer;
}

function pemOf(der: Buffer, label: string): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** DER of a TNAuthList of short entries, in hexadecimal. */
export function tnAuthList(
  ...entries: readonly (
    | { readonly spc: string }
    | { readonly one: string }
    | { readonly start: string; readonly count: number }
  )[]
): string {
  const encoded = entries.map((entry) => {
    if ("spc" in entry) return wrapped("a0", ia5(entry.spc));
    if ("one" in entry) return wrapped("a2", ia5(entry.one));
    const count = entry.count.toString(16).padStart(4, "0");
    return wrapped("a1", wrapped("30", ia5(entry.start) + wrapped("02", count)));
  });
  return wrapped("30", encoded.join(""));
}

function ia5(text: string): string {
  return wrapped("16", Buffer.from(text, "latin1").toString("hex"));
}

/** Tag, length below 128, value (X.690 §8.1). */
export function wrapped(tag: string, hex: string): string {
  const length = hex.length / 2;
  if (length > 127) throw new RangeError(`${length} bytes are more than a short form holds`);
  return tag + length.toString(16).padStart(2, "0") + hex;
}
