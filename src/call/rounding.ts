/**
 * Numbers as reports carry them.
 *
 * @module
 */

const DIGITS = 9;

/**
 * The same object with every float in it rounded, in place, to nine significant digits: what
 * measurement can carry, and short enough to compare by eye. Integers stay as they are. The objects
 * must be nobody else's.
 */
export function rounded<T extends object>(value: T): T {
  const fields = value as Record<string, unknown>;
  for (const name in fields) {
    const field = fields[name];
    if (typeof field === "number") {
      if (!Number.isInteger(field)) fields[name] = roundedNumber(field);
    } else if (typeof field === "object" && field !== null) {
      rounded(field);
    }
  }
  return value;
}

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, exponent) =>
  Number(`1e${String(exponent)}`),
);

/** The double nearest to the number's first nine digits; an integer as it is. */
export function roundedNumber(value: number): number {
  if (Number.isInteger(value)) return value;
  const exponent = DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)));
  const scale = POWERS_OF_TEN[exponent];
  if (scale === undefined) return Number(value.toPrecision(DIGITS));
  // The power is exact, so the quotient is the double nearest to the decimal.
  return Math.round(value * scale) / scale;
}
