/**
 * `/calls`, `/calls/:id`, its ladder, and `/events`: calls as JSON.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallFeed, CallName, ShownCall } from "./call-feed.js";
import { type Exchange, sendJson, sendText } from "./reply.js";

/** Streams of events open at a time; a further one is turned away. */
export const MAX_EVENT_STREAMS = 64;
/** Bytes that wait for a client beyond which it is cut off: it can ask again. */
const MAX_WAITING_BYTES = 4_194_304;
/** Proxies close connections on which nothing comes. */
const HEARTBEAT_MS = 15_000;

/** Every call, without the intervals of its streams: those come with the call itself. */
export function sendCalls(exchange: Exchange, feed: CallFeed): void {
  const calls = feed.calls().map(({ state, call }) => ({ state, call: withoutIntervals(call) }));
  sendJson(exchange, 200, { schema: "mediaprobe.calls/1", calls });
}

/** The record of one call. */
export function sendCall(exchange: Exchange, feed: CallFeed, callId: string): void {
  const shown = feed.find(named(exchange, callId));
  if (shown === undefined) sendUnknown(exchange);
  else sendJson(exchange, 200, shown.call);
}

/** One call message by message. */
export function sendLadder(exchange: Exchange, feed: CallFeed, callId: string): void {
  const ladder = feed.ladder(named(exchange, callId));
  if (ladder === undefined) sendUnknown(exchange);
  else sendJson(exchange, 200, { ladder });
}

/** Of several calls of one Call-ID the query says which is meant. */
function named({ query }: Exchange, callId: string): CallName {
  return {
    callId,
    observationPoint: query.get("observationPoint") ?? undefined,
    invitedAt: query.get("invitedAt") ?? undefined,
  };
}

function sendUnknown(exchange: Exchange): void {
  sendText(exchange, 404, "There is no such call: it never was, or newer ones took its place.");
}

/** Sends changes of calls to clients as they come (Server-Sent Events). */
export class EventStreams {
  readonly #feed: CallFeed;
  readonly #open = new Set<() => void>();

  constructor(feed: CallFeed) {
    this.#feed = feed;
  }

  get size(): number {
    return this.#open.size;
  }

  send(exchange: Exchange): void {
    const { request, response } = exchange;
    if (this.#open.size >= MAX_EVENT_STREAMS) {
      sendText(exchange, 503, "Too many streams of events are open.", { "Retry-After": "10" });
      return;
    }
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      // Who compresses (Express's middleware, a proxy) would keep events until there are more of them.
      "Cache-Control": "no-store, no-transform",
      "X-Accel-Buffering": "no",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    response.write("retry: 2000\n\n");
    const write = (text: string): void => {
      if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
      else response.write(text);
    };
    const stop = this.#feed.listen((shown) => {
      write(eventText(shown));
    });
    const heartbeat = setInterval(() => {
      write(":\n\n");
    }, HEARTBEAT_MS).unref();
    const end = (): void => {
      stop();
      clearInterval(heartbeat);
      this.#open.delete(close);
    };
    const close = (): void => {
      end();
      response.end();
    };
    this.#open.add(close);
    response.once("close", end);
  }

  close(): void {
    for (const close of [...this.#open]) close();
  }
}

function eventText({ state, call }: ShownCall): string {
  return `event: call\ndata: ${JSON.stringify({ state, call: withoutIntervals(call) })}\n\n`;
}

/** They are the most of a long call's record. */
function withoutIntervals(call: CallReport): CallReport {
  return { ...call, streams: call.streams.map((stream) => ({ ...stream, intervals: [] })) };
}
