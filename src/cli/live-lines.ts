/**
 * What happens to a running probe's calls, and each change as a line.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { isAnswered, outcomeCell } from "../report/call-outcome.js";
import { printable, shortened, TIE } from "../report/display-text.js";
import { keyOf, KnownCalls, type ToldCall } from "../report/known-calls.js";
import { partiesText } from "../report/party-name.js";
import { countOf, durationText, mosText, timeOfDay } from "../report/quantity.js";
import { score } from "../report/satisfaction.js";
import type { LiveListener } from "./followed-server.js";

/** Columns for a Call-ID, which anybody may write. */
const MAX_ID_COLUMNS = 100;

/** How far a call is. */
type State = "calling" | "ringing" | "answered" | "ended";

/** What is done with news, and with a server that comes and goes. */
export interface ChangeOptions {
  /** A call came to be, went on to the next state, or ended. */
  readonly onNews: (call: CallReport, state: State) => void;
  /** The server went away, for that reason. */
  readonly onLost: (why: string) => void;
  readonly onBack: () => void;
}

/** Tells what happens to calls, once each. */
export class CallChanges implements LiveListener {
  readonly #known = new KnownCalls(openState);
  readonly #options: ChangeOptions;
  #isFirst = true;
  #isLost = false;

  constructor(options: ChangeOptions) {
    this.#options = options;
  }

  /** Calls that were over before anybody looked are no news. */
  listed(calls: readonly ToldCall[]): void {
    if (this.#isLost) this.#options.onBack();
    const isFirst = this.#isFirst;
    [this.#isFirst, this.#isLost] = [false, false];
    // Of the ended ones the server has the newest first.
    const ended = calls.filter(({ state }) => state === "ended").reverse();
    const inOrder = [...ended, ...calls.filter(({ state }) => state === "open")];
    for (const told of inOrder) {
      if (isFirst && told.state === "ended") this.#known.take(told);
      else this.changed(told);
    }
    this.#known.takeAll(inOrder);
  }

  changed(told: ToldCall): void {
    const before = this.#known.get(keyOf(told.call));
    const now = this.#known.take(told);
    if (now === undefined || before?.isOpen === false) return;
    if (!now.isOpen) this.#options.onNews(now.call, "ended");
    else if (now.row !== before?.row) this.#options.onNews(now.call, now.row);
  }

  lost(why: string): void {
    if (!this.#isLost) this.#options.onLost(why);
    this.#isLost = true;
  }
}

function openState(call: CallReport): Exclude<State, "ended"> {
  if (isAnswered(call)) return "answered";
  return call.course.ringingAt === undefined ? "calling" : "ringing";
}

/** "12:00:05  alice → bob  ended: 200 OK, 29.9 s, MOS → 3.87 ← 4.30, 1 issue  Call-ID a84b4c76". */
export function changeLine(call: CallReport, state: State, nowMs: number): string {
  const at = timeOfDay(new Date(nowMs).toISOString());
  const how = state === "ended" ? `ended: ${endText(call)}` : state;
  const id = shortened(printable(call.callId), MAX_ID_COLUMNS);
  return `${at}  ${partiesText(call)}  ${how}  Call-ID ${id}`.replaceAll(TIE, " ");
}

function endText(call: CallReport): string {
  const { timings, quality, issues } = call;
  const [toCallee, toCaller] = [score(quality?.callerToCallee), score(quality?.calleeToCaller)];
  const scores = [
    ...(toCallee === undefined ? [] : [`→ ${mosText(toCallee)}`]),
    ...(toCaller === undefined ? [] : [`← ${mosText(toCaller)}`]),
  ];
  return [
    outcomeCell(call).text,
    ...(timings.durationSeconds === undefined ? [] : [durationText(timings.durationSeconds)]),
    ...(scores.length === 0 ? [] : [`MOS ${scores.join(" ")}`]),
    ...(issues.length === 0
      ? []
      : [`${countOf(issues.length, "issue")} (${kindsOf(issues).join(", ")})`]),
  ].join(", ");
}

function kindsOf(issues: CallReport["issues"]): string[] {
  return [...new Set(issues.map(({ kind }) => kind))];
}
