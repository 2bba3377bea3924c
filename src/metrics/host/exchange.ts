/**
 * One HTTP request and its response, watched from beside: streams, flushes and upgrades go on as they
 * would. Nothing of either is replaced, but that who asks for the first byte has the response's methods
 * watched until it.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";

import { watchFirstCall } from "./first-call.js";
import { givenUpWith } from "./server-timeouts.js";
import { onSocketClose } from "./socket-close.js";
import { CLIENT_CLOSED_REQUEST, statusOf } from "./status-line.js";
import { watchUpgrade } from "./upgrade.js";
import { runWatched } from "./watched-run.js";

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
  /** The response is over, or an upgrade is answered. */
  onEnd(end: ExchangeEnd): void;
  /** After it: nothing of the exchange is under way. Of an upgrade, its connection is over. */
  onLeave(): void;
  /** The handler handed over the header or the first piece of the body, so long after the request. */
  readonly onFirstByte?: (seconds: number) => void;
}

/** Answers requests. What it returns is a promise where it is asynchronous. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

const SWITCHING_PROTOCOLS = 101;
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
  readonly #unwatch: () => void;
  /** The handler threw. */
  readonly #fail: () => void;
  readonly #onClose = (): void => {
    this.#endAs(this.#phase());
  };
  /** What a framework's `inject` answers is finished, and its connection none that could say so. */
  readonly #onFinish = (): void => {
    this.#isFinished = true;
  };
  #isFinished = false;
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
    if (isUpgrade(request)) {
      this.#unwatch = (): void => undefined;
      this.#fail = this.#watchUpgrade();
      return;
    }
    response.once("close", this.#onClose);
    response.once("finish", this.#onFinish);
    // A response that was taken off its connection does not hear that this closes.
    this.#unwatch = onSocketClose(request.socket, this.#onClose);
    this.#fail = (): void => {
      this.#end(INTERNAL_SERVER_ERROR, "complete");
    };
    const { onFirstByte } = events;
    if (onFirstByte === undefined) return;
    watchFirstCall(response, FIRST_BYTE_METHODS, () => {
      onFirstByte(this.#seconds);
    });
  }

  /** Lets a listener answer. What it throws, now or later, counts as 500 and is thrown on. */
  run(listener: Listener): unknown {
    return runWatched(() => listener(this.#request, this.#response), this.#fail);
  }

  get #seconds(): number {
    return (this.#nowMs() - this.#startMs) / 1000;
  }

  /**
   * A framework's request to upgrade: the answer goes to the connection, beside the response.
   *
   * @returns What tells that the handler threw.
   */
  #watchUpgrade(): () => void {
    const { socket } = this.#request;
    const upgrade = watchUpgrade(socket, {
      onAnswer: (statusCode) => {
        const isAnswered = statusCode !== CLIENT_CLOSED_REQUEST;
        this.#end(statusCode, isAnswered ? "complete" : "header");
      },
      onEnd: () => {
        this.#events.onLeave();
      },
    });
    // express-ws upgrades first and hands on the request then, with a response that is on no connection.
    if (this.#response.socket === null && socket.bytesWritten > 0) {
      upgrade.answer(SWITCHING_PROTOCOLS);
    }
    return () => {
      upgrade.fail();
    };
  }

  /** What a response of `node:http2` is written to. */
  get #http2Stream(): Pick<Writable, "writableFinished"> | undefined {
    if (this.#request.httpVersionMajor < 2) return undefined;
    return (this.#response as { stream?: Pick<Writable, "writableFinished"> }).stream;
  }

  #phase(): ExchangePhase {
    if (!this.#response.headersSent) return "header";
    const stream = this.#http2Stream;
    // Of HTTP/2 each response finishes, that of a stream which its client has reset included; so does the
    // stream itself, unless it had been ended before.
    const isComplete =
      stream === undefined
        ? this.#isFinished || this.#response.writableFinished
        : this.#response.writableEnded && stream.writableFinished;
    return isComplete ? "complete" : "body";
  }

  #endAs(phase: ExchangePhase): void {
    if (phase !== "header") {
      this.#end(sentStatus(this.#response), phase);
      return;
    }
    const instead = givenUpWith(this.#request.socket);
    if (instead === undefined) this.#end(CLIENT_CLOSED_REQUEST, phase);
    else this.#end(instead, "complete");
  }

  #end(statusCode: number, phase: ExchangePhase): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#response.off("close", this.#onClose);
    this.#response.off("finish", this.#onFinish);
    this.#unwatch();
    this.#events.onEnd({ statusCode, phase, seconds: this.#seconds });
    if (!isUpgrade(this.#request)) this.#events.onLeave();
  }
}

/** Node says so of a request that it hands to a listener of `upgrade`, which may be a framework's. */
function isUpgrade(request: IncomingMessage): boolean {
  return (request as { upgrade?: unknown }).upgrade === true;
}

/**
 * The status that was sent: `statusCode` may have been set since. The header as sent is private to
 * Node; where it is called otherwise, `statusCode` is near enough.
 */
function sentStatus(response: ServerResponse): number {
  const { _header: header } = response as { _header?: unknown };
  return statusOf(header) ?? response.statusCode;
}
