/**
 * Fetches the certificates that `x5u` and `info` name, for live calls and only where that was asked
 * for: whoever calls chooses the URL.
 *
 * @module
 */

import type { RequestOptions } from "node:https";

import { NetworkSet } from "../net/network.js";
import type { CertificateAnswer, CertificateSource } from "../stir/certificate-source.js";
import { requestCertificate, type X5uFailure, type X5uResponse } from "./x5u-request.js";

/** What a fetcher is told. */
export interface X5uOptions {
  /**
   * Hosts that may be asked: `sti.example.org`, `.example.org` for all below it, `*` for every host.
   */
  readonly allowedHosts: readonly string[];
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** From the name's resolution to the last byte. @default 2000 */
  readonly timeoutMs?: number;
  /** Of one response. @default 32768 */
  readonly maxBytes?: number;
  /** Of an answer without Cache-Control, and at most. @default 86400 */
  readonly maxCacheSeconds?: number;
  /** How long a failure is remembered. @default 60 */
  readonly failureSeconds?: number;
  /** Answers that are kept. @default 1024 */
  readonly maxCached?: number;
  /** Requests at once; beyond it a certificate is not fetched. @default 16 */
  readonly maxRequests?: number;
  /** Special-purpose networks that may be reached, as `10.1.0.0/16` for a repository of one's own. */
  readonly reachableNetworks?: readonly string[];
  /** Authorities that servers are trusted by, as PEM. @default those of Node */
  readonly authorities?: readonly string[];
  /** Resolves names. @default that of `node:dns` */
  readonly lookup?: RequestOptions["lookup"];
}

/** What a fetcher has done. */
export interface X5uCounters {
  /** Requests that were made. */
  readonly requests: number;
  /** Requests that brought something. */
  readonly fetched: number;
  /** Requests that did not, by why. */
  readonly failures: ReadonlyMap<X5uFailure, number>;
  /** URLs that are not allowed. */
  readonly refused: number;
  /** URLs that were not fetched because too many were. */
  readonly overloaded: number;
}

interface Cached {
  readonly answer: CertificateAnswer;
  readonly untilMs: number;
}

const PORTS: ReadonlySet<string> = new Set(["", "443", "8443"]);
const REFUSED: CertificateAnswer = { kind: "missing", reason: "fetch-refused" };
const FAILED: CertificateAnswer = { kind: "missing", reason: "fetch-failed" };
const UNKNOWN: CertificateAnswer = { kind: "missing", reason: "no-certificate" };

/** Fetches certificates, one request a URL at a time, and keeps them for a while. */
export class X5uFetcher implements CertificateSource {
  readonly #options: X5uOptions;
  readonly #reachable: NetworkSet;
  readonly #cache = new Map<string, Cached>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #failures = new Map<X5uFailure, number>();
  #requests = 0;
  #fetched = 0;
  #refused = 0;
  #overloaded = 0;

  /** @throws {RangeError} If a limit is not a positive number, or a network is none. */
  constructor(options: X5uOptions) {
    for (const name of LIMITS) {
      const value = options[name];
      if (value !== undefined && !(value > 0)) {
        throw new RangeError(`${name} is ${value}; it must be a number above 0`);
      }
    }
    this.#options = options;
    this.#reachable = NetworkSet.of(options.reachableNetworks ?? []);
  }

