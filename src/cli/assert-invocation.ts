/**
 * What the command line demands of calls.
 *
 * @module
 */

import type { ParseArgsConfig } from "node:util";

import { ISSUE_KINDS } from "../call/call-report.js";
import { AT_LEAST_ONE, type Demands } from "../gates/assess.js";
import {
  answeredGate,
  DTLS_RESULTS,
  dtlsGate,
  noIssueGate,
  noOneWayGate,
  STIR_RESULTS,
  stirGate,
} from "../gates/facts.js";
import { figureGate, type FigureName, FIGURES } from "../gates/figures.js";
import type { Gate } from "../gates/gate.js";
import { type Limit, LimitError, type Measure, parseLimit } from "../gates/limit.js";
import { closestName } from "../net/closest-name.js";
import { captureInvocation, type CaptureInvocation } from "./capture-invocation.js";
import { atLeastOne, type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** Calls held against what is demanded of them. */
export interface AssertInvocation extends CaptureInvocation {
  readonly kind: "assert";
  readonly isJson: boolean;
  /** A Call-ID or its beginning; absent for all calls. */
  readonly callId?: string;
  readonly demands: Demands;
}

const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];
const CALLS_EXAMPLE = ">=1";

/** Options that nothing else takes. */
export const ASSERT_OPTIONS = {
  mos: { type: "string", multiple: true },
  loss: { type: "string", multiple: true },
  jitter: { type: "string", multiple: true },
  rtt: { type: "string", multiple: true },
  pdd: { type: "string", multiple: true },
  setup: { type: "string", multiple: true },
  length: { type: "string", multiple: true },
  answered: { type: "boolean" },
  "no-one-way": { type: "boolean" },
  "no-issue": { type: "string", multiple: true },
  dtls: { type: "string" },
  stir: { type: "string" },
  calls: { type: "string", multiple: true },
  "allow-unknown": { type: "boolean" },
} as const satisfies ParseArgsConfig["options"] & Readonly<Record<FigureName, object>>;

/** What they take, by an example: quoted where the shell would take it for something else. */
export const ASSERT_EXAMPLES = {
  ...Object.fromEntries(FIGURE_NAMES.map((name) => [name, `'${FIGURES[name].example}'`])),
  "no-issue": "dead-air",
  dtls: "ok",
  stir: "verified",
  calls: `'${CALLS_EXAMPLE}'`,
} satisfies Readonly<Record<string, string>>;

/** @throws {UsageError} If it cannot be understood, or nothing is demanded. */
export function assertInvocation(words: readonly string[], given: Given): AssertInvocation {
  const [file, extra] = atLeastOne(words, "assert needs a capture file, as in assert call.pcap");
  if (extra !== undefined) throw new UsageError(`assert takes one file; ${extra} is one too many`);
  return {
    kind: "assert",
    ...captureInvocation([file], given),
    isJson: given.has("json"),
    ...assertDemands(given),
  };
}

function assertDemands(given: Given): Pick<AssertInvocation, "demands" | "callId"> {
  const gates = [...figureGates(given), ...factGates(given)];
  const calls = limits(given, "calls", "count", CALLS_EXAMPLE);
  if (gates.length === 0 && calls.length === 0) {
    throw new UsageError("assert needs something to hold calls against, as in --mos '>=4.0'");
  }
  const callId = single(given, "call-id");
  return {
    demands: {
      gates,
      calls: calls.length > 0 ? calls : [AT_LEAST_ONE],
      allowsUnknown: given.has("allow-unknown"),
    },
    ...(callId !== undefined && { callId }),
  };
}

function figureGates(given: Given): Gate[] {
  return FIGURE_NAMES.flatMap((name) => {
    const { measure, example } = FIGURES[name];
    const bounds = limits(given, name, measure, example);
    return bounds.length === 0 ? [] : [figureGate(name, bounds)];
  });
}

function limits(given: Given, name: string, measure: Measure, example: string): Limit[] {
  return (given.get(name) ?? []).map((written) => {
    try {
      return parseLimit(written, measure, example);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      throw new UsageError(`--${name} ${error.message}`);
    }
  });
}

function factGates(given: Given): Gate[] {
  const dtls = single(given, "dtls");
  const stir = single(given, "stir");
  return [
    ...(given.has("answered") ? [answeredGate()] : []),
    ...(given.has("no-one-way") ? [noOneWayGate()] : []),
    ...(given.get("no-issue") ?? []).map((kind) =>
      noIssueGate(oneOf("no-issue", kind, [...ISSUE_KINDS, "any"])),
    ),
    ...(dtls === undefined ? [] : [dtlsGate(oneOf("dtls", dtls, DTLS_RESULTS))]),
    ...(stir === undefined ? [] : [stirGate(oneOf("stir", stir, STIR_RESULTS))]),
  ];
}

function oneOf<T extends string>(name: string, written: string, words: readonly T[]): T {
  const word = words.find((one) => one === written);
  if (word !== undefined) return word;
  const closest = closestName(written, words);
  const hint = closest === undefined ? "" : `; did you mean ${closest}?`;
  throw new UsageError(`--${name} ${written}: it must be one of ${words.join(", ")}${hint}`);
}
