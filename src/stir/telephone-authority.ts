/**
 * Which telephone numbers a certificate speaks for (RFC 8226 §9), and what it lets its holder claim
 * (RFC 8226 §8).
 *
 * @module
 */

/** Numbers from `first` to `last`, both included, of that many digits. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
  readonly digits: number;
}

/** What a TNAuthList holds. */
export interface TelephoneAuthority {
  /** Codes of service providers, which stand for all of a provider's numbers. */
  readonly serviceProviderCodes: readonly string[];
  readonly ranges: readonly NumberRange[];
  readonly numbers: ReadonlySet<string>;
}

/** What a PASSporT must and may claim. */
export interface ClaimConstraints {
  readonly mustInclude: readonly string[];
  readonly permitted: ReadonlyMap<string, readonly string[]>;
}

/** Whether a number is of those listed. Says nothing of those of a service provider. */
export function listsNumber({ ranges, numbers }: TelephoneAuthority, number: string): boolean {
  if (numbers.has(number)) return true;
  if (!/^[0-9]{1,15}$/.test(number)) return false;
  const value = Number(number);
  return ranges.some(
    ({ first, last, digits }) => digits === number.length && value >= first && value <= last,
  );
}
