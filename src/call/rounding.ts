/**
 * Numbers as reports carry them.
 *
 * @module
 */

/**
 * The same object with every float at nine significant digits: what measurement can carry, and short
 * enough to compare by eye. Integers stay as they are.
 */
export function rounded<T>(value: T): T {
  if (typeof value === "number") {
    return (Number.isInteger(value) ? value : Number(value.toPrecision(9))) as T;
  }
  if (Array.isArray(value)) return value.map((one: unknown) => rounded(one)) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]: [string, unknown]) => [name, rounded(one)]),
    ) as T;
  }
  return value;
}
