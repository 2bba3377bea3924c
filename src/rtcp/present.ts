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
  const record: { [K in Key]?: Value } = {};
  // A computed name in a literal would be a call into the runtime each time.
  if (value !== undefined) record[key] = value;
  return record;
}

/** A record while it is filled in. */
export type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };
