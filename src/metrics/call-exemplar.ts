/**
 * What names a call beside a number: OpenMetrics only.
 *
 * @module
 */

import type { Exemplar } from "./series.js";

/** OpenMetrics allows 128 characters with the label's name. */
const MAX_CALL_ID_LENGTH = 120;

/** No Call-ID has any (RFC 3261 §25.1). At a NUL in an exemplar Prometheus gives up the whole scrape. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** @returns Nothing where no call is known, or its id cannot be shown, or the time is not known. */
export function callExemplar(
  callId: string | undefined,
  value: number,
  atMs: number,
): Exemplar | undefined {
  if (typeof callId !== "string" || callId === "" || callId.length > MAX_CALL_ID_LENGTH)
    return undefined;
  if (CONTROL_CHARACTER.test(callId)) return undefined;
  const atSeconds = atMs / 1000;
  return Number.isNaN(atSeconds) ? undefined : { labels: { call_id: callId }, value, atSeconds };
}
