/**
 * What is worth computing once for an object that comes again and again.
 *
 * @module
 */

/** `compute`, with its result kept for as long as the object lives at least. It must be pure. */
export function memoized<Key extends object, Value extends object | string>(
  compute: (key: Key) => Value,
): (key: Key) => Value {
  const results = new WeakMap<Key, Value>();
  // Mostly the same is asked for that was asked for just before.
  let lastKey: Key | undefined;
  let lastResult: Value | undefined;
  return (key) => {
    if (key === lastKey && lastResult !== undefined) return lastResult;
    let result = results.get(key);
    if (result === undefined) {
      result = compute(key);
      results.set(key, result);
    }
    lastKey = key;
    lastResult = result;
    return result;
  };
}
