/**
 * Label values of the families that a host application feeds.
 *
 * @module
 */

import type { LabelValueList } from "./label-values.js";

/** Part of `LABEL_VALUES`. */
export const HOST_LABEL_VALUES = {
  /** Of a speech or language model, as its host calls it. */
  model: { learned: 64, isOptional: true },
  /** A sampled hash of a session; left out unless a recorder is told how many to keep. */
  session: { recent: 0 },
} as const satisfies Readonly<Record<string, LabelValueList>>;
