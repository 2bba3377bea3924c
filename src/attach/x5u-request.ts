/**
 * One request for a certificate, as narrow as it can be: no redirect, no second address, an end to
 * time and size.
 *
 * @module
 */

import { request, type RequestOptions } from "node:https";

import type { NetworkSet } from "../net/network.js";
import { SPECIAL_PURPOSE } from "./special-purpose.js";

/** Bytes of response headers that are read. */
const MAX_HEADER_BYTES = 8192;

/** What is used of a response. */
interface Response {
  readonly statusCode?: number | undefined;
  readonly headers: {
    readonly "content-type"?: string | undefined;
    readonly "content-length"?: string | undefined;
    readonly "cache-control"?: string | undefined;
  };
  on(event: string, listener: (chunk: Buffer) => void): unknown;
}

/** Media types that certificates are sent as; many servers know no better than the last two. */
const TYPES: ReadonlySet<string> = new Set([
  "application/pkix-cert",
  "application/pem-certificate-chain",
  "application/x-pem-file",
  "application/x-x509-ca-cert",
  "application/x-x509-user-cert",
  "text/plain",
  "application/octet-stream",
]);

/** Why there was no certificate. */
export type X5uFailure =
  /** The address is of a special-purpose range (RFC 6890). */
  | "special-address"
  | "redirect"
  | "status"
  | "type"
  | "too-large"
  | "timeout"
  /** No connection, no TLS, or it broke off. */
  | "connection";

/** What came back. */
export interface X5uResponse {
  readonly body: Buffer;
  /** How long it may be kept, as Cache-Control says (RFC 9111 §5.2.2.1). */
  readonly maxAgeSeconds?: number;
}

/** Bounds of a request. */
export interface X5uLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Special-purpose ranges that may be reached all the same. */
  readonly reachable: NetworkSet;
  /** Authorities, as PEM, that servers are trusted by; absent for those that Node brings. */
  readonly authorities?: readonly string[] | undefined;
  readonly lookup?: RequestOptions["lookup"] | undefined;
}

/** Fetches a URL. Never rejects. */
export function requestCertificate(url: URL, limits: X5uLimits): Promise<X5uResponse | X5uFailure> {
  const isForbidden = (address: string): boolean =>
    SPECIAL_PURPOSE.holds(address) && !limits.reachable.holds(address);
  return new Promise((resolve) => {
    // No name is looked up for an address.
    if (isForbidden(url.hostname.replace(/^\[|\]$/g, ""))) {
      resolve("special-address");
      return;
    }
    const outgoing = request(url, optionsOf(limits));
    const end = (result: X5uResponse | X5uFailure): void => {
      clearTimeout(deadline);
      resolve(result);
      outgoing.destroy();
    };
    const deadline = setTimeout(() => {
      end("timeout");
    }, limits.timeoutMs);
    deadline.unref();
    outgoing.on("error", () => {
      end("connection");
    });
    outgoing.on("socket", (socket) => {
      // Told before it connects, so that nothing is sent to that address at all.
      socket.on("lookup", (_error, address: string) => {
        if (isForbidden(address)) end("special-address");
      });
      socket.on("connect", () => {
        if (isForbidden(socket.remoteAddress ?? "")) end("special-address");
      });
    });
    outgoing.on("response", (response) => {
      const refusal = refusalOf(response, limits.maxBytes);
      if (refusal === undefined) readBody(response, limits.maxBytes, end);
      else end(refusal);
    });
    outgoing.end();
  });
}

function refusalOf(
  { statusCode = 0, headers }: Response,
  maxBytes: number,
): X5uFailure | undefined {
  if (statusCode >= 300 && statusCode < 400) return "redirect";
  if (statusCode !== 200) return "status";
  if (!TYPES.has(mediaType(headers["content-type"]))) return "type";
  return Number(headers["content-length"] ?? 0) > maxBytes ? "too-large" : undefined;
}

function readBody(
  response: Response,
  maxBytes: number,
  end: (result: X5uResponse | X5uFailure) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) end("too-large");
    else chunks.push(chunk);
  });
  for (const broken of ["error", "aborted"]) {
    response.on(broken, () => {
      end("connection");
    });
  }
  response.on("end", () => {
    end({ body: Buffer.concat(chunks), ...maxAge(response.headers["cache-control"]) });
  });
}

function optionsOf({ authorities, lookup }: X5uLimits): RequestOptions & {
  readonly autoSelectFamily: boolean;
} {
  return {
    method: "GET",
    headers: { accept: [...TYPES].join(", "), connection: "close" },
    // A connection of its own: none that another request opened is trusted.
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    autoSelectFamily: false,
    ...(authorities !== undefined && { ca: [...authorities] }),
    ...(lookup !== undefined && { lookup }),
  };
}

function mediaType(value = ""): string {
  return value.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function maxAge(value = ""): { readonly maxAgeSeconds?: number } {
  if (/\bno-(?:store|cache)\b/i.test(value)) return { maxAgeSeconds: 0 };
  const [, seconds] = /\bmax-age=(\d{1,9})\b/i.exec(value) ?? [];
  return seconds === undefined ? {} : { maxAgeSeconds: Number(seconds) };
}
