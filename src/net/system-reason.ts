/**
 * What the operating system holds against a path or an address, in words.
 *
 * @module
 */

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EMFILE: "too many files are open",
  EADDRINUSE: "the port is taken",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such name",
};

/** The reason of a system's error in words; that of any other, or an unknown one, as it is written. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return REASONS[codeOf(error) ?? ""] ?? error.message;
}

/** The same for a file that was to be made: what is not there is the folder that it was to lie in. */
export function writingReason(error: unknown): string {
  return codeOf(error) === "ENOENT" ? "its folder does not exist" : systemReason(error);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
