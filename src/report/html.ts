/**
 * A report as one HTML file: the page and its data, which needs nothing else and asks for nothing.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

import type { CallReport } from "../call/call-report.js";
import type { Ladder } from "../call/ladder.js";
import type { CaptureReport } from "../call/report.js";
import { worstCallsFirst } from "./call-order.js";
import { callRow } from "./call-row.js";
import {
  blockId,
  HEAD_ID,
  LOOSE_ID,
  type LooseMedia,
  type PageCall,
  type PageHead,
  pageLadder,
} from "./page-data.js";
import { DATA_PLACE } from "./page-template.js";
import { worstFirst } from "./stream-order.js";

/** Calls of one page, the worst; further ones are counted. */
export const MAX_PAGE_CALLS = 20_000;
/** Streams and handshakes without a call, each. */
export const MAX_PAGE_LOOSE = 1000;
/** Calls that are unpacked together: a page opens one in a moment, and equal texts pack well. */
const CALLS_PER_BLOCK = 16;

/** What a page is made of. */
export interface HtmlReportInput {
  readonly report: CaptureReport;
  /** Absent where the call's messages were not kept. */
  readonly ladderOf: (call: CallReport) => Ladder | undefined;
  /** As {@link readPage} gives it. */
  readonly template: string;
}

/** The file in pieces. Each call is asked for its ladder once. */
export function* htmlReport({ report, ladderOf, template }: HtmlReportInput): Generator<string> {
  const at = template.indexOf(DATA_PLACE);
  if (at < 0) throw new Error("the page has no place for data; npm run build makes it anew");
  // What is sent by mail must not even be able to ask for anything.
  yield template.slice(0, at).replace("connect-src 'self'", "connect-src 'none'");
  const shown = worstCallsFirst(report.calls).slice(0, MAX_PAGE_CALLS);
  let withoutLadder = 0;
  for (let from = 0; from < shown.length; from += CALLS_PER_BLOCK) {
    const calls = shown.slice(from, from + CALLS_PER_BLOCK).map((call): PageCall => {
      const ladder = ladderOf(call);
      if (ladder === undefined) withoutLadder += 1;
      return { call, ...(ladder !== undefined && { ladder: pageLadder(ladder) }) };
    });
    yield packed(blockId(from / CALLS_PER_BLOCK), calls);
  }
  const loose: LooseMedia = {
    streams: worstFirst(report.streams).slice(0, MAX_PAGE_LOOSE),
    handshakes: report.handshakes.slice(0, MAX_PAGE_LOOSE),
  };
  yield packed(LOOSE_ID, loose);
  const { file, firstPacketAt, lastPacketAt, damage, counters } = report;
  const head: PageHead = {
    schema: "mediaprobe.page/1",
    file,
    ...(firstPacketAt !== undefined && { firstPacketAt }),
    ...(lastPacketAt !== undefined && { lastPacketAt }),
    ...(damage !== undefined && { damage }),
    counters,
    rows: shown.map(callRow),
    callsPerBlock: CALLS_PER_BLOCK,
    looseStreams: loose.streams.length,
    looseHandshakes: loose.handshakes.length,
    leftOut: {
      calls: report.calls.length - shown.length,
      ladders: withoutLadder,
      streams: report.streams.length - loose.streams.length,
      handshakes: report.handshakes.length - loose.handshakes.length,
    },
  };
  yield packed(HEAD_ID, head);
  yield template.slice(at + DATA_PLACE.length);
}

/** Base64 has no character that could end the element. */
function packed(id: string, value: unknown): string {
  const text = gzipSync(JSON.stringify(value)).toString("base64");
  return `<script type="application/gzip" id="${id}">${text}</script>\n`;
}
