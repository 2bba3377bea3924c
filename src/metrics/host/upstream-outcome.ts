/**
 * What came of a request to a service behind a gateway, whichever client made it.
 *
 * @module
 */

import type { LabelValue } from "../label-values.js";

type Outcome = LabelValue<"upstream-outcome">;

/** How clients call it when they give up: fetch and got by name, Node, axios and undici by code. */
const FAILURES: ReadonlyMap<unknown, Outcome> = new Map([
  ["TimeoutError", "timeout"],
  ["ETIMEDOUT", "timeout"],
  ["ECONNABORTED", "timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_BODY_TIMEOUT", "timeout"],
  ["AbortError", "aborted"],
  ["CanceledError", "aborted"],
]);

/** Of a response, by its status; one that has none has come nevertheless. */
export function outcomeOf(status = 0): Outcome {
  if (status < 400) return "ok";
  return status < 500 ? "client-error" : "server-error";
}

/** `status` of fetch and axios, `statusCode` of Node, got and undici. */
export function statusOfAnswer(answer: unknown): number | undefined {
  const status = property(answer, "status") ?? property(answer, "statusCode");
  return typeof status === "number" ? status : undefined;
}

/** The status of a response that a client threw as an error, as axios and got do from 400 on. */
export function statusThrown(error: unknown): number | undefined {
  return statusOfAnswer(property(error, "response"));
}

/** Of a request without a response. `fetch` says only of its cause why it failed. */
export function failureOf(error: unknown): Outcome {
  const cause = property(error, "cause");
  const words = [error, cause].flatMap((one) => [property(one, "name"), property(one, "code")]);
  for (const word of words) {
    const failure = FAILURES.get(word);
    if (failure !== undefined) return failure;
  }
  return "failed";
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
