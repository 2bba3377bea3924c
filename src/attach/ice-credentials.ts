/**
 * Which call a peer connection belongs to, by the ICE credentials in the descriptions that a stack
 * sent for it (RFC 8839 §5.4): for stacks that do not say.
 *
 * @module
 */

import type { SessionDescription } from "../sdp/description.js";

/** Credentials that are remembered. */
export const MAX_CREDENTIALS = 16_384;

/** What a description gives, and what an ICE transport has as its local parameters. */
export interface IceCredentials {
  readonly usernameFragment: string;
  readonly password: string;
}

/** Calls by the credentials of their own descriptions, the oldest forgotten for the newest. */
export class IceCredentialIndex {
  readonly #callIds = new Map<string, string>();

  /** Notes a description that was sent for a call. */
  note(callId: string, { media, iceUfrag, icePwd }: SessionDescription): void {
    for (const one of [{ iceUfrag, icePwd }, ...media]) {
      if (one.iceUfrag === undefined || one.icePwd === undefined) continue;
      // The fragment alone may be four characters: two calls can share it.
      const key = keyOf({ usernameFragment: one.iceUfrag, password: one.icePwd });
      this.#callIds.delete(key);
      this.#callIds.set(key, callId);
    }
    for (const oldest of this.#callIds.keys()) {
      if (this.#callIds.size <= MAX_CREDENTIALS) break;
      this.#callIds.delete(oldest);
    }
  }

  /** The Call-ID that was last noted for the credentials, both of which must agree. */
  callIdOf(credentials: IceCredentials): string | undefined {
    return this.#callIds.get(keyOf(credentials));
  }
}

/** Neither part may contain a space (RFC 8839 §5.4). */
function keyOf({ usernameFragment, password }: IceCredentials): string {
  return `${usernameFragment} ${password}`;
}
