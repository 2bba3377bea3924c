/**
 * A probe's server as a client follows it: all calls, then each change, and again after it went away.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";

import type { CallReport } from "../call/call-report.js";
import { keyOf, recordPath, type ToldCall } from "../report/known-calls.js";
import { serverEvents } from "./event-stream.js";

/** How long after a failure it is tried again. */
const RETRY_MS = 2000;
/** How long a record is waited for. */
const ANSWER_MS = 10_000;

/** Which server, and what it is shown. */
export interface FollowedServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** The header field of that name. */
  readonly authorization?: string | undefined;
}

/** Is told what the server tells. */
export interface LiveListener {
  /** All calls that the server knows: at the beginning, and whenever it came back. */
  listed(calls: readonly ToldCall[]): void;
  /** One call that changed. */
  changed(told: ToldCall): void;
  /** It went away; it is tried again until it is back. */
  lost(why: string): void;
}

/** Why a server cannot be followed, in a sentence. */
export class ServerUnavailable extends Error {
  /** Nothing answers there at all. */
  readonly isSilent: boolean;

  constructor(message: string, { isSilent = false }: { readonly isSilent?: boolean } = {}) {
    super(message);
    this.isSilent = isSilent;
  }
}

/** A server that answered. */
export interface Connection {
  readonly calls: readonly ToldCall[];
  readonly events: AsyncIterable<Uint8Array>;
}

/**
 * Begins to listen, and asks for what was before.
 *
 * @throws {ServerUnavailable} If it cannot be reached, refuses, or is no probe's.
 */
export async function connect(server: FollowedServer, signal: AbortSignal): Promise<Connection> {
  const stream = await asked(server, "events", signal);
  const list: unknown = await (await asked(server, "calls", signal)).json().catch(() => undefined);
  if (stream.body === null || !isCallList(list)) throw notOurs(server);
  return { events: stream.body, calls: list.calls };
}

function isCallList(list: unknown): list is { readonly calls: readonly ToldCall[] } {
  const schema: unknown =
    typeof list === "object" && list !== null ? Reflect.get(list, "schema") : "";
  return schema === "mediaprobe.calls/1";
}

/**
 * Tells what the server tells until the signal ends it.
 *
 * @param first - The connection to begin with.
 */
export async function follow(
  server: FollowedServer,
  first: Connection,
  { signal, listener }: { readonly signal: AbortSignal; readonly listener: LiveListener },
): Promise<void> {
  let connection: Connection | undefined = first;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      connection ??= await connect(server, signal);
      listener.listed(connection.calls);
      for await (const { event, data } of serverEvents(connection.events)) {
        if (event === "call") listener.changed(JSON.parse(data) as ToldCall);
      }
      throw new ServerUnavailable(`${server.url} ended the connection`);
    } catch (error) {
      if (isOver()) return;
      connection = undefined;
      listener.lost(
        error instanceof ServerUnavailable
          ? error.message
          : `the connection to ${server.url} broke off`,
      );
    }
    await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The whole record of a call: those that are told have no intervals. What is told, where it is gone. */
export async function wholeRecord(server: FollowedServer, told: CallReport): Promise<CallReport> {
  try {
    const response = await asked(server, recordPath(told), AbortSignal.timeout(ANSWER_MS));
    const record = (await response.json()) as CallReport;
    // A later call may have the same Call-ID.
    return keyOf(record) === keyOf(told) ? record : told;
  } catch {
    return told;
  }
}

async function asked(
  { url, authorization }: FollowedServer,
  path: string,
  signal: AbortSignal,
): Promise<Response> {
  const headers = authorization === undefined ? {} : { authorization };
  let response: Response;
  try {
    response = await fetch(`${url}/${path}`, { headers, signal });
  } catch (error) {
    throw new ServerUnavailable(`${url} does not answer${reasonOf(error)}`, { isSilent: true });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 401) {
    throw new ServerUnavailable(
      `${url} wants other credentials (401): give --token-file FILE, or http://USER:PASSWORD@HOST`,
    );
  }
  if (response.status === 403) {
    throw new ServerUnavailable(`${url} does not let this address ask (403)`);
  }
  if (response.status === 404) throw notOurs({ url });
  throw new ServerUnavailable(`${url} answered ${response.status}`);
}

function notOurs({ url }: FollowedServer): ServerUnavailable {
  return new ServerUnavailable(`${url} is not the server of a probe: it has no list of calls`);
}

/** " (ECONNREFUSED)", which fetch itself keeps to its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "" ? "" : ` (${code})`;
}
