/**
 * Handshakes that gave media no keys.
 *
 * @module
 */

import type { CallReport, DtlsReport } from "../../call/call-report.js";

/** How a handshake ends without keys for media. */
export const KEYLESS: readonly DtlsReport["result"][] = [
  "fail",
  "timeout",
  "aborted",
  "no-srtp-profile",
];

/** Whether none of a call's handshakes gave any, so that nobody can be said to have heard what went by. */
export function isKeyless({ security: { dtls = [] } }: CallReport): boolean {
  return dtls.length > 0 && dtls.every(({ result }) => KEYLESS.includes(result));
}
