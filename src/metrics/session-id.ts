/**
 * Session ids as labels: hashed, and of one session in so many.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";

/** What stands for a session that is not among the sampled ones. */
export const SAMPLED_OUT = "sampled_out";

/** How session ids are hashed. */
export interface SampledSessionIdOptions {
  /** Hashes with a secret (HMAC), so that ids cannot be tried out. */
  readonly salt?: string | undefined;
}

/**
 * A label value for a session: the first 8 bytes of the SHA-256 of its id in hexadecimal, or
 * {@link SAMPLED_OUT}. A session is always either in or out: which, the next 8 bytes decide. A hash does not
 * bound how many values there are; the list a label is of does.
 *
 * @param raw The session's id; an empty one stays empty.
 * @param sampleRate One session in so many is kept; all with 1 or less.
 */
export function sampledSessionId(
  raw: string,
  sampleRate: number,
  { salt }: SampledSessionIdOptions = {},
): string {
  if (raw === "") return "";
  const hash = salt === undefined ? createHash("sha256") : createHmac("sha256", salt);
  const digest = hash.update(raw).digest();
  const rate = BigInt(Number.isFinite(sampleRate) ? Math.max(1, Math.trunc(sampleRate)) : 1);
  if (digest.readBigUInt64BE(8) % rate !== 0n) return SAMPLED_OUT;
  return digest.toString("hex", 0, 8);
}
