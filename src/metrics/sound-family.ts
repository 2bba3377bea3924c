/**
 * What every family must fulfil.
 *
 * @module
 */

import type { Family } from "./family.js";

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Prometheus writes these itself. */
const RESERVED = ["le", "quantile"];
/** A name may not be longer: it is no place for texts. */
const MAX_NAME_LENGTH = 200;

/** Whether Prometheus and OpenMetrics take it as a metric's name. */
export function isMetricName(name: unknown): boolean {
  return typeof name === "string" && name.length <= MAX_NAME_LENGTH && METRIC_NAME.test(name);
}

/** Whether they take it as a label's name that a host may choose. */
export function isLabelName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && LABEL_NAME.test(name) && !RESERVED.includes(name);
}

/**
 * Checks a family against what Prometheus and OpenMetrics allow.
 *
 * @throws {RangeError} If a name, the help or the ending of the name is not allowed.
 */
export function requireSoundFamily(name: string, { type, help, labels }: Family): void {
  if (!isMetricName(name)) throw new RangeError(`"${name}" is not a metric name`);
  if ((type === "counter") !== name.endsWith("_total")) {
    throw new RangeError(`"${name}" is a ${type}; counters end in "_total", and only they do`);
  }
  if (help === "") throw new RangeError(`"${name}" has no help`);
  const names = labels.map(([label]) => label);
  names.forEach((label, i) => {
    if (!isLabelName(label) || names.indexOf(label) !== i) {
      throw new RangeError(`"${name}" may not have the label "${label}"`);
    }
  });
}
