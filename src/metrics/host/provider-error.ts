/**
 * Why a request to a provider of speech or language failed, by the error that its client threw.
 *
 * @module
 */

import { failureOf, statusThrown } from "./upstream-outcome.js";
import type { ProviderError } from "./voice-events.js";

/** By the status of its answer, else by the name of the error. */
export function providerErrorOf(error: unknown): ProviderError {
  const status = statusThrown(error);
  if (status !== undefined) return ofStatus(status);
  const failure = failureOf(error);
  if (failure === "timeout") return "timeout";
  if (failure === "aborted") return "cancelled";
  const isOfConnection = error instanceof Error && /ConnectionError$/.test(error.name);
  return isOfConnection ? "network" : "provider_error";
}

function ofStatus(status: number): ProviderError {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limited";
  return status >= 400 && status < 500 ? "invalid_request" : "provider_error";
}
