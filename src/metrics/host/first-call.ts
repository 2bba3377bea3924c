/**
 * The first call of some methods of a stream, noticed from beside.
 *
 * @module
 */

/**
 * Calls back before the first call of any of these methods goes on. All of them are the object's own
 * again by then: later calls cost nothing.
 *
 * @returns How to stop before that.
 */
export function watchFirstCall<Name extends string>(
  object: Readonly<Record<Name, unknown>>,
  names: readonly Name[],
  onCall: (args: readonly unknown[]) => void,
): () => void {
  let isWatched = true;
  const restores = names.map((name) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const method = (object[name] as (...args: unknown[]) => unknown).bind(object);
    const watched = (...args: unknown[]): unknown => {
      if (isWatched) {
        unwatch();
        onCall(args);
      }
      return method(...args);
    };
    Object.defineProperty(object, name, { value: watched, configurable: true, writable: true });
    return (): void => {
      // Whoever has put theirs on top since keeps it; ours then only passes on.
      if (object[name] !== watched) return;
      if (own === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, own);
    };
  });
  const unwatch = (): void => {
    if (!isWatched) return;
    isWatched = false;
    for (const restore of restores) restore();
  };
  return unwatch;
}
