/**
 * Instants as text.
 *
 * @module
 */

/** An instant in ISO 8601 with microseconds, in UTC. `atMs`: epoch milliseconds with a fraction. */
export function isoMicroseconds(atMs: number): string {
  const wholeMs = Math.floor(atMs);
  // A double holds present-day milliseconds to a quarter of a microsecond.
  const micros = Math.round((atMs - wholeMs) * 1000);
  const carried = new Date(wholeMs + (micros === 1000 ? 1 : 0)).toISOString();
  return `${carried.slice(0, -1)}${String(micros % 1000).padStart(3, "0")}Z`;
}
