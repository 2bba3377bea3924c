/**
 * The calls of `mediaprobe serve` once they have ended: as lines of JSON, or as a report at the end.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallObserver } from "../call/observer.js";
import type { HepSource } from "../hep/in.js";
import { DEFAULT_BUFFER_MS } from "../quality/assess.js";
import { callTable } from "../report/call-table.js";
import { legend } from "../report/capture-text.js";
import { wrapped } from "../report/display-text.js";
import { jsonText } from "../report/json.js";
import { countOf, countText } from "../report/quantity.js";
import type { Paint } from "../report/tone.js";
import type { Output } from "./output.js";

/** Calls kept for the report at the end; the oldest goes first. */
const MAX_KEPT_CALLS = 10_000;
/** Calls in that report unless all are asked for. */
const ROWS_SHOWN = 40;

/** Ended calls: a line of JSON each, or kept for a table. */
export class KeptCalls implements CallObserver {
  readonly calls: CallReport[] = [];
  /** Resolves when nobody takes the lines any more; of calls kept for a table never. */
  readonly unread: Promise<void>;
  readonly #lines: Output | undefined;
  #endReading: () => void = () => undefined;
  #written: Promise<void> = Promise.resolve();
  #total = 0;
  #forgotten = 0;

  constructor(lines: Output | undefined) {
    this.#lines = lines;
    this.unread = new Promise((resolve) => {
      this.#endReading = resolve;
    });
  }

  /** Resolves when all lines are out. */
  get written(): Promise<void> {
    return this.#written;
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  /** Calls that ended, kept or not. */
  get total(): number {
    return this.#total;
  }

  onCall(report: CallReport): void {
    this.#total += 1;
    if (this.#lines !== undefined) {
      this.#written = this.#write(this.#lines, `${jsonText(report)}\n`);
      return;
    }
    this.calls.push(report);
    if (this.calls.length <= MAX_KEPT_CALLS) return;
    this.calls.shift();
    this.#forgotten += 1;
  }

  async #write(lines: Output, line: string): Promise<void> {
    await lines.write(line);
    if (lines.isClosed) this.#endReading();
  }
}

/** How the report at the end is shown. */
export interface ServedReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** All calls that are kept; else the worst 40. */
  readonly showsAll: boolean;
}

/** The report at the end, in pieces that end with a line break. */
export function* servedReport(
  kept: KeptCalls,
  source: HepSource,
  { showsAll, ...display }: ServedReportOptions,
): Generator<string> {
  const options = {
    ...display,
    maxCalls: showsAll ? Infinity : ROWS_SHOWN,
    maxStreams: 0,
    showIntervals: false,
    fixedBufferMs: DEFAULT_BUFFER_MS,
  };
  const { width } = options;
  const { calls } = kept;
  const text = servedHeading(source, kept);
  for (const line of wrapped(text, { width, indent: 0, hanging: 2 })) yield `${line}\n`;
  if (calls.length === 0) return;
  yield "\n";
  for (const line of callTable(calls, options)) yield `${line}\n`;
  yield `\n${legend(options, true).join("\n")}\n`;
}

/** What came, and what of it was of no use. */
export function servedHeading({ counters, refused }: HepSource, kept: KeptCalls): string {
  const { total, forgotten } = kept;
  const flaws = {
    "not HEP3": [...refused.values()].reduce((sum, count) => sum + count, 0),
    "with another password": counters.unauthenticated,
    "of other types than SIP, RTCP and quality reports": counters.otherTypes,
    incomplete: counters.incomplete,
    "with unreadable SIP": counters.malformedSip,
    "with unreadable RTCP": counters.malformedRtcp,
    "with unreadable quality reports": counters.malformedVoiceQuality,
    "with RTCP of no known call": counters.rtcpWithoutCall,
  };
  const parts = Object.entries(flaws).flatMap(([what, count]) =>
    count === 0 ? [] : [`${String(count)} ${what}`],
  );
  const note = parts.length === 0 ? "" : `; of the packets ${parts.join(", ")}`;
  const gone = forgotten === 0 ? "" : `, of which the first ${countText(forgotten)} are not kept`;
  return `${countOf(counters.packets, "HEP packet")}, ${countOf(total, "call")}${gone}${note}`;
}
