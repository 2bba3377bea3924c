/**
 * Who may ask a server for what it knows.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { NetworkSet } from "../net/network.js";

/** Credentials and addresses. Each that is given must fit. */
export interface AccessOptions {
  /** `Authorization: Bearer …` (RFC 6750). */
  readonly bearerToken?: string;
  /** `Authorization: Basic …` (RFC 7617). */
  readonly basic?: { readonly user: string; readonly password: string };
  /** Networks that requests may come from, as `10.0.0.0/8`; loopback always may. */
  readonly allow?: readonly string[];
  /**
   * Names of this server, besides its addresses and `localhost`, under which it may be asked for calls. A
   * web page can have its own name lead to loopback (DNS rebinding), and then read what is served there.
   *
   * @default any; of `serveProbe` on loopback without credentials none
   */
  readonly hosts?: readonly string[];
}

/** What is to be answered to who may not. */
export interface Refusal {
  readonly status: 401 | 403;
  /** For `WWW-Authenticate`. */
  readonly challenge?: string;
}

/** What is looked at of a request. */
export interface Asking {
  readonly headers: {
    readonly authorization?: string | undefined;
    readonly host?: string | undefined;
    /** Of HTTP/2, in the place of `Host`. */
    readonly ":authority"?: string | undefined;
  };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

const LOOPBACK = NetworkSet.of(["127.0.0.0/8", "::1/128"]);

/** Whether only this machine reaches the address, which may be a name. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || LOOPBACK.holds(host);
}

/** What stands for this server in `Host` whatever it is called: an address, or a name that is none of DNS. */
const OWN_HOST = /^(?:\[.*\]|[\d.]+|(?:.*\.)?localhost)$/;

/** Decides on requests. */
export class Access {
  readonly #authorizations: readonly Buffer[];
  readonly #networks: NetworkSet | undefined;
  readonly #challenge: string;
  readonly #hosts: ReadonlySet<string> | undefined;

  /** @throws {RangeError} If a network is none. */
  constructor({ bearerToken, basic, allow, hosts }: AccessOptions = {}) {
    const allowed: string[] = [];
    if (bearerToken !== undefined) allowed.push(`bearer ${bearerToken}`);
    if (basic !== undefined) {
      const pair = Buffer.from(`${basic.user}:${basic.password}`).toString("base64");
      allowed.push(`basic ${pair}`);
    }
    this.#authorizations = allowed.map(digest);
    this.#challenge = basic === undefined ? "Bearer" : 'Basic realm="mediaprobe", charset="UTF-8"';
    this.#networks = allow === undefined ? undefined : NetworkSet.of(allow);
    this.#hosts = hosts && new Set(hosts.map((name) => name.toLowerCase()));
  }

  /** Whether anybody at all may ask. */
  get isOpen(): boolean {
    return this.#authorizations.length === 0 && this.#networks === undefined;
  }

  /** Nothing if the request may be answered. */
  refusal(request: Asking): Refusal | undefined {
    if (!this.#isAllowedAddress(request.socket.remoteAddress)) return { status: 403 };
    if (this.#authorizations.length === 0) return undefined;
    const given = digest(withPlainScheme(request.headers.authorization ?? ""));
    // Every one is compared, and in constant time: neither tells how much of it fitted.
    let isKnown = false;
    for (const known of this.#authorizations) {
      if (timingSafeEqual(known, given)) isKnown = true;
    }
    return isKnown ? undefined : { status: 401, challenge: this.#challenge };
  }

  /** The name that a request was for, where it is none of this server's. */
  foreignName({ headers }: Asking): string | undefined {
    const asked = headers.host ?? headers[":authority"] ?? "";
    const name = asked.toLowerCase().replace(/\.?(?::\d*)?$/, "");
    const isOwn = this.#hosts?.has(name) !== false || name === "" || OWN_HOST.test(name);
    return isOwn ? undefined : asked;
  }

  #isAllowedAddress(address = ""): boolean {
    if (this.#networks === undefined) return true;
    const bare = address.replace(/^::ffff:/i, "");
    return LOOPBACK.holds(bare) || this.#networks.holds(bare);
  }
}

/** The name of a scheme has no case, and spaces behind it are one (RFC 9110 §11.1, §11.4). */
function withPlainScheme(authorization: string): string {
  return authorization.replace(/^([^ ]+) +/, (_, scheme: string) => `${scheme.toLowerCase()} `);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
