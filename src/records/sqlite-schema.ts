/**
 * The tables of the store.
 *
 * @module
 */

import { RecordStoreError } from "../errors.js";
import type { CallRecord } from "./call-record.js";
import { type SqlDatabase, sqliteCode } from "./libsql.js";

const VERSION = 1;
/** "mpcr", so that `file` and we know it from other databases. */
const APPLICATION_ID = 0x6d706372;

/**
 * A commit is on the disk when it returns (`FULL`). The log lets readers read while one writes.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 16777216;
`;

const TABLES = `
  CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    observation_point TEXT NOT NULL,
    call_id TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    caller TEXT,
    callee TEXT,
    status_code INTEGER,
    status_class TEXT,
    via TEXT,
    is_cancelled INTEGER NOT NULL,
    mos REAL,
    issues TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (call_id, observation_point, began_at)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS calls_by_time ON calls (began_at);
  CREATE INDEX IF NOT EXISTS calls_by_caller ON calls (caller);
  CREATE INDEX IF NOT EXISTS calls_by_callee ON calls (callee);
  CREATE INDEX IF NOT EXISTS calls_by_mos ON calls (mos) WHERE mos IS NOT NULL;
  CREATE INDEX IF NOT EXISTS calls_by_status ON calls (status_code);
  CREATE INDEX IF NOT EXISTS calls_with_issues ON calls (issues) WHERE issues <> '';
  PRAGMA application_id = ${String(APPLICATION_ID)};
  PRAGMA user_version = ${String(VERSION)};
`;

/** Puts in these calls, or puts them in the place of what was known of them. */
export function upsert(records: readonly CallRecord[]): string {
  return `
  INSERT INTO calls (
    observation_point, call_id, began_at, ended_at, caller, callee,
    status_code, status_class, via, is_cancelled, mos, issues, record
  )
  SELECT
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12
  FROM json_each(${literal(rowsOf(records))})
  WHERE true
  ON CONFLICT (call_id, observation_point, began_at) DO UPDATE SET
    ended_at = excluded.ended_at, caller = excluded.caller, callee = excluded.callee,
    status_code = excluded.status_code, status_class = excluded.status_class, via = excluded.via,
    is_cancelled = excluded.is_cancelled, mos = excluded.mos, issues = excluded.issues,
    record = excluded.record;`;
}

const USED_BYTES = `
  SELECT (page_count - freelist_count) * page_size
  FROM pragma_page_count, pragma_freelist_count, pragma_page_size`;

/**
 * Deletes the oldest: those that began before `oldest`, and where there is more than `maxBytes`, as many
 * as leave about `bytesLeft`. Of a call without any time nobody knows that it is old; where there is too
 * much, it goes first.
 */
export function deletion(oldest: string, maxBytes: number, bytesLeft: number): string {
  return `
  DELETE FROM calls WHERE began_at < ${literal(oldest)} AND began_at <> '';
  DELETE FROM calls WHERE id IN (
    SELECT id FROM calls
    WHERE (${USED_BYTES}) > ${String(maxBytes)}
    ORDER BY began_at
    LIMIT (SELECT 1 + CAST(count(*) * (1 - ${bytesLeft.toFixed(1)} / (${USED_BYTES})) AS INTEGER)
      FROM calls));`;
}

/** In SQLite nothing but the quote itself means anything in quotes. JSON has no U+0000. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The calls as a JSON array of rows. */
function rowsOf(records: readonly CallRecord[]): string {
  const rows = records.map(({ facts, json }) => [
    facts.observationPoint,
    facts.callId,
    facts.beganAt,
    facts.endedAt ?? null,
    facts.caller ?? null,
    facts.callee ?? null,
    facts.statusCode ?? null,
    facts.statusClass ?? null,
    facts.via ?? null,
    facts.isCancelled ? 1 : 0,
    facts.mos ?? null,
    issuesColumn(facts.issues),
    json,
  ]);
  return JSON.stringify(rows);
}

/** `|one-way-audio|dead-air|`, in which one kind is found with its bars. */
export function issuesColumn(kinds: readonly string[]): string {
  return kinds.length === 0 ? "" : `|${kinds.join("|")}|`;
}

/**
 * Makes the tables where there are none.
 *
 * @throws {RecordStoreError} If the database is of something else, or of another version.
 */
export async function prepareTables(database: SqlDatabase, path: string): Promise<void> {
  try {
    // First: of what is not ours nothing may be changed, not even its kind of log.
    await database.exec(GUARD);
  } catch (cause) {
    if (!/^SQLITE_CONSTRAINT/.test(sqliteCode(cause) ?? "")) throw cause;
    throw new RecordStoreError(
      `${path} is a database of something else, or of calls as another version stores them; name another file.`,
      { cause },
    );
  }
  // All at once: whoever else opens it, now or after a crash, would take a part for something else's.
  await database.exec(`PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE; ${TABLES} COMMIT`);
  await patiently(() => database.exec(SETTINGS));
}

/** The kind of log is changed by one connection alone, for which SQLite itself does not wait. */
async function patiently(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_BUSY" || attempt === MAX_ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, ATTEMPTS_APART_MS));
  }
}

const MAX_ATTEMPTS = 50;
const ATTEMPTS_APART_MS = 100;

/** Whether a database holds calls as this version stores them: 1 or 0; or nothing at all: null. */
export const IS_OURS = `
  SELECT CASE (SELECT count(*) FROM main.sqlite_schema) WHEN 0 THEN NULL ELSE
    application_id = ${String(APPLICATION_ID)} AND user_version = ${String(VERSION)} END AS is_ours
  FROM pragma_application_id, pragma_user_version
`;

/** Fails where it does not, and may. */
const GUARD = `
  CREATE TEMP TABLE guard (is_ours INTEGER CHECK (is_ours));
  INSERT INTO guard ${IS_OURS};
  DROP TABLE guard;
`;
