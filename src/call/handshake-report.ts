/**
 * What is said of one DTLS handshake.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import { type HandshakeContext, handshakeResult } from "../dtls/verdict.js";
import { present } from "../rtcp/present.js";
import type { DtlsReport } from "./call-report.js";
import { seconds } from "./duration.js";

/** The report on a handshake; nothing where what was captured cannot tell how it went. */
export function handshakeReport(
  association: DtlsAssociation,
  context: HandshakeContext,
): DtlsReport | undefined {
  const verdict = handshakeResult(association, context);
  if (verdict === undefined) return undefined;
  const { startedAtMs, completedAtMs, version, cipher, srtpProfile } = association;
  const alert = verdict.alert && {
    level: verdict.alert.level,
    code: verdict.alert.code,
    name: verdict.alert.name,
    by: verdict.alert.by,
  };
  return {
    result: verdict.result,
    ...present("alert", alert),
    ...present("durationSeconds", seconds(startedAtMs, completedAtMs)),
    ...present("version", version),
    ...present("cipher", cipher),
    ...present("srtpProfile", srtpProfile),
    retransmissions: association.retransmissions,
  };
}
