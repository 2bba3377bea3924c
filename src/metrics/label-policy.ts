/**
 * What a host decides about labels whose values are not known beforehand.
 *
 * @module
 */

import {
  LABEL_VALUES,
  OTHER,
  type LabelValueList,
  type LabelValuesName,
  type LearnedValues,
  type RecentValues,
} from "./label-values.js";

/** Values that are declared. What is handed in is trimmed and put in lower case first. */
export interface DeclaredValues {
  readonly values: readonly string[];
  /**
   * Under which everything else is counted. With one of its own an empty value is counted there too;
   * else it has no label.
   *
   * @default "other"
   */
  readonly fallback?: string;
}

/** How many values a label may have, or which. `off` leaves it out of every family. */
export type LabelPolicy = DeclaredValues | LearnedValues | RecentValues | "off";

/** Lists that are not closed: only these can be decided about. */
export type OpenLabelName = {
  [Name in LabelValuesName]: (typeof LABEL_VALUES)[Name] extends readonly string[] ? never : Name;
}[LabelValuesName];

/** A policy for each list that shall not be as it is declared. */
export type LabelPolicies = Readonly<Partial<Record<OpenLabelName, LabelPolicy>>>;

/** The places of a label. */
export interface LabelPlaces {
  /** Known beforehand, each in its place. */
  readonly values: readonly string[];
  /** Of `values`, how many are combined into series that are there from the start. */
  readonly stated: number;
  /** How many more there may be. */
  readonly learned: number;
  /** When those are used up, the one not used for longest goes. */
  readonly isRecent: boolean;
  /** The place of what has none. */
  readonly fallback: string;
  /** Values are trimmed and put in lower case. */
  readonly isFolded: boolean;
}

/**
 * @throws {RangeError} If a policy is for a list that is closed or does not exist, or has a count that
 * is not a whole number from 0 to 100,000.
 */
export function requireSoundPolicies(policies: LabelPolicies): void {
  for (const [list, policy] of Object.entries(policies)) {
    const values: LabelValueList | undefined = (
      LABEL_VALUES as Readonly<Record<string, LabelValueList>>
    )[list];
    if (values === undefined || Array.isArray(values)) {
      throw new RangeError(`"${list}" is no list of label values that a policy can be given for`);
    }
    if (policy === "off" || "values" in policy) continue;
    const count = "recent" in policy ? policy.recent : policy.learned;
    if (!(Number.isInteger(count) && count >= 0 && count <= 100_000)) {
      throw new RangeError(`"${list}" is to keep ${count} values; give a whole number to 100000`);
    }
  }
}

/** Where the values of a list stand. */
export function placesOf(list: LabelValuesName, policies: LabelPolicies): LabelPlaces {
  const declared: LabelValueList = LABEL_VALUES[list];
  const closed = { learned: 0, isRecent: false, isFolded: false, fallback: OTHER };
  if (isClosed(declared)) {
    const values = declared.includes(OTHER) ? declared : [...declared, OTHER];
    return { ...closed, values, stated: declared.length };
  }
  const policy = (policies as Partial<Record<string, LabelPolicy>>)[list] ?? declared;
  if (policy === "off") return { ...closed, values: [""], stated: 1, fallback: "" };
  if ("values" in policy) {
    const fallback = policy.fallback ?? OTHER;
    const named = policy.values.map((value) => value.trim().toLowerCase());
    const none = policy.fallback === undefined ? [""] : [];
    const values = [...new Set([...none, ...named, fallback])];
    return { ...closed, values, stated: values.length, isFolded: true, fallback };
  }
  if ("recent" in policy) {
    return {
      ...closed,
      values: [""],
      stated: 1,
      learned: policy.recent,
      isRecent: true,
      fallback: "",
    };
  }
  const isOptional = policy.isOptional === true;
  const values = isOptional ? ["", OTHER] : [OTHER];
  return { ...closed, values, stated: isOptional ? 1 : 0, learned: policy.learned };
}

function isClosed(list: LabelValueList): list is readonly string[] {
  return Array.isArray(list);
}
