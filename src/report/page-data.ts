/**
 * What a page is given: a head with a row for each call, and blocks of calls to open.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { Ladder, LadderStep, MediaStep } from "../call/ladder.js";
import type { CaptureReport, HandshakeReport, StreamReport } from "../call/report.js";
import type { CallRow } from "./call-row.js";

/** A step that names a stream by its place in the call instead of repeating it. */
export type PageStep =
  Exclude<LadderStep, MediaStep> | (Omit<MediaStep, "stream"> & { readonly streamIndex: number });

/** A ladder without what the call says already. */
export interface PageLadder extends Pick<Ladder, "participants" | "omittedSteps"> {
  readonly steps: readonly PageStep[];
}

/** One call to open. */
export interface PageCall {
  readonly call: CallReport;
  /** Absent where its messages were not kept. */
  readonly ladder?: PageLadder;
}

/** What belongs to no call. */
export interface LooseMedia {
  readonly streams: readonly StreamReport[];
  readonly handshakes: readonly HandshakeReport[];
}

/** What was left out, so that the page stays of a size that can be sent. */
export interface LeftOut {
  readonly calls: number;
  /** Of calls that are there. */
  readonly ladders: number;
  readonly streams: number;
  readonly handshakes: number;
}

/** The head of a page at rest. */
export interface PageHead extends Pick<
  CaptureReport,
  "file" | "firstPacketAt" | "lastPacketAt" | "damage" | "counters"
> {
  readonly schema: "mediaprobe.page/1";
  /** Worst first. */
  readonly rows: readonly CallRow[];
  readonly callsPerBlock: number;
  readonly looseStreams: number;
  readonly looseHandshakes: number;
  readonly leftOut: LeftOut;
}

/** Ids of the page's elements that hold gzipped JSON in base64. */
export const HEAD_ID = "mediaprobe-head";
export const LOOSE_ID = "mediaprobe-loose";
/** The block of so many calls, counted from 0. */
export function blockId(index: number): string {
  return `mediaprobe-block-${index}`;
}

/** The ladder as a page takes it. */
export function pageLadder({ call, participants, steps, omittedSteps }: Ladder): PageLadder {
  const indices = new Map(call.streams.map((stream, index) => [streamKey(stream), index]));
  return {
    participants,
    omittedSteps,
    steps: steps.flatMap((step): PageStep[] => {
      if (step.kind !== "media") return [step];
      const { stream, ...rest } = step;
      const streamIndex = indices.get(streamKey(stream));
      return streamIndex === undefined ? [] : [{ ...rest, streamIndex }];
    }),
  };
}

function streamKey({ ssrc, source, destination }: StreamReport): string {
  return JSON.stringify([ssrc, source, destination]);
}

/** The steps as a ladder has them. */
export function stepsOf({ steps }: PageLadder, { streams }: CallReport): LadderStep[] {
  return steps.flatMap((step): LadderStep[] => {
    if (step.kind !== "media") return [step];
    const { streamIndex, ...rest } = step;
    const stream = streams[streamIndex];
    return stream === undefined ? [] : [{ ...rest, stream }];
  });
}
