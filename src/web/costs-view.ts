/**
 * What cost how many R points.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { StreamReport } from "../call/report.js";
import { speechStreams } from "../report/call-figures.js";
import { BEST_RATINGS } from "../report/explained-quality.js";
import { mosText, pointsText, UNKNOWN } from "../report/quantity.js";
import { satisfaction } from "../report/satisfaction.js";
import { codecText, ssrcText } from "../report/stream-columns.js";
import { foreign, h, section } from "./dom.js";

type Quality = NonNullable<StreamReport["quality"]>;

/** In the order in which they are counted. */
const COSTS = [
  ["codec", "codec"],
  ["randomLoss", "loss"],
  ["burstLoss", "bursts"],
  ["lateLoss", "late packets"],
  ["delay", "delay"],
] as const satisfies readonly (readonly [keyof Quality["costs"], string])[];

/** The section; nothing where nothing has a score. */
export function costsView(call: CallReport): HTMLElement | undefined {
  const { quality } = call;
  const rows = [
    costRow("Caller → callee", quality?.callerToCallee),
    costRow("Caller ← callee", quality?.calleeToCaller),
    // A direction of one stream is that stream.
    ...(hasOneEach(call)
      ? []
      : speechStreams(call).map((one) => costRow(streamName(one), one.quality))),
  ].filter((row) => row !== undefined);
  if (rows.length === 0) return undefined;
  return section(
    "What cost how many points",
    "costs",
    h("div", { class: "cost-rows" }, ...rows),
    h(
      "p",
      { class: "cost-legend" },
      h("span", { class: "sample rest" }, "R, what was left"),
      ...COSTS.map(([name, title]) => h("span", { class: `sample cost-${name}` }, title)),
    ),
  );
}

function hasOneEach(call: CallReport): boolean {
  const flows = speechStreams(call).map(({ direction }) => direction);
  return flows.every((flow) => flow !== undefined) && new Set(flows).size === flows.length;
}

function streamName(stream: StreamReport): string {
  const sign = { "caller-to-callee": "→ ", "callee-to-caller": "← " };
  const direction = stream.direction === undefined ? "" : sign[stream.direction];
  return `${direction}${foreign(codecText(stream))} ${ssrcText(stream.ssrc)}`;
}

function costRow(name: string, quality: Quality | undefined): HTMLElement | undefined {
  if (quality === undefined) return undefined;
  const { rFactor, costs, scale, mosCq, mosLq } = quality;
  const best = BEST_RATINGS[scale];
  const known = COSTS.flatMap(([cost, title]) => {
    const points = costs[cost];
    return points === undefined || points < 0.05 ? [] : [{ cost, title, points }];
  });
  const words = known.map(({ title, points }) => `${title} −${pointsText(points)}`);
  const bar = h(
    "div",
    {
      class: "cost-bar",
      role: "img",
      "aria-label": `R ${pointsText(rFactor)} of ${pointsText(best)}: ${words.join(", ")}`,
    },
    part("rest", rFactor / best, `R ${pointsText(rFactor)}`),
    ...known.map(({ cost, title, points }) =>
      part(`cost-${cost}`, points / best, `${title} −${pointsText(points)}`),
    ),
  );
  const mos = mosCq ?? mosLq;
  return h(
    "div",
    { class: "cost-row" },
    h("span", { class: "cost-name" }, name),
    h(
      "span",
      { class: `cost-mos tone-${satisfaction(mos).tone}` },
      `MOS ${mosText(mos)}`,
      h("small", {}, mosCq === undefined ? " listening" : " conversation"),
    ),
    bar,
    h(
      "span",
      { class: "cost-words" },
      `R ${pointsText(rFactor)} of ${pointsText(best)}, ${scale}`,
      words.length === 0 ? "" : `: ${words.join(", ")}`,
      costs.delay === undefined ? `; delay ${UNKNOWN}, no round-trip time` : "",
    ),
  );
}

function part(name: string, share: number, title: string): HTMLElement {
  const element = h("span", { class: name, title });
  element.style.flexGrow = String(Math.max(0, share));
  return element;
}
