/**
 * What stores records: a file of lines, or a database.
 *
 * @module
 */

import type { CallRecord } from "./call-record.js";

/** One place where records are kept. One at a time uses it. */
export interface RecordWriter {
  /**
   * Resolves when all of them are on the disk and no crash can lose them; rejects if that failed, and
   * then none of them counts as stored. May be called again with the same ones.
   */
  write(records: readonly CallRecord[]): Promise<void>;
  /** Whether what went wrong is of these records, so that trying again is no use. */
  isHopeless?(error: unknown): boolean;
  /** Gives back what is open. It is opened again by the next write. */
  close(): Promise<void>;
}
