/**
 * What somebody meant who wrote something else.
 *
 * @module
 */

/** The shortest beginning of a name that is taken for it. */
const MIN_PREFIX = 3;

/**
 * The name nearest to what was written, or `undefined` if none is near: one that begins with it, or
 * that a few slips of the finger lead to (a letter left out, added, changed, or two swapped).
 */
export function closestName(written: string, names: readonly string[]): string | undefined {
  const begun = written.length >= MIN_PREFIX && names.find((name) => name.startsWith(written));
  if (begun !== false && begun !== undefined) return begun;
  let closest: { readonly name: string; readonly slips: number } | undefined;
  for (const name of names) {
    const slips = slipsBetween(written, name);
    if (slips <= Math.max(1, Math.floor(name.length / 3)) && slips < (closest?.slips ?? Infinity)) {
      closest = { name, slips };
    }
  }
  return closest?.name;
}

/** Damerau-Levenshtein distance, in its form where nothing is edited twice. */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const change = (last[j - 1] ?? 0) + (isSame ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change, swap));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
