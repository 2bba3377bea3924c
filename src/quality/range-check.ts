/**
 * The one way this room refuses a value.
 *
 * @module
 */

/**
 * Does nothing when `value` lies within the limits, both included.
 *
 * @throws {RangeError} If it does not, or is not a number: names the value and the limits.
 */
export function requireWithin(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new RangeError(`${name} is ${value}; it must be from ${low} to ${high}`);
}
