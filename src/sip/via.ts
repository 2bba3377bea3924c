/**
 * One Via element: the way a response takes back (RFC 3261 §20.42, RFC 3581).
 *
 * @module
 */

import { isTokenCode, listElementEnd } from "./header-fields.js";
import { findParameter, visitParameters } from "./parameters.js";
import { detached, lowerCase } from "./wire-text.js";

/** A Via element, taken apart. */
export interface Via {
  /** In upper case, as registered: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, … */
  readonly transport: string;
  /** Host and, if given, port, as one lower-case word: part of the transaction's key (§17.2.3). */
  readonly sentBy: string;
  /** Absent in requests of RFC 2543 stacks. */
  readonly branch: string | undefined;
  /** Where the request really came from (§18.2.1). */
  readonly received: string | undefined;
  /** Absent if not given, or given without a value (RFC 3581 §3). */
  readonly rport: number | undefined;
}

const MAX_PORT = 65535;

/**
 * What tells one transaction from another in the first element of a Via field: its sent-by and its
 * branch, as one string, `host:port;branch=token`, without the port where it is the default one. Some
 * stacks give that now and then.
 */
export function viaKey(value: string): string | undefined {
  return plainViaKey(value) ?? unusualViaKey(value.slice(0, listElementEnd(value, 0)));
}

/** Nearly every Via, `SIP/2.0/UDP host:port;branch=token`, at a fraction of the cost. */
function plainViaKey(value: string): string | undefined {
  if (!value.startsWith(PROTOCOL)) return undefined;
  const gap = value.indexOf(" ");
  const hostEnd = value.indexOf(BRANCH, gap);
  if (gap <= PROTOCOL.length || hostEnd <= gap + 1) return undefined;
  for (let i = gap + 1; i < hostEnd; i += 1) {
    if (IS_HOST[value.charCodeAt(i)] !== 1) return undefined;
  }
  const branch = hostEnd + BRANCH.length;
  let end = branch;
  while (isTokenCode(value.charCodeAt(end))) end += 1;
  if (end < value.length && value.charCodeAt(end) !== SEMICOLON) return undefined;
  const portStart = hostEnd - DEFAULT_PORT.length;
  return value.startsWith(DEFAULT_PORT, portStart)
    ? value.slice(gap + 1, portStart) + value.slice(hostEnd, end)
    : value.slice(gap + 1, end);
}

/** Characters of host and port in lower case, by code. */
const IS_HOST = new Uint8Array(256);
for (const character of "-.0123456789:[]abcdefghijklmnopqrstuvwxyz") {
  IS_HOST[character.charCodeAt(0)] = 1;
}

const PROTOCOL = "SIP/2.0/";
const BRANCH = ";branch=";
const SEMICOLON = 0x3b;

function unusualViaKey(element: string): string | undefined {
  const semicolon = element.indexOf(";");
  const headEnd = semicolon < 0 ? element.length : semicolon;
  const route = routeOf(element, headEnd);
  const gap = route === undefined ? 0 : firstBlank(route);
  if (route === undefined || gap <= 0) return undefined;
  const sentBy = lowerCase(withoutBlanks(route.slice(gap + 1)));
  const host = sentBy.endsWith(DEFAULT_PORT) ? sentBy.slice(0, -DEFAULT_PORT.length) : sentBy;
  return host + BRANCH + (findParameter(element, headEnd, "branch") ?? "");
}

/** RFC 3261 §18.1.1. */
const DEFAULT_PORT = ":5060";

/** Takes one Via element apart, or returns nothing if it has no transport or no sent-by. */
export function parseVia(element: string): Via | undefined {
  const semicolon = element.indexOf(";");
  const headEnd = semicolon < 0 ? element.length : semicolon;
  const route = routeOf(element, headEnd);
  if (route === undefined) return undefined;
  const gap = firstBlank(route);
  if (gap <= 0) return undefined;
  let branch: string | undefined;
  let received: string | undefined;
  let rport: string | undefined;
  visitParameters(element, headEnd, (name, value) => {
    if (name === "branch") branch ??= value;
    else if (name === "received") received ??= value;
    else if (name === "rport") rport ??= value;
    return false;
  });
  return {
    transport: route.slice(0, gap).toUpperCase(),
    sentBy: detached(lowerCase(withoutBlanks(route.slice(gap + 1)))),
    branch: branch ? detached(branch) : undefined,
    received: received ? detached(received) : undefined,
    rport: portNumber(rport),
  };
}

/** Transport and sent-by: what follows the second slash. */
function routeOf(element: string, headEnd: number): string | undefined {
  const afterName = element.indexOf("/");
  const afterVersion = afterName < 0 ? -1 : element.indexOf("/", afterName + 1);
  if (afterVersion < 0 || afterVersion >= headEnd) return undefined;
  return element.slice(afterVersion + 1, headEnd).trim();
}

function firstBlank(text: string): number {
  const space = text.indexOf(" ");
  const tab = text.indexOf("\t");
  return space < 0 || (tab >= 0 && tab < space) ? tab : space;
}

function withoutBlanks(text: string): string {
  const trimmed = text.trim();
  return firstBlank(trimmed) < 0 ? trimmed : trimmed.replace(/[ \t]+/g, "");
}

function portNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port > 0 && port <= MAX_PORT ? port : undefined;
}
