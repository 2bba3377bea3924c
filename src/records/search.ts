/**
 * Finds calls in a store.
 *
 * @module
 */

import { access, constants, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import type { CallReport, IssueKind } from "../call/call-report.js";
import { RecordStoreError } from "../errors.js";
import { isoMicroseconds } from "../net/time.js";
import type { OutcomeVia } from "../sip/call.js";
import { canonicalNumber } from "../stir/telephone-number.js";
import { openDatabase, type SqlDatabase, type SqlValue } from "./libsql.js";
import { IS_OURS, issuesColumn } from "./sqlite-schema.js";
import { systemReason } from "../net/system-reason.js";

/** Which calls are meant: those to which all of it applies. */
export interface CallFilter {
  readonly callId?: string;
  /** Of either party: a number, or the last digits of one; else a user name as it is. */
  readonly number?: string;
  /** Calls that began then or later, in epoch milliseconds. */
  readonly fromMs?: number;
  /** Calls that began before, in epoch milliseconds. */
  readonly toMs?: number;
  /** Calls of which the worse direction scores less. */
  readonly mosBelow?: number;
  readonly issue?: IssueKind;
  readonly outcome?: OutcomeFilter;
  /** At most so many, the newest. Default 100. */
  readonly limit?: number;
}

/** How an outcome came about, as filters name it. */
export const OUTCOME_WORDS = [
  "response",
  "timeout",
  "transport-error",
  "local-abort",
  "abandoned",
  "cancelled",
] as const satisfies readonly (OutcomeVia | "cancelled")[];

/** A status code, a class of them, or how the outcome came about. */
export type OutcomeFilter = number | `${1 | 2 | 3 | 4 | 5 | 6}xx` | (typeof OUTCOME_WORDS)[number];

/** What was found. */
export interface FoundCalls {
  /** The newest first. */
  readonly calls: readonly CallReport[];
  /** There are others to which the filter applies. */
  readonly isLimited: boolean;
}

const DEFAULT_LIMIT = 100;
/** Found at once; a page shows fewer. */
const MAX_LIMIT = 10_000;
/** RFC 3261 leaves user names any length. */
const MAX_WORD = 1024;

/** A connection that only reads: beside the one that writes, or of a file at rest. */
export class CallSearch {
  readonly #database: SqlDatabase;

  private constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /**
   * Opens a store that is there.
   *
   * @throws {RecordStoreError} If there is none, or it cannot be read.
   */
  static async open(path: string): Promise<CallSearch> {
    await requireDatabase(path);
    const database = await openDatabase(await readableName(path));
    try {
      await database.exec("PRAGMA query_only = 1");
      const [row] = await (await database.prepare(IS_OURS)).all();
      if (row?.["is_ours"] !== 1) {
        throw new RecordStoreError(`${path} holds no calls, or not as this version stores them.`);
      }
    } catch (cause) {
      database.close();
      if (cause instanceof RecordStoreError) throw cause;
      throw new RecordStoreError(`${path} cannot be read: ${messageOf(cause)}`, { cause });
    }
    return new CallSearch(database);
  }

  /**
   * The newest calls to which the filter applies.
   *
   * @throws {RangeError} If the filter's limit is out of its range.
   * @throws {RecordStoreError} If the store cannot be read.
   */
  async find(filter: CallFilter): Promise<FoundCalls> {
    const limit = limitOf(filter);
    const { conditions, parameters } = conditionsOf(filter);
    const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
    try {
      // As one row: further rows would be looked for on the main thread.
      const statement = await this.#database.prepare(
        `SELECT json_group_array(json(record)) AS found FROM (
           SELECT record FROM calls ${where} ORDER BY began_at DESC, id DESC LIMIT ?)`,
      );
      const [row] = await statement.all(...parameters, limit + 1);
      const found = row?.["found"];
      const calls = JSON.parse(typeof found === "string" ? found : "[]") as CallReport[];
      return { calls: calls.slice(0, limit), isLimited: calls.length > limit };
    } catch (cause) {
      throw new RecordStoreError(`The store cannot be searched: ${messageOf(cause)}`, { cause });
    }
  }

  close(): void {
    this.#database.close();
  }
}

