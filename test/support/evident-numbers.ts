/**
 * Whether a sentence says only numbers that its evidence gives: as they are, as people read them, or
 * as sums, shares and lengths of time between them.
 *
 * @module
 */

import { BEST_RATINGS } from "../../src/report/explained-quality.js";
import {
  countText,
  durationText,
  minutesText,
  mosText,
  msText,
  percentText,
  pointsText,
  timeOfDay,
} from "../../src/report/quantity.js";
import type { ExplainedSentence } from "../../src/report/story/call-story.js";

const NUMBER = /\d(?:[\d,.:]*\d)?/g;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
/** What the simulated buffer is set to, and what a rating is at most: settings, not findings. */
const CONSTANTS = ["60", ...Object.values(BEST_RATINGS).map(pointsText)];

/** Numbers that are in the sentence and that nothing of its evidence gives. */
export function unfoundedNumbers({ text, evidence }: ExplainedSentence): string[] {
  const leaves = Object.entries(evidence).flatMap(([path, value]) => leavesOf(path, value));
  const numbers = leaves.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
  const strings = leaves.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  const written = strings.filter((one) => INSTANT.test(one));
  const instants = written.map((one) => Date.parse(one));
  const said = new Set([
    ...CONSTANTS,
    ...written.map(timeOfDay),
    ...strings.flatMap(numbersOf),
    ...strings.flatMap((one) => numbersOf(one).flatMap((part) => part.split(/[.:,T-]/))),
    ...instants.flatMap((a) => instants.flatMap((b) => spellings((b - a) / 1000))),
    ...[...numbers, ...totals(leaves), ...runsOf(leaves), ...combined(numbers)].flatMap(spellings),
    ...[Object.keys(evidence).length, leaves.length].map(String),
  ]);
  // A name that was cut may end within a number.
  return numbersOf(text.replace(/\S*…/g, "")).filter((number) => !said.has(number));
}

function numbersOf(text: string): string[] {
  return text.replaceAll("\u00a0", " ").match(NUMBER) ?? [];
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
}

function leavesOf(path: string, value: unknown): Leaf[] {
  if (typeof value !== "object" || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([name, part]) => leavesOf(`${path}.${name}`, part));
}

/** All forms in which a figure may stand. */
function spellings(value: number): string[] {
  if (value < 0) return [];
  return [
    String(value),
    percentText(value),
    msText(value),
    mosText(value),
    pointsText(value),
    durationText(value),
    minutesText(value),
    countText(Math.round(value)),
  ].flatMap(numbersOf);
}

/** The same field of several intervals, added up. */
function totals(leaves: readonly Leaf[]): number[] {
  const sums = new Map<string, number>();
  for (const { path, value } of leaves) {
    if (typeof value !== "number" || !path.includes("intervals[")) continue;
    const name = path.replace(/\[\d+\]/g, "");
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return [...sums.values()];
}

/** How many runs of lost packets there were, the longest, and how long that was. */
function runsOf(leaves: readonly Leaf[]): number[] {
  const runs = leaves.flatMap(({ path, value }) => {
    const [, length] = /lossRuns\.(\d+)$/.exec(path) ?? [];
    return length === undefined ? [] : [{ length: Number(length), count: Number(value) }];
  });
  if (runs.length === 0) return [];
  const longest = Math.max(...runs.map(({ length }) => length));
  const seconds = leaves.find(({ path }) => path.endsWith("packetizationSeconds"))?.value;
  return [
    runs.reduce((sum, { count }) => sum + count, 0),
    longest,
    ...(typeof seconds === "number" ? [longest * seconds] : []),
  ];
}

/** Shares and differences of counts. */
function combined(numbers: readonly number[]): number[] {
  const counts = numbers.filter((one) => Number.isInteger(one));
  return counts.flatMap((a) => counts.flatMap((b) => (b > 0 ? [a / b, a - b] : [])));
}
