/**
 * Matchers of Vitest for the calls that `replay()` and a live probe give out. Importing this adds
 * them, best by `setupFiles: ["mediaprobe/vitest"]`.
 *
 * A figure that is not known fails, with `.not` too: nothing was shown either way.
 *
 * @module
 */

import { expect } from "vitest";

import type { CallReport, IssueKind } from "./call/call-report.js";
import type { DtlsResult } from "./dtls/association.js";
import { answeredGate, dtlsGate, noIssueGate, noOneWayGate, stirGate } from "./gates/facts.js";
import { figureGate, type FigureName, FIGURES } from "./gates/figures.js";
import { type Gate, sentence } from "./gates/gate.js";
import { type Limit, type Operator, parseQuantity } from "./gates/limit.js";
import type { StirResult } from "./stir/outcome.js";

/** A share in percent: `"1%"`. */
export type Share = `${number}%`;
/** A time: `"30ms"`, `"1.5s"`. */
export type Time = `${number}ms` | `${number}s` | `${number}min` | `${number}h`;

/** What a figure must keep to: at least one of these. */
export interface Bounds<Quantity> {
  readonly atLeast?: Quantity;
  readonly above?: Quantity;
  readonly atMost?: Quantity;
  readonly below?: Quantity;
}

/** What can be expected of a call. */
export interface CallMatchers<R = unknown> {
  /** Of each direction that was heard, for conversation where a round-trip time is known, else listening. */
  toHaveMos(bounds: Bounds<number>): R;
  /** Of the worst audio stream. */
  toHaveLoss(bounds: Bounds<Share>): R;
  /** The mean of the worst audio stream. */
  toHaveJitter(bounds: Bounds<Time>): R;
  /** The mean, measured before reported before stated by the stack. */
  toHaveRoundTrip(bounds: Bounds<Time>): R;
  /** From INVITE to ringing (RFC 6076). */
  toHavePostDialDelay(bounds: Bounds<Time>): R;
  /** From INVITE to the answer. */
  toHaveSetupTime(bounds: Bounds<Time>): R;
  /** From the answer to the end. */
  toHaveCallLength(bounds: Bounds<Time>): R;
  toBeAnswered(): R;
  /** Nobody was heard without hearing the other. */
  toHaveAudioBothWays(): R;
  /** Without a kind: none at all. */
  toHaveNoIssue(kind?: IssueKind): R;
  /** Of each of its handshakes. */
  toHaveDtls(result: DtlsResult): R;
  toHaveStir(result: StirResult): R;
}

declare module "vitest" {
  // Merging needs the very parameters of the interface that is there; an interface may add nothing.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-empty-object-type
  interface Matchers<T = any> extends CallMatchers<T> {}
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

interface MatcherState {
  readonly isNot: boolean;
}

const OPERATORS: Readonly<Record<keyof Bounds<unknown>, Operator>> = {
  atLeast: ">=",
  above: ">",
  atMost: "<=",
  below: "<",
};

expect.extend({
  toHaveMos: figureMatcher("mos"),
  toHaveLoss: figureMatcher("loss"),
  toHaveJitter: figureMatcher("jitter"),
  toHaveRoundTrip: figureMatcher("rtt"),
  toHavePostDialDelay: figureMatcher("pdd"),
  toHaveSetupTime: figureMatcher("setup"),
  toHaveCallLength: figureMatcher("length"),
  toBeAnswered: matcher(answeredGate),
  toHaveAudioBothWays: matcher(noOneWayGate),
  toHaveNoIssue: matcher((kind: IssueKind | "any" = "any") => noIssueGate(kind)),
  toHaveDtls: matcher(dtlsGate),
  toHaveStir: matcher(stirGate),
});

function figureMatcher(
  name: FigureName,
): (this: MatcherState, received: unknown, bounds: Bounds<number | string>) => MatcherResult {
  return matcher((bounds: Bounds<number | string>) => figureGate(name, limitsOf(name, bounds)));
}

function matcher<Demand extends unknown[]>(
  gateOf: (...demand: Demand) => Gate,
): (this: MatcherState, received: unknown, ...demand: Demand) => MatcherResult {
  return function (received, ...demand) {
    const gate = gateOf(...demand);
    const verdict = gate.judge(requireCall(received));
    const { isNot } = this;
    return {
      pass: verdict.result === "unknown" ? isNot : verdict.result === "passed",
      message: () => sentence(verdict, gate, isNot),
    };
  };
}

function limitsOf(name: FigureName, bounds: Bounds<number | string>): Limit[] {
  const { measure, example } = FIGURES[name];
  const given = Object.entries(bounds) as [keyof Bounds<unknown>, number | string][];
  const limits = given.map(([bound, quantity]) => {
    if (!Object.hasOwn(OPERATORS, bound)) {
      throw new TypeError(`${bound} is no bound; say ${Object.keys(OPERATORS).join(", ")}`);
    }
    const value = parseQuantity(String(quantity), measure, example.replace(/^[<>=]+/, ""));
    return { operator: OPERATORS[bound], value };
  });
  if (limits.length > 0) return limits;
  throw new TypeError(`No bound is given; say ${Object.keys(OPERATORS).join(", ")}.`);
}

/** What is no record of a call would have no figure, and so fail for a reason that is not the reason. */
function requireCall(received: unknown): CallReport {
  const isCall =
    typeof received === "object" &&
    received !== null &&
    "schema" in received &&
    received.schema === "mediaprobe.call/1";
  if (isCall) return received as CallReport;
  throw new TypeError(
    `${typeof received} is no record of a call; expect one of those that replay(), a probe's snapshot().calls or its "end" event give out`,
  );
}
