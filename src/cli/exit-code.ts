/**
 * How the command ends.
 *
 * @module
 */

/** What the exit codes stand for. */
export const EXIT_CODES = {
  ok: 0,
  internalError: 1,
  usage: 2,
  notACapture: 3,
  partlyRead: 4,
  assertionFailed: 5,
  addonMissing: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** The worse outcomes first: the one that decides where several captures end differently. */
const BY_SEVERITY: readonly ExitCode[] = [
  EXIT_CODES.interrupted,
  EXIT_CODES.internalError,
  EXIT_CODES.addonMissing,
  EXIT_CODES.usage,
  EXIT_CODES.notACapture,
  EXIT_CODES.assertionFailed,
  EXIT_CODES.partlyRead,
  EXIT_CODES.ok,
];

/** The worse of two codes. */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  return BY_SEVERITY.indexOf(a) < BY_SEVERITY.indexOf(b) ? a : b;
}
