/** A small pseudo-random generator: the same numbers for the same seed on every machine. */
export declare class Random {
  constructor(seed: number);
  /** From 0 to 2^32 - 1. */
  uint32(): number;
  /** From 0 up to, but not including, 1. */
  ratio(): number;
  /** A whole number of the range, both ends included. */
  integer(low: number, high: number): number;
  /** Nearly normal with mean 0 and deviation 1, never beyond ±3.47. */
  normal(): number;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
}