  get counters(): X5uCounters {
    return {
      requests: this.#requests,
      fetched: this.#fetched,
      failures: new Map(this.#failures),
      refused: this.#refused,
      overloaded: this.#overloaded,
    };
  }

  find(uri: string): CertificateAnswer {
    const url = this.#allowed(uri);
    if (url === undefined) return REFUSED;
    return this.#fresh(url.href)?.answer ?? UNKNOWN;
  }

  fetch(uri: string): Promise<void> | undefined {
    const url = this.#allowed(uri);
    if (url === undefined) {
      this.#refused += 1;
      return undefined;
    }
    const { href } = url;
    if (this.#fresh(href) !== undefined) return undefined;
    const known = this.#underWay.get(href);
    if (known !== undefined) return known;
    if (this.#underWay.size >= (this.#options.maxRequests ?? 16)) {
      this.#overloaded += 1;
      return undefined;
    }
    const work = this.#get(url).finally(() => this.#underWay.delete(href));
    this.#underWay.set(href, work);
    return work;
  }

  async #get(url: URL): Promise<void> {
    this.#requests += 1;
    const { timeoutMs = 2000, maxBytes = 32_768, authorities, lookup } = this.#options;
    const reachable = this.#reachable;
    const limits = { timeoutMs, maxBytes, reachable, authorities, lookup };
    const result = await requestCertificate(url, limits);
    if (typeof result === "string") {
      this.#failures.set(result, (this.#failures.get(result) ?? 0) + 1);
      const { failureSeconds = 60 } = this.#options;
      this.#keep(url.href, FAILED, this.#options.nowMs() + failureSeconds * 1000);
      return;
    }
    this.#fetched += 1;
    await this.#keepResponse(url.href, result);
  }

  async #keepResponse(href: string, { body, maxAgeSeconds }: X5uResponse): Promise<void> {
    // Takes a library that nobody needs who fetches nothing.
    const { certificatesIn } = await import("../stir/trust-store.js");
    const { maxCacheSeconds = 86_400, failureSeconds = 60, nowMs } = this.#options;
    const now = nowMs();
    const [signer, ...others] = certificatesIn(body).certificates;
    if (signer === undefined) {
      this.#keep(href, { kind: "bad" }, now + failureSeconds * 1000);
      return;
    }
    const seconds = Math.min(maxAgeSeconds ?? maxCacheSeconds, maxCacheSeconds);
    // Kept for some seconds in any case: the call it was fetched for is still to be verified.
    const untilMs = Math.min(
      now + Math.max(seconds, MIN_CACHE_SECONDS) * 1000,
      expiry(signer, now),
    );
    this.#keep(href, { kind: "found", chain: { signer, others } }, untilMs);
  }

  #keep(href: string, answer: CertificateAnswer, untilMs: number): void {
    this.#cache.delete(href);
    this.#cache.set(href, { answer, untilMs });
    if (this.#cache.size <= (this.#options.maxCached ?? 1024)) return;
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined) this.#cache.delete(oldest);
  }

  #fresh(href: string): Cached | undefined {
    const cached = this.#cache.get(href);
    if (cached === undefined || cached.untilMs > this.#options.nowMs()) return cached;
    this.#cache.delete(href);
    return undefined;
  }

  /** https on its ports, without anything that could carry a message, to a host that is allowed. */
  #allowed(uri: string): URL | undefined {
    if (uri.length > MAX_URI_LENGTH || /[?#@\\\s]/.test(uri) || !URL.canParse(uri))
      return undefined;
    const url = new URL(uri);
    const isPlain = url.username === "" && url.password === "" && !url.pathname.includes(";");
    if (url.protocol !== "https:" || !PORTS.has(url.port) || !isPlain) return undefined;
    const isAllowed = this.#options.allowedHosts.some((host) => covers(host.toLowerCase(), url));
    return isAllowed ? url : undefined;
  }
}

function covers(host: string, { hostname }: URL): boolean {
  if (host === "*") return true;
  return host.startsWith(".") ? hostname.endsWith(host) : hostname === host;
}

const MAX_URI_LENGTH = 2048;
const MIN_CACHE_SECONDS = 5;
const LIMITS = [
  "timeoutMs",
  "maxBytes",
  "maxCacheSeconds",
  "failureSeconds",
  "maxCached",
  "maxRequests",
] as const;

/** A certificate that has expired is kept for the shortest time: it may be replaced any moment. */
function expiry({ notAfterMs }: { readonly notAfterMs: number }, now: number): number {
  return Math.max(notAfterMs, now + MIN_CACHE_SECONDS * 1000);
}
