/**
 * Several observers as one.
 *
 * @module
 */

import type { CallObserver } from "./observer.js";

/** Tells each of them, in this order; nothing without any. What nobody asks for is not asked for. */
export function observersAsOne(all: readonly CallObserver[]): CallObserver | undefined {
  const [only, ...others] = all;
  if (others.length === 0) return only;
  return {
    onSipEvent: (event, context) => {
      for (const one of all) one.onSipEvent?.(event, context);
    },
    ...(all.some((one) => one.onMessage !== undefined) && {
      onMessage: (seen) => {
        for (const one of all) one.onMessage?.(seen);
      },
    }),
    ...(all.some((one) => one.onRtcp !== undefined) && {
      onRtcp: (rtcp) => {
        for (const one of all) one.onRtcp?.(rtcp);
      },
    }),
    onCall: (report, details) => {
      for (const one of all) one.onCall?.(report, details);
    },
    onHandshake: (report) => {
      for (const one of all) one.onHandshake?.(report);
    },
  };
}
