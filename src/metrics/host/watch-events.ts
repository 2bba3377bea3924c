/**
 * Events of an emitter, noticed from beside: a listener proper may take over what is done without one, as
 * of Node's `clientError`, or of `error`, which throws.
 *
 * @module
 */

/** Something with events, of Node or like it. */
export interface Emitter {
  emit(...args: never[]): unknown;
}

/**
 * Calls back for each event before its listeners hear of it.
 *
 * @returns How to stop.
 */
export function watchEvents(
  emitter: Emitter,
  onEvent: (name: unknown, args: readonly unknown[]) => void,
): () => void {
  let isWatched = true;
  const own = Object.getOwnPropertyDescriptor(emitter, "emit");
  const emit = emitter.emit.bind(emitter) as (...args: unknown[]) => unknown;
  const watched = (name: unknown, ...args: unknown[]): unknown => {
    if (isWatched) onEvent(name, args);
    return emit(name, ...args);
  };
  Object.defineProperty(emitter, "emit", { value: watched, configurable: true, writable: true });
  return () => {
    isWatched = false;
    // Whoever has put theirs on top since keeps it; ours then only passes on.
    if (emitter.emit !== (watched as Emitter["emit"])) return;
    if (own === undefined) Reflect.deleteProperty(emitter, "emit");
    else Object.defineProperty(emitter, "emit", own);
  };
}
