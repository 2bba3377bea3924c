/**
 * How an issue is put into words.
 *
 * @module
 */

import { isoMicroseconds } from "../../net/time.js";
import { present } from "../../rtcp/present.js";
import type { IssueKind, IssueReport, MediaFlow } from "../call-report.js";
import type { CallStream } from "../findings.js";
import type { Span } from "./spans.js";

/** Both ways that media flows. */
export const FLOWS: readonly MediaFlow[] = ["caller-to-callee", "callee-to-caller"];

/** Whom and when an issue concerns. */
export interface IssueScope {
  /** Absent where it concerns both. */
  readonly direction?: MediaFlow;
  /** Absent where nothing tells when. */
  readonly span?: Span;
}

/** An issue as the record carries it. */
export function issue(
  kind: IssueKind,
  { direction, span }: IssueScope,
  detail: string,
): IssueReport {
  return {
    kind,
    ...present("direction", direction),
    ...(span && { from: isoMicroseconds(span.fromMs), to: isoMicroseconds(span.toMs) }),
    detail,
  };
}

/** An issue of one stream. */
export interface StreamIssue {
  readonly stream: CallStream;
  /** What it is, without the figures that differ from one hop to the next. */
  readonly what: string;
  readonly issue: IssueReport;
}

/**
 * What a sender does is found before and behind each relay that passes its packets on: it is told of the
 * first of streams with one SSRC at one time. In the streams' order of first packet.
 */
export function toldOnce(found: readonly StreamIssue[]): IssueReport[] {
  const toldUntilMs = new Map<string, number>();
  return found.flatMap(({ stream, what, issue: one }) => {
    const key = `${stream.flow} ${String(stream.stream.ssrc)} ${what}`;
    const untilMs = toldUntilMs.get(key) ?? -Infinity;
    toldUntilMs.set(key, Math.max(untilMs, stream.lastPacketAtMs));
    return stream.firstPacketAtMs <= untilMs ? [] : [one];
  });
}

/** Who sends and who receives on a way, in words. */
export function partiesOf(flow: MediaFlow): { readonly sender: string; readonly receiver: string } {
  return flow === "caller-to-callee"
    ? { sender: "caller", receiver: "callee" }
    : { sender: "callee", receiver: "caller" };
}

/** The other way. */
export function opposite(flow: MediaFlow): MediaFlow {
  return flow === "caller-to-callee" ? "callee-to-caller" : "caller-to-callee";
}

/** A duration in seconds with one decimal, below a second in milliseconds: `12.3 s`, `240 ms`. */
export function durationText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A share in percent with one decimal: `1.5 %`. */
export function percentText(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** A synchronisation source as packet analysers write it: `SSRC 0x0000beef`. */
export function ssrcText({ stream }: CallStream): string {
  return `SSRC 0x${stream.ssrc.toString(16).padStart(8, "0")}`;
}

/** From the first to the last packet of a stream. */
export function lifeOf({ firstPacketAtMs, lastPacketAtMs }: CallStream): Span {
  return { fromMs: firstPacketAtMs, toMs: lastPacketAtMs };
}
