/**
 * Certificates that were collected beforehand, so that no request leaves this machine.
 *
 * @module
 */

import type {
  CertificateAnswer,
  CertificateChain,
  CertificateSource,
} from "./certificate-source.js";
import { StirCertificate } from "./certificate.js";
import { encodedBlocks } from "./pem.js";

/** Certificates that are tried where none is known to be the one. */
export const MAX_CANDIDATES = 32;

/** One file of a folder, or a bundle. */
export interface CertificateFile {
  /** Within the folder, with `/` between: `sti.example.org/709J.pem`. */
  readonly name: string;
  readonly content: Uint8Array;
}

const NOTHING: CertificateAnswer = { kind: "missing", reason: "no-certificate" };

/**
 * Finds a certificate by where it was put. A file is certainly that of a URI if
 *
 * - its path is host and path of the URI, as `sti.example.org/709J.pem`, as a folder or with `_` for
 *   each `/`; or
 * - the URI stands in the text before its certificate.
 *
 * Failing that, certificates of files with the URI's file name and then all others are candidates.
 */
export class LocalCertificates implements CertificateSource {
  /** Certificates that could not be read. */
  readonly unreadable: number;
  readonly #byPlace = new Map<string, CertificateAnswer>();
  readonly #byFileName = new Map<string, CertificateChain[]>();
  readonly #all: CertificateChain[] = [];
  readonly #candidates = new Map<string, CertificateAnswer>();

  constructor(files: readonly CertificateFile[]) {
    let unreadable = 0;
    for (const file of files) unreadable += this.#add(file);
    this.unreadable = unreadable;
  }

  /** Signers' certificates at hand. */
  get size(): number {
    return this.#all.length;
  }

  find(uri: string): CertificateAnswer {
    const place = placeOf(uri);
    return this.#byPlace.get(place) ?? this.#guess(place);
  }

  #guess(place: string): CertificateAnswer {
    if (this.#all.length === 0) return NOTHING;
    const fileName = lastSegment(place);
    const known = this.#byFileName.get(fileName);
    if (known === undefined) {
      return { kind: "candidates", chains: this.#all.slice(0, MAX_CANDIDATES) };
    }
    let answer = this.#candidates.get(fileName);
    if (answer === undefined) {
      const others = this.#all.filter((chain) => !known.includes(chain));
      answer = { kind: "candidates", chains: [...known, ...others].slice(0, MAX_CANDIDATES) };
      this.#candidates.set(fileName, answer);
    }
    return answer;
  }

  /** @returns How many certificates of it could not be read. */
  #add({ name, content }: CertificateFile): number {
    const blocks = encodedBlocks(content, "CERTIFICATE");
    const read = blocks.map(({ der, preamble }) => ({
      certificate: StirCertificate.parse(der),
      uri: /https:\/\/[^\s"'<>]+/i.exec(preamble)?.[0],
    }));
    const certificates = read.flatMap(({ certificate }) => certificate ?? []);
    if (read.length === 0) this.#nameFile(name, undefined);
    for (const [index, { certificate, uri }] of read.entries()) {
      const chain = certificate && chainOf(certificate, certificates);
      if (uri !== undefined) this.#place(placeOf(uri), chain);
      // A file by itself holds a signer's certificate first, then those that lead to an anchor.
      if (index === 0) this.#nameFile(name, chain);
      if (chain !== undefined && !chain.signer.isAuthority) this.#all.push(chain);
    }
    return Math.max(read.length, 1) - certificates.length;
  }

  #nameFile(name: string, chain: CertificateChain | undefined): void {
    const place = name.toLowerCase();
    if (place.includes("/")) this.#place(place, chain);
    else if (place.includes("_")) this.#place(place.replaceAll("_", "/"), chain);
    if (chain === undefined) return;
    const fileName = lastSegment(place);
    const same = this.#byFileName.get(fileName);
    if (same === undefined) this.#byFileName.set(fileName, [chain]);
    else same.push(chain);
  }

  #place(place: string, chain: CertificateChain | undefined): void {
    this.#byPlace.set(place, chain === undefined ? { kind: "bad" } : { kind: "found", chain });
  }
}

function chainOf(
  signer: StirCertificate,
  certificates: readonly StirCertificate[],
): CertificateChain {
  return { signer, others: certificates.filter((one) => one !== signer) };
}

/** Host and path of a URI, in lower case as file systems may have it; without a default port. */
function placeOf(uri: string): string {
  return uri
    .replace(/^https?:\/\//i, "")
    .replace(/^([^/]*):443(?=\/|$)/, "$1")
    .toLowerCase();
}

function lastSegment(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}
