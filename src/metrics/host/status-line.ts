/**
 * Statuses of HTTP responses as they go to a connection.
 *
 * @module
 */

/** What nginx logs for a client that closed the connection before it had an answer. */
export const CLIENT_CLOSED_REQUEST = 499;

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

/** So much of a chunk has all that is looked for. */
const STATUS_LINE_LENGTH = 16;

/** The status that a chunk begins with, if it is the begin of a response. */
export function statusOf(chunk: unknown): number | undefined {
  const status = STATUS_LINE.exec(textOf(chunk))?.[1];
  return status === undefined ? undefined : Number(status);
}

function textOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk;
  if (!(chunk instanceof Uint8Array)) return "";
  return Buffer.from(chunk.subarray(0, STATUS_LINE_LENGTH)).toString("latin1");
}
