/**
 * An address of loopback that no other process uses: for tests that must have a port of a fixed number,
 * however many of them run on one machine.
 *
 * @module
 */

/** Loopback has 2^24 addresses; numbers of processes have 22 bits on Linux. Below 127.64 are others. */
export function ownAddress(): string {
  const { pid } = process;
  return `127.${64 + ((pid >> 16) & 0x3f)}.${(pid >> 8) & 0xff}.${pid & 0xff}`;
}
