/**
 * Figures of a call that limits are set to. Each is the one that stands for the whole call in its
 * metrics: of the worse direction, or of the worst stream.
 *
 * @module
 */

import type { CallReport, MediaFlow } from "../call/call-report.js";
import {
  bestRoundTrip,
  speechStreams,
  worstJitterSeconds,
  worstLossRatio,
} from "../report/call-figures.js";
import { score } from "../report/satisfaction.js";
import { type Gate, passedIf, unknown, type Verdict } from "./gate.js";
import { figureText, isWithin, type Limit, limitText, type Measure } from "./limit.js";

/** A figure, what there is to say of it, and how much of it is known. */
interface Found {
  readonly value: number;
  /** Stands behind the figure in parentheses. */
  readonly of?: string;
}

interface Figure {
  readonly title: string;
  readonly measure: Measure;
  /** A limit as one is written. */
  readonly example: string;
  /** Why it may be unknown. */
  readonly need: string;
  /** One or several, of which each must keep to the limit; `undefined` for one that is not known. */
  readonly find: (call: CallReport) => readonly (Found | undefined)[];
}

const one = (value: number | undefined, of?: string): readonly (Found | undefined)[] => [
  value === undefined ? undefined : { value, ...(of !== undefined && { of }) },
];

/** The figures, by the name of their gates. */
export const FIGURES = {
  mos: {
    title: "MOS",
    measure: "score",
    example: ">=4.0",
    need: "no speech in a codec that can be rated was seen in that direction",
    find: scores,
  },
  loss: {
    title: "loss",
    measure: "share",
    example: "<1%",
    need: "no audio was seen",
    find: (call) => one(worstLossRatio(call), "worst audio stream"),
  },
  jitter: {
    title: "jitter",
    measure: "time",
    example: "<30ms",
    need: "no audio with a known clock was seen",
    find: (call) => one(worstJitterSeconds(call), "mean of the worst audio stream"),
  },
  rtt: {
    title: "round-trip time",
    measure: "time",
    example: "<200ms",
    need: "no RTCP that tells it was seen",
    find: (call) => {
      const trip = bestRoundTrip(call);
      return one(trip?.seconds, trip && `mean, ${trip.view}`);
    },
  },
  pdd: {
    title: "post-dial delay",
    measure: "time",
    example: "<3s",
    need: "the call's beginning was not seen, or nothing came of it",
    find: ({ timings }) => one(timings.postDialDelaySeconds),
  },
  setup: {
    title: "setup time",
    measure: "time",
    example: "<10s",
    need: "the call was not answered, or its beginning was not seen",
    find: ({ timings }) => one(timings.setupSeconds),
  },
  length: {
    title: "length",
    measure: "time",
    example: ">=10s",
    need: "the answer or the end of the call was not seen",
    find: ({ timings }) => one(timings.durationSeconds),
  },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;

const HEARD: readonly (readonly [MediaFlow, "callerToCallee" | "calleeToCaller", string])[] = [
  ["caller-to-callee", "callerToCallee", "what the callee heard"],
  ["callee-to-caller", "calleeToCaller", "what the caller heard"],
];

/** Of each direction that was heard: one that cannot be rated hides behind no other. */
function scores(call: CallReport): readonly (Found | undefined)[] {
  const streams = speechStreams(call);
  const found = HEARD.flatMap(([flow, key, of]) => {
    const value = score(call.quality?.[key]);
    if (value !== undefined) return [{ value, of }];
    return streams.some(({ direction }) => direction === flow) ? [undefined] : [];
  });
  return found.length === 0 ? [undefined] : found;
}

/** A gate for a figure. Of several limits each must be kept. */
export function figureGate(name: FigureName, limits: readonly Limit[]): Gate {
  const figure: Figure = FIGURES[name];
  const { title, measure } = figure;
  const bounds = limits.map((limit) => boundText(limit, measure)).join(" and ");
  return {
    name,
    demand: `have a ${title} ${bounds}`,
    judge: (call) => judge(figure, limits, call),
  };
}

/** As it follows a noun: "of at least 4", "below 1 %". */
function boundText(limit: Limit, measure: Measure): string {
  const text = limitText(limit, measure);
  return limit.operator === "<" || limit.operator === ">" ? text : `of ${text}`;
}

function judge(figure: Figure, limits: readonly Limit[], call: CallReport): Verdict {
  const { title, measure, need, find } = figure;
  const all = find(call);
  const known = all.filter((found) => found !== undefined);
  const broken = known.filter(({ value }) => !limits.every((limit) => isWithin(value, limit)));
  const text = (found: readonly Found[]): string =>
    `the ${title} is ${found.map((each) => foundText(each, measure, limits)).join(" and ")}`;
  if (broken.length > 0) return passedIf(false, text(broken));
  if (known.length < all.length) return unknown(`the ${title} is unknown: ${need}`);
  return passedIf(true, text(known));
}

function foundText({ value, of }: Found, measure: Measure, limits: readonly Limit[]): string {
  return `${figureText(value, measure, limits)}${of === undefined ? "" : ` (${of})`}`;
}
