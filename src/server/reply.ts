/**
 * Answers over HTTP.
 *
 * @module
 */

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createGzip } from "node:zlib";

/** A request and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What stands behind the question mark. */
  readonly query: URLSearchParams;
}

/** Answers with a JSON document. */
export function sendJson({ request, response }: Exchange, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Answers with a sentence. */
export function sendText(
  { request, response }: Exchange,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `${text}\n`;
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Answers with text that is made while it is sent, compressed where the client takes that. */
export async function sendParts(
  { request, response }: Exchange,
  contentType: string,
  parts: AsyncIterable<string>,
): Promise<void> {
  const isCompressed = takesGzip(request.headers["accept-encoding"]);
  response.writeHead(200, {
    "Content-Type": contentType,
    Vary: "Accept, Accept-Encoding",
    "Cache-Control": "no-store",
    ...(isCompressed && { "Content-Encoding": "gzip" }),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const sink = isCompressed ? createGzip({ level: 1 }) : response;
  if (sink !== response) sink.pipe(response);
  for await (const part of parts) {
    // Who has gone away is not waited for.
    if (response.destroyed) break;
    if (part !== "" && !sink.write(part)) await drained(sink, response);
  }
  sink.end();
}

async function drained(sink: NodeJS.WritableStream, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  await Promise.race([
    once(sink, "drain", { signal: gone.signal }),
    once(response, "close", { signal: gone.signal }),
  ]).catch(() => undefined);
  gone.abort();
}

/** RFC 9110 §12.5.3. */
function takesGzip(accepted: string | string[] | undefined): boolean {
  const codings = String(accepted ?? "").split(",");
  return codings.some((coding) => {
    const [name = "", ...parameters] = coding.split(";").map((part) => part.trim().toLowerCase());
    if (name !== "gzip" && name !== "*") return false;
    return !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
