/**
 * Calls to choose from: a line each.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { CALL_IDENTITY_COLUMNS } from "./call-columns.js";
import { printable, shortened } from "./display-text.js";
import { type Column, laidOut } from "./table.js";
import type { Paint } from "./tone.js";

/** A longer Call-ID is cut: its beginning names the call as well. */
const MAX_ID_COLUMNS = 100;

const COLUMNS: readonly Column<CallReport>[] = [
  ...CALL_IDENTITY_COLUMNS,
  {
    title: "Call-ID",
    unit: "",
    align: "left",
    cell: ({ callId }) => ({ text: shortened(printable(callId), MAX_ID_COLUMNS) }),
  },
];

/** The lines of the list, in the order in which the calls are given. */
export function callList(
  calls: readonly CallReport[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  const { header, lines } = laidOut(COLUMNS, calls, width, paint);
  return [...header, ...lines];
}
