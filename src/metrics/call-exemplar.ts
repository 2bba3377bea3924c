/**
 * What names a call beside a number: OpenMetrics only.
 *
 * @module
 */

import type { Exemplar } from "./series.js";

/** OpenMetrics allows 128 characters with the label's name. */
const MAX_CALL_ID_LENGTH = 120;

/** @returns Nothing where no call is known, or its id is too long, or the time is not known. */
export function callExemplar(
  callId: string | undefined,
  value: number,
  atMs: number,
): Exemplar | undefined {
  if (typeof callId !== "string" || callId === "" || callId.length > MAX_CALL_ID_LENGTH)
    return undefined;
  const atSeconds = atMs / 1000;
  return Number.isNaN(atSeconds) ? undefined : { labels: { call_id: callId }, value, atSeconds };
}
