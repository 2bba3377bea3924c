/**
 * Events as fields of a log, without what goes without saying.
 *
 * @module
 */

import type { LogFields } from "./log-port.js";

/** What a field is where nothing else is said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  status: "success",
  errorType: "provider_error",
};

/**
 * The fields of an event that say something, named as fields of a log are: `llmInputTokens` is
 * `llm_input_tokens`. Left out are defaults, empty texts, `false`, and amounts of 0; a time of 0 is one.
 */
export function compactEvent(event: object): LogFields {
  return Object.fromEntries(
    Object.entries(event)
      .filter(([name, value]) => saysSomething(name, value))
      .map(([name, value]) => [snakeCase(name), written(value)]),
  );
}

/** JSON has a typed array as an object with a name for each number. */
function written(value: unknown): unknown {
  return value instanceof Float64Array || value instanceof Float32Array ? [...value] : value;
}

function saysSomething(name: string, value: unknown): boolean {
  if (value === undefined || value === "" || value === false) return false;
  if (value === 0) return isTime(name);
  return DEFAULTS[name] !== value;
}

/** A request may take no time; how much was heard or said is an amount, and none of it is nothing. */
function isTime(name: string): boolean {
  return /^seconds$|^since.+Seconds$|AtSeconds$/.test(name);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
