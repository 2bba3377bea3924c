/**
 * What is worth computing once for an object that comes again and again.
 *
 * @module
 */

/** `compute`, with its result kept for as long as the object lives. It must be pure. */
export function memoized<Key extends object, Value extends object | string>(
  compute: (key: Key) => Value,
): (key: Key) => Value {
  const results = new WeakMap<Key, Value>();
  return (key) => {
    let result = results.get(key);
    if (result === undefined) {
      result = compute(key);
      results.set(key, result);
    }
    return result;
  };
}
