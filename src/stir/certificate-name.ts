/**
 * Names of certificates. They are apart from the certificates, whose types are read by those who
 * write a `CertificateSource`: the types of the library that reads ASN.1 would come with them.
 *
 * @module
 */

import type { Name } from "@peculiar/asn1-x509";

/** A name as it is compared: encodings of the same text differ from one issuer to the next. */
export function comparableName(name: Name): string {
  const parts = name.map((relative) =>
    relative
      .map(({ type, value }) => `${type}=${value.toString().replace(/\s+/g, " ").trim()}`)
      .sort()
      .join("+"),
  );
  return parts.join(",").toLowerCase();
}
