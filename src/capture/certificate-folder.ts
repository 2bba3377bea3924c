/**
 * Certificates, trust anchors and revocation lists from files, for the verification of callers'
 * identities.
 *
 * @module
 */

import { readdir, readFile, stat } from "node:fs/promises";

import { CertificateFilesError } from "../errors.js";
import type { CertificateFile } from "../stir/local-certificates.js";
import type { VerifierOptions } from "../stir/token-check.js";
import { systemReason } from "../net/system-reason.js";

/** Files of a folder that are read, those of the folders in it included. */
export const MAX_FILES = 10_000;

/** Bytes of one file that are read. */
export const MAX_FILE_BYTES = 16_777_216;

const CERTIFICATE_NAME = /\.(?:pem|crt|cer|der|cert)$/i;

/** Where everything is. */
export interface CertificatePaths {
  /** Folders and bundles with the certificates of signers. */
  readonly certificates: readonly string[];
  /** Bundles of trust anchors. Without any, no certificate is trusted. */
  readonly trust: readonly string[];
  /** Certificate revocation lists. */
  readonly revocationLists?: readonly string[];
}

/**
 * Reads everything that verification needs, once.
 *
 * @throws {CertificateFilesError} If a path cannot be read, holds no certificate, or holds a revocation
 *   list that nobody trusted has signed.
 */
export async function readCertificates(
  paths: CertificatePaths,
): Promise<Pick<VerifierOptions, "certificates" | "trust">> {
  // Takes a library that costs more to load than a small capture to analyse.
  const [{ LocalCertificates }, { TrustStore }] = await Promise.all([
    import("../stir/local-certificates.js"),
    import("../stir/trust-store.js"),
  ]);
  const files: CertificateFile[] = [];
  for (const path of paths.certificates) files.push(...(await certificateFiles(path)));
  const certificates = new LocalCertificates(files);
  if (paths.certificates.length > 0 && certificates.size === 0) {
    throw new CertificateFilesError(
      `${paths.certificates.join(", ")}: There is no certificate of a signer in it.`,
    );
  }
  const anchors = await Promise.all(paths.trust.map(content));
  const revocationLists = await Promise.all((paths.revocationLists ?? []).map(content));
  const trust = new TrustStore({ anchors, revocationLists });
  const { unusable, size } = trust;
  if (paths.trust.length > 0 && size.anchors === 0) {
    throw new CertificateFilesError(`${paths.trust.join(", ")}: There is no certificate in it.`);
  }
  if (unusable > 0) {
    const named = [...paths.trust, ...(paths.revocationLists ?? [])].join(", ");
    throw new CertificateFilesError(
      `${named}: ${unusable} of the certificates and revocation lists in it cannot be read, ` +
        "or were not signed by anybody trusted.",
    );
  }
  return { certificates, trust };
}

async function certificateFiles(path: string): Promise<CertificateFile[]> {
  const isFolder = (await attempted(path, stat(path))).isDirectory();
  if (!isFolder) return [{ name: lastSegment(path), content: await content(path) }];
  const entries = await attempted(path, readdir(path, { withFileTypes: true, recursive: true }));
  const found = entries.filter((entry) => entry.isFile() && CERTIFICATE_NAME.test(entry.name));
  if (found.length > MAX_FILES) {
    throw new CertificateFilesError(`${path}: It holds more than ${MAX_FILES} certificate files.`);
  }
  const files: CertificateFile[] = [];
  for (const entry of found) {
    const whole = `${entry.parentPath}/${entry.name}`;
    const name = whole.slice(path.length).replaceAll("\\", "/").replace(/^\/+/, "");
    files.push({ name, content: await content(whole) });
  }
  return files;
}

async function content(path: string): Promise<Uint8Array> {
  const { size } = await attempted(path, stat(path));
  if (size > MAX_FILE_BYTES) {
    throw new CertificateFilesError(`${path}: It is larger than ${MAX_FILE_BYTES} bytes.`);
  }
  return attempted(path, readFile(path));
}

async function attempted<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CertificateFilesError(`${path}: It cannot be read: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}

function lastSegment(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
