/**
 * What came of a request to a service behind a gateway, whichever client made it.
 *
 * @module
 */

import type { LabelValue } from "../label-values.js";

type Outcome = LabelValue<"upstream-outcome">;

/** How clients call it when they give up: Node, axios and undici by code, SDKs of speech by a cause. */
const FAILURES: ReadonlyMap<unknown, Outcome> = new Map([
  ["timeout", "timeout"],
  ["ETIMEDOUT", "timeout"],
  ["ECONNABORTED", "timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_BODY_TIMEOUT", "timeout"],
]);

/** How the errors of fetch, got and the SDKs of providers are named, with words before in some. */
const TIMEOUT_NAME = /TimeoutError$/;
const ABORT_NAME = /(?:Abort|Canceled)Error$/;

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

/**
 * The status of a response that a client threw as an error, as axios and got do from 400 on; in the SDKs
 * of OpenAI, Anthropic, Deepgram and ElevenLabs, and in undici, the error itself has it.
 */
export function statusThrown(error: unknown): number | undefined {
  const status = statusOfAnswer(property(error, "response")) ?? statusOfAnswer(error);
  return status !== undefined && status >= 100 ? status : undefined;
}

/**
 * Of a request without a response. `fetch` says only of its cause why it failed; so does Node of a signal
 * of the host's that has a timeout, and axios only of the signal itself.
 */
export function failureOf(error: unknown): Outcome {
  const reason = property(property(property(error, "config"), "signal"), "reason");
  const told = [error, property(error, "cause"), reason].map(oneFailure);
  return told.find((outcome) => outcome === "timeout") ?? told.find(Boolean) ?? "failed";
}

function oneFailure(error: unknown): Outcome | undefined {
  const outcome = FAILURES.get(error) ?? FAILURES.get(property(error, "code"));
  if (outcome !== undefined) return outcome;
  // Errors of the OpenAI SDK have no name, but a class.
  const names = [property(error, "name"), property(property(error, "constructor"), "name")];
  const isNamed = (pattern: RegExp): boolean => names.some((name) => pattern.test(String(name)));
  if (isNamed(TIMEOUT_NAME)) return "timeout";
  return isNamed(ABORT_NAME) ? "aborted" : undefined;
}

/** Of what is no object there is none. */
function property(value: unknown, name: string): unknown {
  return Reflect.get(Object(value) as object, name);
}
