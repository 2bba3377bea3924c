/**
 * Work on several things at once, with results in the order of the things.
 *
 * @module
 */

/**
 * Yields `work(item)` for each item, in order. At most `limit` items are in work or wait to be taken,
 * so that a slow first one does not make the results of all others pile up.
 *
 * @param work - Must not reject.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const waiting: Promise<Result>[] = [];
  for (const [index, item] of items.entries()) {
    waiting.push(work(item, index));
    if (waiting.length < limit) continue;
    const first = waiting.shift();
    if (first !== undefined) yield await first;
  }
  for (const one of waiting) yield await one;
}