/** The newest calls of a store to which the filter applies: {@link CallSearch.find}. */
export function searchCalls(store: CallSearch, filter: CallFilter): Promise<FoundCalls> {
  return store.find(filter);
}

function limitOf({ limit = DEFAULT_LIMIT }: CallFilter): number {
  if (Number.isInteger(limit) && limit > 0 && limit <= MAX_LIMIT) return limit;
  throw new RangeError(
    `limit is ${String(limit)}; it must be a whole number from 1 to ${String(MAX_LIMIT)}.`,
  );
}

interface Conditions {
  readonly conditions: readonly string[];
  readonly parameters: readonly SqlValue[];
}

function conditionsOf(filter: CallFilter): Conditions {
  const all = [...identityConditions(filter), ...courseConditions(filter)];
  return {
    conditions: all.map(([condition]) => condition),
    parameters: all.flatMap(([, ...parameters]) => parameters),
  };
}

type Condition = readonly [string, ...SqlValue[]];

function* identityConditions({ callId, number, fromMs, toMs }: CallFilter): Generator<Condition> {
  if (callId !== undefined) yield ["call_id = ?", callId];
  if (number !== undefined) yield partyCondition(number.slice(0, MAX_WORD));
  if (fromMs !== undefined) yield ["began_at >= ?", isoMicroseconds(fromMs)];
  if (toMs !== undefined) yield ["began_at < ?", isoMicroseconds(toMs)];
}

function* courseConditions({ mosBelow, issue, outcome }: CallFilter): Generator<Condition> {
  if (mosBelow !== undefined) yield ["mos < ?", mosBelow];
  if (issue !== undefined) yield ["issues <> '' AND instr(issues, ?)", issuesColumn([issue])];
  if (outcome === undefined) return;
  if (typeof outcome === "number") yield ["status_code = ?", outcome];
  else if (outcome === "cancelled") yield ["is_cancelled = 1"];
  else yield [/^\dxx$/.test(outcome) ? "status_class = ?" : "via = ?", outcome];
}

/** With or without country code, a number ends alike. */
function partyCondition(written: string): Condition {
  const digits = canonicalNumber(written);
  if (digits === undefined) return ["(caller = ? OR callee = ?)", written, written];
  // Neither digits nor * and # mean anything to GLOB but *, which it must not.
  const ending = `*${digits.replaceAll("*", "[*]")}`;
  return ["(caller GLOB ? OR callee GLOB ?)", ending, ending];
}

/** SQLite takes what is not there, or is empty, for a new database. */
async function requireDatabase(path: string): Promise<void> {
  const head = new Uint8Array(MAGIC.length);
  try {
    const file = await open(path, "r");
    await file.read(head, 0, head.length, 0).finally(() => file.close());
  } catch (cause) {
    throw new RecordStoreError(`${path} cannot be opened: ${systemReason(cause)}`, { cause });
  }
  if (Buffer.from(head).toString("latin1") === MAGIC) return;
  throw new RecordStoreError(
    `${path} is no SQLite database; calls.sqlite, as --records makes it, can be searched.`,
  );
}

const MAGIC = "SQLite format 3\0";

/**
 * Where nothing can be written, SQLite cannot keep the files beside the database with which readers and
 * writers heed each other; it need not where there is no writer.
 */
async function readableName(path: string): Promise<string> {
  const name = resolve(path);
  const hasLog = await stat(`${name}-wal`).then(
    ({ size }) => size > 0,
    () => false,
  );
  return hasLog || (await isWritable(name)) ? name : `${pathToFileURL(name).href}?immutable=1`;
}

async function isWritable(name: string): Promise<boolean> {
  try {
    await access(name, constants.W_OK);
    await access(dirname(name), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
