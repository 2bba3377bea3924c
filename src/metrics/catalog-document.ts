/**
 * The catalogue as data for programs: generators of dashboards, checks of what they ask for.
 *
 * @module
 */

import { CHAPTERS } from "./chapters.js";
import type { AcceptedRange, Family, FamilyOrigin, FamilyUnit } from "./family.js";
import { LABEL_VALUES, type LabelValueList, type LabelValuesName } from "./label-values.js";
import { Recorder } from "./recorder.js";
import { SUMMARY_QUANTILES, SUMMARY_WINDOW } from "./summary.js";

/**
 * What values a label can have. All there are, and `other` for what is not listed; or the first so many
 * that are seen, and `other`; or those used last, where with 0 the label is left out. An optional one is
 * left out of series that have no value for it.
 */
export type DocumentedValues = { readonly isOptional: boolean } & (
  | { readonly values: readonly string[] }
  | { readonly learned: number }
  | { readonly recent: number }
);

/** A family, and how many series it can have. */
export interface DocumentedFamily {
  readonly name: string;
  readonly type: Family["type"];
  readonly unit: FamilyUnit;
  readonly help: string;
  /** What is counted when, and how it is arrived at. */
  readonly when: string;
  readonly formula?: string;
  readonly origin: FamilyOrigin;
  readonly chapter: string;
  readonly series: "all" | "seen";
  readonly seriesBound: number;
  /** `values` is the name of one of the lists of values. */
  readonly labels: readonly { readonly name: string; readonly values: LabelValuesName }[];
  /** Upper edges of a histogram; the last one, +Inf, is understood. */
  readonly buckets?: readonly number[];
  readonly quantiles?: readonly number[];
  /** Of how many of the newest samples the quantiles are. */
  readonly window?: number;
  readonly accepts?: AcceptedRange;
}

/** Every family, in the order of the reference. */
export interface CatalogDocument {
  readonly schema: "mediaprobe.catalog/1";
  readonly families: readonly DocumentedFamily[];
  readonly values: Readonly<Record<string, DocumentedValues>>;
}

/** The catalogue as it is unless a host decides otherwise about labels or buckets. */
export function catalogDocument(): CatalogDocument {
  const recorder = new Recorder();
  const families = CHAPTERS.flatMap(([chapter, , catalogue]) =>
    Object.entries(catalogue).map(([name, family]): DocumentedFamily => {
      const { type, unit, help, when, formula, origin, series, labels } = family;
      return {
        name,
        type,
        unit,
        help,
        when,
        ...(formula !== undefined && { formula }),
        origin,
        chapter,
        series,
        seriesBound: recorder.tableOf(name)?.bound ?? 0,
        labels: labels.map(([label, values]) => ({ name: label, values })),
        ...distributionOf(family),
      };
    }),
  );
  const values = Object.entries(LABEL_VALUES).map(
    ([list, all]) => [list, documented(all)] as const,
  );
  return { schema: "mediaprobe.catalog/1", families, values: Object.fromEntries(values) };
}

/** The same as JSON, a family and a list of values a line: that is what a change of it is about. */
export function catalogText({ schema, families, values }: CatalogDocument): string {
  const lists = Object.entries(values).map(
    ([list, all]) => `${JSON.stringify(list)}:${JSON.stringify(all)}`,
  );
  return [
    `{"schema":${JSON.stringify(schema)},"families":[`,
    families.map((family) => JSON.stringify(family)).join(",\n"),
    '],"values":{',
    lists.join(",\n"),
    "}}\n",
  ].join("\n");
}

function distributionOf(
  family: Family,
): Pick<DocumentedFamily, "buckets" | "quantiles" | "window" | "accepts"> {
  if (family.type === "counter" || family.type === "gauge") return {};
  const { accepts } = family;
  return {
    ...(family.type === "histogram"
      ? { buckets: family.buckets }
      : { quantiles: SUMMARY_QUANTILES, window: family.window ?? SUMMARY_WINDOW }),
    ...(accepts !== undefined && { accepts }),
  };
}

function documented(values: LabelValueList): DocumentedValues {
  if ("learned" in values) {
    return { isOptional: values.isOptional === true, learned: values.learned };
  }
  if ("recent" in values) return { isOptional: true, recent: values.recent };
  return { isOptional: values.includes(""), values: values.filter((value) => value !== "") };
}
