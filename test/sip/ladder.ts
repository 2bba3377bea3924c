/**
 * SIP as a ladder of one line a message, and what a tracker says of it.
 *
 * A line reads `time path start [details]`: `100 B>A 180 INVITE 1 to=b`. The path names hosts by a
 * letter. A request's start is its method and CSeq number; a response's is its code, method and CSeq
 * number. Details:
 *
 * - `from=x`, `to=x`: tags. `from=a` and no To tag unless said.
 * - `via=P,A`: the hosts of the Via elements, topmost first; else the request's sender alone.
 * - `br=x`: another branch of the topmost Via. A CANCEL, and an ACK marked `fail`, share their INVITE's.
 * - `id=x`: another Call-ID. `sdp`: it carries a description. `port`: Via gives the default port.
 * - `[Name: value]`: a header field.
 *
 * @module
 */

import type { SeenMessage, SipCall, SipEvent } from "../../src/sip/call.js";
import { scanSipMessage, type SipMessage } from "../../src/sip/message.js";
import { SipTracker } from "../../src/sip/tracker.js";
import type { SipTrackerOptions } from "../../src/sip/tracker-inputs.js";

/** How a ladder is fed. */
export interface LadderOptions extends Omit<SipTrackerOptions, "onEvent"> {
  readonly transport?: SeenMessage["transport"];
  /** Live: the letter of the observed user agent. */
  readonly observed?: string;
  /** When the input ends. By default with the last message. */
  readonly until?: number;
  /** Leave calls open instead. */
  readonly isOpenEnd?: boolean;
}

/** What came of a ladder. */
export interface LadderResult {
  readonly tracker: SipTracker;
  readonly events: readonly SipEvent[];
  /** In the order in which they started. */
  readonly calls: readonly SipCall[];
  /** Everything that was told but messages, one short line each. */
  readonly story: readonly string[];
}

/** Feeds a ladder to a new tracker. */
export function climb(lines: readonly string[], options: LadderOptions = {}): LadderResult {
  const { transport, observed, until, isOpenEnd, ...trackerOptions } = options;
  const events: SipEvent[] = [];
  const tracker = new SipTracker({ ...trackerOptions, onEvent: (event) => events.push(event) });
  let lastMs = 0;
  for (const line of lines) {
    const seen = seenMessage(line, { transport, observed });
    lastMs = Math.max(lastMs, seen.atMs);
    tracker.observe(seen);
  }
  if (isOpenEnd !== true) tracker.finish(until ?? lastMs);
  else if (until !== undefined) tracker.advance(until);
  return { tracker, events, calls: callsOf(events), story: storyOf(events) };
}

/** The calls among events, in the order in which they started. */
export function callsOf(events: readonly SipEvent[]): SipCall[] {
  return events.flatMap((event) => (event.kind === "call-started" ? [event.call] : []));
}

/** Everything that was told but messages, one short line each. */
export function storyOf(events: readonly SipEvent[]): string[] {
  return events.filter(({ kind }) => kind !== "message").map(told);
}

function told(event: SipEvent): string {
  switch (event.kind) {
    case "call-started":
      return "started";
    case "message":
      return "message";
    case "invite-response":
      return `${event.statusCode} to ${event.by}`;
    case "description":
      return [`${event.isOffer ? "offer" : "answer"} by ${event.by}`, event.toTag].join(" ").trim();
    case "outcome":
      return `outcome ${[event.call.statusCode, event.call.via].filter(Boolean).join(" ")}`;
    case "bye":
      return `bye by ${event.by}, ${event.reasonClass}`;
    case "session-refresh":
      return `refresh ${event.refresh.method} by ${event.refresh.by}: ${event.refresh.result}`;
    case "call-ended":
      return "ended";
    case "transaction-timeout":
      return `timer ${event.timer} of ${event.method}`;
  }
}

/** What a line of a ladder stands for. */
export function seenMessage(
  line: string,
  {
    transport,
    observed,
  }: { transport?: SeenMessage["transport"] | undefined; observed?: string | undefined } = {},
): SeenMessage {
  const parsed = parseLine(line);
  const seen: SeenMessage = {
    message: scanned(messageText(parsed)),
    atMs: parsed.atMs,
    source: endpoint(parsed.source),
    destination: endpoint(parsed.destination),
    transport: transport ?? "udp",
    hasDescription: parsed.flags.has("sdp"),
  };
  if (observed === undefined) return seen;
  return { ...seen, direction: parsed.source === observed ? "out" : "in" };
}

interface Line {
  readonly atMs: number;
  readonly source: string;
  readonly destination: string;
  readonly statusCode: string | undefined;
  readonly method: string;
  readonly cseq: string;
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly fields: readonly string[];
}

function parseLine(line: string): Line {
  const fields = [...line.matchAll(/\[([^\]]+)\]/g)].map((match) => match[1] ?? "");
  const words = line
    .replace(/\[[^\]]+\]/g, "")
    .trim()
    .split(/\s+/);
  const [time = "", path = "", ...rest] = words;
  const [source = "", destination = ""] = path.split(">");
  const statusCode = /^\d{3}$/.test(rest[0] ?? "") ? rest.shift() : undefined;
  const [method = "", cseq = "", ...details] = rest;
  const pairs = details.filter((word) => word.includes("="));
  return {
    atMs: Number(time),
    source,
    destination,
    statusCode,
    method,
    cseq,
    flags: new Set(details.filter((word) => !word.includes("="))),
    values: new Map(
      pairs.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
    ),
    fields,
  };
}

/** Sent in a dialog, so that the To tag, too, tells one from another. */
const IN_DIALOG = ["ACK", "BYE", "PRACK", "UPDATE", "INFO"];

function messageText(line: Line): string {
  const { statusCode, method, cseq, flags, values, fields } = line;
  const isRequest = statusCode === undefined;
  const requester = isRequest ? line.source : line.destination;
  const hosts = (values.get("via") ?? requester).split(",");
  const ofInvite = method === "CANCEL" || (method === "ACK" && flags.has("fail"));
  const branchMethod = ofInvite ? "INVITE" : method;
  const dialog = `${values.get("from") ?? "a"}${IN_DIALOG.includes(branchMethod) ? (values.get("to") ?? "") : ""}`;
  const tag = (name: string, value: string | undefined) =>
    value === undefined ? "" : `;${name}=${value}`;
  const vias = hosts.map((host, i) => {
    const branch = `z9hG4bK-${host}-${dialog}-${cseq}-${branchMethod}${i === 0 ? (values.get("br") ?? "") : ""}`;
    const port = flags.has("port") ? ":5060" : "";
    return `Via: SIP/2.0/UDP ${endpoint(host).address}${port};branch=${branch}`;
  });
  return [
    isRequest ? `${method} sip:bob@example.com SIP/2.0` : `SIP/2.0 ${statusCode} Reason`,
    ...vias,
    `From: "Alice" <sip:alice@example.com>${tag("tag", values.get("from") ?? "a")}`,
    `To: <sip:bob@example.com>${tag("tag", values.get("to"))}`,
    `Call-ID: ${values.get("id") ?? "call-1@example.com"}`,
    `CSeq: ${cseq} ${method}`,
    ...fields,
    "",
    "",
  ].join("\r\n");
}

function scanned(text: string): SipMessage {
  const message = scanSipMessage(text);
  if (typeof message === "string") throw new Error(`${message}: ${text}`);
  return message;
}

function endpoint(host: string): { address: string; port: number } {
  return { address: `192.0.2.${String(host.charCodeAt(0))}`, port: 5060 };
}
