/**
 * What the command line asks of `live`.
 *
 * @module
 */

import type { DisplayWishes } from "./display.js";
import { displayWishes, durationMs, type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** A running probe to follow. */
export interface LiveInvocation extends DisplayWishes {
  readonly kind: "live";
  /** Where its server is, without a slash at the end. */
  readonly url: string;
  /** Of HTTP Basic, as the URL names them. */
  readonly basic?: { readonly user: string; readonly password: string };
  /** In which the bearer token is. */
  readonly tokenFile?: string;
  /** Absent to go on until it is ended. */
  readonly forMs?: number;
  readonly isJson: boolean;
}

/** Where a probe's server is unless it is said otherwise. */
const DEFAULT_URL = "http://127.0.0.1:9464";

/** @throws {UsageError} If it cannot be understood. */
export function liveInvocation(words: readonly string[], given: Given): LiveInvocation {
  const [place = DEFAULT_URL, extra] = words;
  if (extra !== undefined) throw new UsageError(`live takes one server; ${extra} is one too many`);
  const time = single(given, "for");
  const tokenFile = single(given, "token-file");
  const server = serverAt(place);
  if (tokenFile !== undefined && server.basic !== undefined) {
    throw new UsageError("--token-file and a password in the URL are two credentials; say one");
  }
  return {
    kind: "live",
    ...server,
    ...(tokenFile !== undefined && { tokenFile }),
    ...(time !== undefined && { forMs: durationMs("for", time) }),
    isJson: given.has("json"),
    ...displayWishes(given),
  };
}

/** `9464`, `host:9464`, `https://user:password@host/probe`. */
function serverAt(written: string): Pick<LiveInvocation, "url" | "basic"> {
  const text = /^\d{1,5}$/.test(written)
    ? `http://127.0.0.1:${written}`
    : /^[a-z]+:\/\//i.test(written)
      ? written
      : `http://${written}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `${written} is no server; name a port or an address, as in 9464 or http://host:9464`,
    );
  }
  const place = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  if (url.username === "") return { url: place };
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  return { url: place, basic: { user: user ?? "", password: password ?? "" } };
}
