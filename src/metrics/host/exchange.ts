/**
 * One HTTP request and its response, watched from beside: streams, flushes and upgrades go on as they
 * would. Nothing of either is replaced, but that who asks for the first byte has the response's methods
 * watched until it.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";

import { watchFirstCall } from "./first-call.js";

/** How far a response came: to its end, or until its client went. */
export type ExchangePhase = "complete" | "header" | "body";

/** What became of a request. */
export interface ExchangeEnd {
  /** As sent; 499 where nothing was, 500 where the handler threw. */
  readonly statusCode: number;
  readonly phase: ExchangePhase;
  readonly seconds: number;
}

/** What is told of an exchange, each once. */
export interface ExchangeEvents {
  onEnd(end: ExchangeEnd): void;
  /** The handler handed over the header or the first piece of the body, so long after the request. */
  readonly onFirstByte?: (seconds: number) => void;
}

/** Answers requests. What it returns is a promise where it is asynchronous. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What nginx logs for a client that closed the connection before it had an answer. */
export const CLIENT_CLOSED_REQUEST = 499;

/** The begin of a response. */
export const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

const INTERNAL_SERVER_ERROR = 500;

/** One of these sends the header, if it has not gone yet. */
const FIRST_BYTE_METHODS = ["write", "end", "flushHeaders"] as const;

/** From the request until the response is over, or its connection, or its handler threw. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  readonly #events: ExchangeEvents;
  readonly #onClose = (): void => {
    this.#end(this.#phase());
  };
  #isOver = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    nowMs: () => number,
    events: ExchangeEvents,
  ) {
    this.#request = request;
    this.#response = response;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#events = events;
    response.once("close", this.#onClose);
    // A response that was taken off its connection does not hear that this closes.
    request.socket.once("close", this.#onClose);
    const { onFirstByte } = events;
    if (onFirstByte === undefined) return;
    watchFirstCall(response, FIRST_BYTE_METHODS, () => {
      onFirstByte(this.#seconds);
    });
  }

  /** Lets a listener answer. What it throws, now or later, counts as 500 and is thrown on. */
  run(listener: Listener): unknown {
    let result: unknown;
    try {
      result = listener(this.#request, this.#response);
    } catch (error) {
      this.#end("header", INTERNAL_SERVER_ERROR);
      throw error;
    }
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      this.#end("header", INTERNAL_SERVER_ERROR);
      throw error;
    });
  }

  get #seconds(): number {
    return (this.#nowMs() - this.#startMs) / 1000;
  }

  #phase(): ExchangePhase {
    if (!this.#response.headersSent) return "header";
    return this.#response.writableFinished ? "complete" : "body";
  }

  #end(phase: ExchangePhase, thrown?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#response.off("close", this.#onClose);
    this.#request.socket.off("close", this.#onClose);
    const unthrown = phase === "header" ? CLIENT_CLOSED_REQUEST : sentStatus(this.#response);
    this.#events.onEnd({
      statusCode: thrown ?? unthrown,
      phase: thrown === undefined ? phase : "complete",
      seconds: this.#seconds,
    });
  }
}

/**
 * The status that was sent: `statusCode` may have been set since. The header as sent is private to
 * Node; where it is called otherwise, `statusCode` is near enough.
 */
function sentStatus(response: ServerResponse): number {
  const { _header: header } = response as { _header?: unknown };
  const status = typeof header === "string" ? STATUS_LINE.exec(header)?.[1] : undefined;
  return status === undefined ? response.statusCode : Number(status);
}
