/**
 * How far reading has come: one line on the terminal, gone before anything else is printed.
 *
 * @module
 */

import { bytesText, countOf, spanText } from "../report/quantity.js";
import type { CommandIo } from "./command-io.js";

/** What was read of one capture so far. */
export interface SourceProgress {
  readonly bytesRead: number;
  /** Absent for a pipe. */
  readonly bytesTotal?: number;
  readonly packets: number;
}

/** Work that is done sooner needs no line. */
const FIRST_SHOWN_AFTER_MS = 300;
const REDRAWN_EVERY_MS = 100;
/** A rate over less time than this jumps about, and a guess from it more so. */
const ETA_AFTER_MS = 1000;
const CLEAR_LINE = "\r\u001b[K";

/** The line. It draws only when told of progress, and only on a terminal. */
export class ProgressLine {
  readonly #io: CommandIo;
  readonly #sources: number;
  readonly #isOn: boolean;
  readonly #startedAtMs: number;
  readonly #read = new Map<string, SourceProgress>();
  #finished = 0;
  #drawnAtMs = -Infinity;
  #isShown = false;

  /** @param sources - How many captures there are to read. */
  constructor(io: CommandIo, sources: number) {
    this.#io = io;
    this.#sources = sources;
    this.#isOn = io.stderr.isTTY === true && io.env["TERM"] !== "dumb";
    this.#startedAtMs = io.nowMs();
  }

  /** @param source - Tells the captures apart that are read at once. */
  update(source: string, progress: SourceProgress): void {
    this.#read.set(source, progress);
    if (!this.#isOn) return;
    const nowMs = this.#io.nowMs();
    if (nowMs - this.#startedAtMs < FIRST_SHOWN_AFTER_MS) return;
    if (nowMs - this.#drawnAtMs < REDRAWN_EVERY_MS) return;
    this.#drawnAtMs = nowMs;
    this.#isShown = true;
    const columns = this.#io.stderr.columns ?? 80;
    const text = this.#text(nowMs - this.#startedAtMs).slice(0, columns - 1);
    this.#io.stderr.write(CLEAR_LINE + text);
  }

  /** One capture is done, whatever came of it. */
  finish(): void {
    this.#finished += 1;
  }

  /** Takes the line away; the next update brings it back. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#drawnAtMs = -Infinity;
    this.#io.stderr.write(CLEAR_LINE);
  }

  #text(elapsedMs: number): string {
    const all = [...this.#read.values()];
    const bytesRead = all.reduce((sum, one) => sum + one.bytesRead, 0);
    const packets = all.reduce((sum, one) => sum + one.packets, 0);
    const bytesTotal = this.#bytesTotal(all);
    const bytesPerSecond = (bytesRead / elapsedMs) * 1000;
    const parts = [
      ...(this.#sources > 1 ? [`${this.#finished} of ${this.#sources} captures`] : []),
      bytesTotal === undefined
        ? bytesText(bytesRead)
        : `${Math.min(100, Math.floor((bytesRead / Math.max(1, bytesTotal)) * 100))} %`,
      `${bytesText(bytesPerSecond)}/s`,
      countOf(packets, "packet"),
    ];
    if (bytesTotal !== undefined && elapsedMs >= ETA_AFTER_MS && bytesPerSecond > 0) {
      const left = Math.max(0, bytesTotal - bytesRead) / bytesPerSecond;
      parts.push(`${spanText(Math.max(1, Math.round(left)))} left`);
    }
    return parts.join("  ").replaceAll("\u00a0", " ");
  }

  /** Unknown while a capture is a pipe, or has not been opened yet. */
  #bytesTotal(all: readonly SourceProgress[]): number | undefined {
    if (all.length < this.#sources) return undefined;
    let sum = 0;
    for (const { bytesTotal } of all) {
      if (bytesTotal === undefined) return undefined;
      sum += bytesTotal;
    }
    return sum;
  }
}
