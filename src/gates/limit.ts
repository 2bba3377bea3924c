/**
 * A limit that a figure is held against, as people write it: `>=4.0`, `<1%`, `<30ms`.
 *
 * @module
 */

import { msText, percentText } from "../report/quantity.js";

/** How a figure stands to its limit. */
export type Operator = ">=" | ">" | "<=" | "<" | "=";

/** A limit; the value is a score, a share from 0 to 1, or seconds. */
export interface Limit {
  readonly operator: Operator;
  readonly value: number;
}

/** What a figure is counted in. */
export type Measure = "score" | "share" | "time" | "count";

interface Spelling {
  /** What one of each unit is; the unit that is no unit is "". */
  readonly units: Readonly<Record<string, number>>;
  readonly most: number;
  /** Ends the sentence "it must be …". */
  readonly kind: string;
  /** The unit in which it is told, and how it is rounded there. */
  readonly telling: (value: number) => Telling;
}

interface Telling {
  readonly unit: string;
  readonly rounded: (value: number) => string;
}

const SCORE: Telling = { unit: "", rounded: (score) => score.toFixed(2) };
const NUMBER: Telling = { unit: "", rounded: String };
const PERCENT: Telling = { unit: "%", rounded: percentText };
/** Below ten seconds, which is what people set limits in. */
const MILLISECONDS: Telling = { unit: "ms", rounded: msText };
const SECONDS: Telling = {
  unit: "s",
  rounded: (seconds) => String(Math.round(seconds * 10) / 10),
};

const SPELLINGS: Readonly<Record<Measure, Spelling>> = {
  score: { units: { "": 1 }, most: 5, kind: "a score up to 5", telling: () => SCORE },
  share: {
    units: { "%": 0.01 },
    most: 1,
    kind: "a share in percent",
    telling: () => PERCENT,
  },
  time: {
    units: { ms: 0.001, s: 1, min: 60, h: 3600 },
    most: Infinity,
    kind: "a time in ms, s, min or h",
    telling: (seconds) => (seconds < 10 ? MILLISECONDS : SECONDS),
  },
  count: { units: { "": 1 }, most: Infinity, kind: "a number", telling: () => NUMBER },
};

/** In the order in which they are looked for: `>=` is no `>` with something behind it. */
const WORDS: Readonly<Record<Operator, string>> = {
  ">=": "at least",
  ">": "above",
  "<=": "at most",
  "<": "below",
  "=": "exactly",
};
const OPERATORS = Object.keys(WORDS) as readonly Operator[];

/** A number with its unit, in decimals. */
const QUANTITY = /^(\d{1,9}(?:\.\d{1,9})?)\s*([a-z%]*)$/i;

/** Decimals of a figure that is as good as equal to its limit. */
const MOST_DECIMALS = 9;

/** Why a limit cannot be understood; the message tells what one looks like. */
export class LimitError extends Error {}

/**
 * What was written as a limit.
 *
 * @throws {LimitError} If it is none, or its unit does not fit the figure.
 */
export function parseLimit(written: string, measure: Measure, example: string): Limit {
  const trimmed = written.trim();
  const operator = OPERATORS.find((one) => trimmed.startsWith(one));
  if (operator === undefined) {
    throw new LimitError(
      `${written}: it must begin with one of ${OPERATORS.join(" ")}, as in '${example}'`,
    );
  }
  return { operator, value: parseQuantity(trimmed.slice(operator.length), measure, example) };
}

/**
 * What was written as a quantity: `1%`, `30ms`, `4.0`.
 *
 * @throws {LimitError} If it is none, or its unit does not fit the figure.
 */
export function parseQuantity(written: string, measure: Measure, example: string): number {
  const { units, kind, most } = SPELLINGS[measure];
  const [, digits = "", unit = ""] = QUANTITY.exec(written.trim()) ?? [];
  // 7 × 0.01 is 0.07 only when it is rounded.
  const value = Number((Number(digits) * (unitOf(units, unit) ?? NaN)).toPrecision(12));
  if (digits !== "" && value <= most) return value;
  throw new LimitError(`${written.trim()}: it must be ${kind}, as in '${example}'`);
}

function unitOf(units: Spelling["units"], unit: string): number | undefined {
  return Object.hasOwn(units, unit) ? units[unit] : undefined;
}

/** Whether the figure keeps to the limit. */
export function isWithin(figure: number, { operator, value }: Limit): boolean {
  switch (operator) {
    case ">=":
      return figure >= value;
    case ">":
      return figure > value;
    case "<=":
      return figure <= value;
    case "<":
      return figure < value;
    case "=":
      return figure === value;
  }
}

/** The limit in words: "below 1 %"; never rounded to another limit. */
export function limitText({ operator, value }: Limit, measure: Measure): string {
  const telling = measure === "score" ? NUMBER : SPELLINGS[measure].telling(value);
  const rounded = telling.rounded(value);
  const exact = inUnit(value, telling, measure);
  const text = Number(rounded.replaceAll(",", "")) === exact ? rounded : String(exact);
  return `${WORDS[operator]} ${withUnit(text, telling)}`;
}

/** A figure, with as many digits as tell it from the limits that it is not equal to. */
export function figureText(figure: number, measure: Measure, limits: readonly Limit[]): string {
  const telling = SPELLINGS[measure].telling(figure);
  const others = limits.map(({ value }) => value).filter((value) => value !== figure);
  const tells = (text: (value: number) => string): boolean =>
    others.every((value) => text(value) !== text(figure));
  if (tells(telling.rounded)) return withUnit(telling.rounded(figure), telling);
  for (let decimals = 1; decimals < MOST_DECIMALS; decimals++) {
    const finely = (value: number): string => inUnit(value, telling, measure).toFixed(decimals);
    if (tells(finely)) return withUnit(finely(figure), telling);
  }
  return withUnit(String(inUnit(figure, telling, measure)), telling);
}

function inUnit(value: number, { unit }: Telling, measure: Measure): number {
  return Number((value / (unitOf(SPELLINGS[measure].units, unit) ?? 1)).toPrecision(12));
}

function withUnit(text: string, { unit }: Telling): string {
  return unit === "" ? text : `${text} ${unit}`;
}
