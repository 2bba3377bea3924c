/**
 * Which calls the list shows, and in which order.
 *
 * @module
 */

import type { IssueKind } from "../call/call-report.js";
import { byStanding } from "../report/call-order.js";
import { type CallRow, LIST_COLUMNS, type SortValue } from "../report/call-row.js";
import { SATISFACTIONS } from "../report/satisfaction.js";
import type { ListedCall } from "./source.js";

/** What came of the calls that are shown. */
export type CourseFilter = "all" | "open" | CallRow["course"];

/** What is shown. */
export interface Filter {
  /** Words, each of which must occur. */
  readonly words: string;
  readonly course: CourseFilter;
  /** Any issue at all, or one kind. */
  readonly issue: "all" | "any" | IssueKind;
  /** Calls whose worse direction scores less. */
  readonly mosBelow?: number;
}

/** By how a call stands among others, or by a column. */
export interface Order {
  /** Index in {@link LIST_COLUMNS}; absent for the worst first. */
  readonly column?: number;
  readonly isDescending: boolean;
}

export const EVERYTHING: Filter = { words: "", course: "all", issue: "all" };
export const WORST_FIRST: Order = { isDescending: false };

/** The scores below which users are less than satisfied, by ITU-T G.109: the choices of a filter. */
export const MOS_LIMITS: readonly { readonly mos: number; readonly verdict: string }[] =
  SATISFACTIONS.slice(1).map(({ verdict, leastMos }, index, below) => ({
    mos: SATISFACTIONS[index]?.leastMos ?? leastMos,
    verdict: index === below.length - 1 ? verdict : `${verdict} or worse`,
  }));

/** The calls that are shown, in order; equal ones stay as they were. */
export function listed(
  calls: readonly ListedCall[],
  filter: Filter,
  order: Order,
): readonly ListedCall[] {
  const words = filter.words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return calls.filter((call) => isShown(call, filter, words)).sort(comparison(order));
}

function isShown(
  { row, isOpen }: ListedCall,
  { course, issue, mosBelow }: Filter,
  words: readonly string[],
): boolean {
  if (course === "open" ? !isOpen : course !== "all" && row.course !== course) return false;
  if (issue === "any" && row.issues.length === 0) return false;
  if (issue !== "all" && issue !== "any" && !row.issues.includes(issue)) return false;
  if (mosBelow !== undefined && !(row.worstMos !== undefined && row.worstMos < mosBelow))
    return false;
  return words.every((word) => row.text.includes(word));
}

function comparison({ column, isDescending }: Order): (a: ListedCall, b: ListedCall) => number {
  if (column === undefined) return (a, b) => byStanding(a.row.standing, b.row.standing);
  const sign = isDescending ? -1 : 1;
  return (a, b) => {
    const [one, other] = [a.row.values[column] ?? undefined, b.row.values[column] ?? undefined];
    if (one === undefined || other === undefined) {
      return Number(one === undefined) - Number(other === undefined);
    }
    return sign * compared(one, other);
  };
}

function compared(a: NonNullable<SortValue>, b: NonNullable<SortValue>): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en");
}

/** Columns whose large values are the bad ones are first sorted downwards. */
export function firstOrder(column: number): Order {
  const { name, align } = LIST_COLUMNS[column] ?? {};
  const isScore = name === "MOS →" || name === "MOS ←";
  return { column, isDescending: align === "right" && !isScore };
}
