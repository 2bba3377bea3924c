/**
 * Leaves unknown fields out of records.
 *
 * @module
 */

/** An object with this one field, or without it where the value is `undefined`. */
export function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
