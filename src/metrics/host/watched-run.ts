/**
 * Listeners of a host that may throw, now or later.
 *
 * @module
 */

/**
 * Calls a listener and returns what it returns. What it throws, or its promise is rejected with, is
 * told, and thrown on.
 */
export function runWatched(run: () => unknown, onThrow: () => void): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    onThrow();
    throw error;
  }
  if (!(result instanceof Promise)) return result;
  return result.catch((error: unknown) => {
    onThrow();
    throw error;
  });
}
