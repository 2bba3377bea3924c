/**
 * Leaves unknown fields out of records: {@link present} where it is done now and then, a
 * {@link Draft} that is filled in field by field where it is done by the thousand.
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

/** A record while it is filled in. */
export type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };
