/**
 * The catalogue as a document.
 *
 * @module
 */

import { CALL_QUALITY_FAMILIES } from "./catalogue/call-quality.js";
import { CALL_FAMILIES } from "./catalogue/calls.js";
import { HOST_CHAPTERS } from "./catalogue/host.js";
import { LIVE_QUALITY_FAMILIES } from "./catalogue/live-quality.js";
import { MEDIA_FAMILIES } from "./catalogue/media.js";
import { PROBE_FAMILIES } from "./catalogue/probe.js";
import { SECURITY_FAMILIES } from "./catalogue/security.js";
import { SELF_FAMILIES } from "./catalogue/self.js";
import { SIP_FAMILIES } from "./catalogue/sip.js";
import { VOICESERVER_FAMILIES } from "./catalogue/voiceserver.js";
import { WEBRTC_FAMILIES } from "./catalogue/webrtc.js";
import type { Chapter, Family, FamilyOrigin } from "./family.js";
import { LABEL_VALUES, type LabelValueList, type LabelValuesName } from "./label-values.js";
import { SUMMARY_QUANTILES, SUMMARY_WINDOW } from "./summary.js";

const CHAPTERS: readonly Chapter[] = [
  ["Calls", "How many calls there are and were.", CALL_FAMILIES],
  ["Signalling", "SIP transactions, dialogs and session timers.", SIP_FAMILIES],
  ["Security and connectivity", "DTLS-SRTP, STIR and ICE.", SECURITY_FAMILIES],
  [
    "Quality by call",
    "Every call weighs the same, however long it was. Do not mix with quality by interval.",
    CALL_QUALITY_FAMILIES,
  ],
  [
    "Quality of calls in progress",
    "What there is to alert on while it can still be mended. Absent unless a probe is made with `metrics: { liveQuality: true }`: `docs/attach.md` says what that costs.",
    LIVE_QUALITY_FAMILIES,
  ],
  [
    "Media and quality by interval",
    "Every stretch of media weighs the same: a long call counts for more than a short one.",
    MEDIA_FAMILIES,
  ],
  [
    "Peer connections",
    "Counted when it happens. Calls over peer connections are in the chapters before, too.",
    WEBRTC_FAMILIES,
  ],
  [
    "Voice server",
    "What a host application tells of the voice pipeline behind its calls.",
    VOICESERVER_FAMILIES,
  ],
  ...HOST_CHAPTERS,
  ["The probe", "How the probe and its process are doing.", PROBE_FAMILIES],
  ["The metrics themselves", "What was handed in and is in no other family.", SELF_FAMILIES],
];

const INTRODUCTION = `# Metrics

<!-- Written from the catalogue in src/metrics/catalogue: UPDATE_GOLDEN=1 npx vitest run test/metrics/reference.test.ts -->

What \`/metrics\` exposes. No label names a call, a number, an address or an SSRC: those are in the
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
