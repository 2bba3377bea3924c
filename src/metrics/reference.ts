/**
 * The catalogue as a document.
 *
 * @module
 */

import { CHAPTERS } from "./chapters.js";
import type { Family, FamilyOrigin } from "./family.js";
import { LABEL_VALUES, type LabelValueList, type LabelValuesName } from "./label-values.js";
import { SUMMARY_QUANTILES, SUMMARY_WINDOW } from "./summary.js";

const INTRODUCTION = `# Metrics

<!-- Written from the catalogue in src/metrics/catalogue: UPDATE_GOLDEN=1 npx vitest run test/metrics/reference.test.ts -->

What \`/metrics\` exposes; the same for programs is in [catalog.json](catalog.json). No label names a call, a number, an address or an SSRC: those are in the
record of each call. What is not known is not counted, and never 0. A value that its
label does not list is counted as \`other\`, in a series that is not there until then. A label that is
left out of a series has no value there, as Prometheus has it.

Series whose label values are all known beforehand are there from the start at 0, so that \`rate()\` and
\`increase()\` see the first event. Families marked _when seen_ are those with a \`codec\`, and the ones
about the metrics themselves.

Families marked _compatible_ have the names, labels and values that dashboards of another system
already use. Those in milliseconds and fractions have companions in base units, histograms that can be
added up over instances. A summary cannot: its quantiles (${SUMMARY_QUANTILES.join(", ")}) are exact, but of the
newest ${SUMMARY_WINDOW} calls of one process. Its sum and count are of all calls.`;

const ORIGINS: Readonly<Record<Exclude<FamilyOrigin, "mediaprobe">, string>> = {
  voiceserver: "voice servers",
  voxray: "Voxray",
  "speech-gateway": "the StreamKit speech gateway",
  livekit: "LiveKit Agents",
};

/** The reference of all metrics, in Markdown. */
export function metricReference(): string {
  const chapters = CHAPTERS.map(
    ([title, about, families]) =>
      `## ${title}\n\n${about}\n\n${Object.keys(families)
        .map((name) => entry(name, families[name]))
        .join("\n\n")}`,
  );
  return `${[INTRODUCTION, ...chapters].join("\n\n")}\n`;
}

function entry(name: string, family: Family | undefined): string {
  if (family === undefined) return "";
  const marks = [
    family.type,
    family.unit,
    ...(family.origin === "mediaprobe" ? [] : [`compatible with ${ORIGINS[family.origin]}`]),
    ...(family.series === "seen" ? ["when seen"] : []),
  ];
  const lines = [`### \`${name}\``, `_${marks.join(", ")}_`, `${family.help} ${family.when}`];
  const facts = [
    ...(family.formula === undefined ? [] : [`- how: ${family.formula}`]),
    ...family.labels.map(([label, list]) => `- \`${label}\`: ${valuesText(list)}`),
    ...(family.type === "histogram" ? [`- buckets: ${family.buckets.join(", ")}`] : []),
  ];
  return [...lines, ...(facts.length > 0 ? [facts.join("\n")] : [])].join("\n\n");
}

function valuesText(list: LabelValuesName): string {
  const values: LabelValueList = LABEL_VALUES[list];
  if ("learned" in values) {
    const text = `the first ${values.learned} seen, further ones as \`other\``;
    return values.isOptional === true ? `${text}; left out where empty` : text;
  }
  if ("recent" in values) {
    return values.recent === 0
      ? "left out, unless a recorder is told how many values to keep"
      : `the ${values.recent} used last; left out where empty`;
  }
  return values.map((value) => (value === "" ? "left out where empty" : `\`${value}\``)).join(", ");
}
