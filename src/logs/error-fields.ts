/**
 * What was thrown, as fields that any log writes alike.
 *
 * @module
 */

import type { LogFields } from "./log-port.js";

/** What it says, its type and where it was thrown, beside each other: collectors find no field in a field. */
export function errorFields(thrown: unknown, name = "error"): LogFields {
  if (!(thrown instanceof Error)) return { [name]: String(thrown) };
  return {
    [name]: thrown.message,
    [`${name}_type`]: thrown.name,
    [`${name}_stack`]: thrown.stack,
  };
}
