/**
 * Instants as text.
 *
 * @module
 */

const MINUTE_MS = 60_000;

let minuteOfText = Number.NaN;
let minuteText = "";

/** An instant in ISO 8601 with microseconds, in UTC. `atMs`: epoch milliseconds with a fraction. */
export function isoMicroseconds(atMs: number): string {
  // A double holds present-day milliseconds to a quarter of a microsecond.
  const micros = Math.round(atMs * 1000);
  const minute = Math.floor(micros / (MINUTE_MS * 1000));
  if (minute !== minuteOfText) {
    // Most instants of a report share their minute with the one before.
    minuteOfText = minute;
    minuteText = new Date(minute * MINUTE_MS).toISOString().slice(0, -"00.000Z".length);
  }
  // A digit in front keeps the zeros that follow it.
  const rest = String(100_000_000 + (micros - minute * MINUTE_MS * 1000));
  const seconds = `${rest.slice(1, 3)}.${rest.slice(3)}Z`;
  return minuteText + seconds;
}
