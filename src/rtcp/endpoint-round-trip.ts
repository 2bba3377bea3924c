/**
 * Round-trip times at an end of a path, where what is sent can be seen as well as what comes back.
 *
 * @module
 */

import type { RtcpRecord } from "./report.js";
import type { RoundTripSample } from "./round-trip.js";
import {
  isAnswer,
  isAnswerable,
  roundTripCounters,
  SentReports,
  type RoundTripCounters,
} from "./sent-reports.js";

/**
 * Matches what the far end reports with what this end sent (RFC 3550 §6.4.1, RFC 3611 §4.5), by the
 * times at which both were seen. One for each transport. Holds what {@link SentReports} bounds.
 */
export class EndpointRoundTrip {
  readonly #counters = roundTripCounters();
  readonly #sent = new SentReports(this.#counters);

  get counters(): Readonly<RoundTripCounters> {
    return this.#counters;
  }

  /** Takes a record that this end sends. */
  sent(record: RtcpRecord): void {
    if (isAnswerable(record)) this.#sent.note(record);
  }

  /** Takes a record that this end receives. Gives the round trip that it completes, if any. */
  received(record: RtcpRecord): RoundTripSample | undefined {
    if (!isAnswer(record)) return undefined;
    const seconds = this.#sent.secondsTo(record);
    if (seconds === undefined) return undefined;
    const { atMs, path, subjectSsrc: ssrc } = record;
    const source = record.kind === "report-block" ? "sr" : "xr";
    return { atMs, path, ssrc, kind: "full", seconds, source };
  }
}
