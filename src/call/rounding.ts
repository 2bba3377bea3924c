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

/** The double nearest to the number's first nine digits. */
export function roundedNumber(value: number): number {
  const exponent = DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)));
  // A power of ten up to 10^22 is exact, so the quotient is the double nearest to the decimal.
  if (exponent < 0 || exponent > 22) return Number(value.toPrecision(DIGITS));
  const scale = 10 ** exponent;
  return Math.round(value * scale) / scale;
}
