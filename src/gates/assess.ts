/**
 * Calls against gates.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { type Gate, sentence } from "./gate.js";
import { isWithin, type Limit, limitText } from "./limit.js";

/** A demand that was not met. */
export interface GateFailure {
  /** As the option is called: `mos`. */
  readonly gate: string;
  /** Absent where it concerns no single call. */
  readonly callId?: string;
  /** The record does not tell, so it may have been met. */
  readonly isUnknown?: true;
  /** What was found, and what must be. */
  readonly sentence: string;
}

/** What calls are held against. */
export interface Demands {
  readonly gates: readonly Gate[];
  /** How many calls there must be. */
  readonly calls: readonly Limit[];
  /** Whether what is not known counts as met. */
  readonly allowsUnknown: boolean;
}

/** Without a call nothing was shown, so that is none of the ways to pass unless it is asked for. */
export const AT_LEAST_ONE: Limit = { operator: ">=", value: 1 };

/** All that was not met, call by call. */
export function failures(
  calls: readonly CallReport[],
  { gates, calls: limits, allowsUnknown }: Demands,
): GateFailure[] {
  return [
    ...countFailures(calls.length, limits),
    ...calls.flatMap((call) =>
      gates.flatMap((gate): GateFailure[] => {
        const verdict = gate.judge(call);
        const isUnknown = verdict.result === "unknown";
        if (verdict.result === "passed" || (isUnknown && allowsUnknown)) return [];
        return [
          {
            gate: gate.name,
            callId: call.callId,
            ...(isUnknown && { isUnknown }),
            sentence: sentence(verdict, gate),
          },
        ];
      }),
    ),
  ];
}

function countFailures(count: number, limits: readonly Limit[]): GateFailure[] {
  return limits
    .filter((limit) => !isWithin(count, limit))
    .map((limit) => ({
      gate: "calls",
      sentence: `there ${count === 1 ? "is 1 call" : `are ${count} calls`}; there must be ${limitText(limit, "count")}`,
    }));
}
