/**
 * The only loader of the SQLite library, and the part of it that is used: what runs beside the main
 * thread, so that a slow disk does not hold up media. (`run` and `get` would.) A connection with prepared
 * statements ends once these are collected as garbage.
 *
 * @module
 */

import { RecordStoreError } from "../errors.js";

/** What SQLite stores. */
export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A statement that gives out rows; its first row is found before it resolves. */
export interface SqlStatement {
  all(...parameters: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** One connection. */
export interface SqlDatabase {
  prepare(sql: string): Promise<SqlStatement>;
  /** Runs statements that give out nothing. */
  exec(sql: string): Promise<void>;
  close(): void;
}

interface Library {
  readonly default: new (path: string, options: { readonly timeout: number }) => SqlDatabase;
}

/** How long another connection that writes is waited for. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a database file, or makes it.
 *
 * @throws {RecordStoreError} If the library is not installed.
 */
export async function openDatabase(path: string): Promise<SqlDatabase> {
  let library: Library;
  try {
    library = await import("libsql/promise");
  } catch (cause) {
    throw new RecordStoreError(
      "The SQLite library is missing; install the optional dependency libsql, or store JSON Lines.",
      { cause },
    );
  }
  return new library.default(path, { timeout: BUSY_TIMEOUT_MS });
}

/** The code that SQLite gives its errors, such as `SQLITE_FULL`. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
