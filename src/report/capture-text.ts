/**
 * The report on a capture for a person at a terminal.
 *
 * @module
 */

import type { CaptureReport, StreamReport } from "../call/report.js";
import { callTable, type CallTableOptions } from "./call-table.js";
import { captureHeading } from "./capture-heading.js";
import { TIE, wrapped } from "./display-text.js";
import { handshakeTable } from "./handshake-table.js";
import { countText, mosText, percent } from "./quantity.js";
import { score } from "./satisfaction.js";
import { worstFirst } from "./stream-order.js";
import { streamTable } from "./stream-table.js";

/** How a report is to be shown. */
export interface CaptureTextOptions extends CallTableOptions {
  /** Streams without a call to show, and handshakes, the worst first. */
  readonly maxStreams: number;
}

const MARGIN = 2;

/** The lines of the report, without line breaks: the calls, then what belongs to none. */
export function* captureText(
  report: CaptureReport,
  options: CaptureTextOptions,
): Generator<string> {
  const { calls, streams, handshakes } = report;
  const { width, paint } = options;
  yield* captureHeading(report, width, paint);
  if (calls.length > 0) {
    yield "";
    yield* callTable(calls, options);
  }
  const title = (text: string): string[] => ["", paint("strong", " ".repeat(MARGIN) + text)];
  if (streams.length > 0) {
    if (calls.length > 0) yield* title("Streams without a call");
    yield "";
    yield* streamLines(streams, options);
  }
  if (handshakes.length > 0) {
    yield* title("DTLS handshakes without a call");
    yield "";
    yield* handshakeTable(handshakes, options.maxStreams, options);
  }
}

/** What one cannot guess of the columns, in lines. */
export function legend(
  { width, paint, fixedBufferMs }: CaptureTextOptions,
  hasCalls = false,
): string[] {
  const calls = hasCalls ? `→ caller to callee, ← back; STIR${TIE}A?: claimed, not verified. ` : "";
  const stack = hasCalls ? ", † stated by the media stack" : "";
  const text =
    `late: for a ${countText(fixedBufferMs)}${TIE}ms buffer. MOS: LQ listening, CQ conversation; ` +
    "N, W, F: narrowband, wideband, fullband scale. RTT: * only reported by the far end" +
    `${stack}. --help explains the columns.`;
  return wrapped(calls + text, { width, indent: MARGIN }).map((line) => paint("faint", line));
}

function* streamLines(
  streams: readonly StreamReport[],
  options: CaptureTextOptions,
): Generator<string> {
  const { width, maxStreams } = options;
  const ordered = worstFirst(streams);
  const shown = ordered.slice(0, maxStreams);
  const table = streamTable(shown, MARGIN, options);
  yield* table.header;
  for (const index of shown.keys()) {
    if (!table.isWide && index > 0) yield "";
    yield* table.row(index);
  }
  const hidden = ordered.slice(shown.length);
  if (hidden.length > 0) {
    yield "";
    yield* wrapped(hiddenText(hidden), { width, indent: MARGIN });
  }
}

function hiddenText(hidden: readonly StreamReport[]): string {
  const scores = hidden.flatMap(({ quality }) => score(quality) ?? []);
  const least = scores.reduce((sum, one) => Math.min(sum, one), Infinity);
  const loss = hidden.reduce((most, { lossRatio }) => Math.max(most, lossRatio), 0);
  const mos = scores.length === 0 ? "" : `no MOS under ${mosText(least)}, `;
  const lost = loss === 0 ? "nothing lost" : `at most ${percent(loss)} lost`;
  return `${countText(hidden.length)} more streams with ${mos}${lost}: --all shows them`;
}
