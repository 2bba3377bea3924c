/**
 * Reads the stack's statistics: the whole report now and then, and its public collectors in between,
 * which leave out what is dear and hardly changes, certificates and candidates.
 *
 * @module
 */

import type { PollKind } from "./poll-wheel.js";
import type { WeriftDtlsTransport, WeriftPeerConnection } from "./werift-ports.js";
import type { SessionReader } from "./werift-session.js";
import { entriesOf, type StackStatistics } from "./werift-stats.js";

/** What a poller is given. */
export interface StatisticsPollerOptions {
  readonly session: SessionReader;
  readonly statistics: StackStatistics;
  readonly clock: () => number;
  /** Whether what a transport is given to send leaves. */
  readonly isSending: (transport: WeriftDtlsTransport) => boolean;
}

/** Polls one connection. */
export class StatisticsPoller {
  readonly #pc: WeriftPeerConnection;
  readonly #options: StatisticsPollerOptions;

  constructor(pc: WeriftPeerConnection, options: StatisticsPollerOptions) {
    this.#pc = pc;
    this.#options = options;
  }

  /** Whether all that there is can be collected without a whole report. */
  canCollect(): boolean {
    if (typeof this.#pc.getTransceivers !== "function") return false;
    return this.#options.session
      .transceivers()
      .every(
        ({ sender, receiver }) =>
          typeof sender?.collectStats === "function" &&
          typeof receiver?.collectStats === "function",
      );
  }

  /** Begins a poll. What comes of it is taken when the result is called. */
  poll(kind: PollKind): (() => void) | Promise<() => void> {
    if (!hasReport(this.#pc) || (kind === "cheap" && this.canCollect())) {
      return () => {
        this.collect();
      };
    }
    const { statistics } = this.#options;
    return this.#pc.getStats().then((report) => () => {
      const entries = entriesOf(report);
      statistics.take(entries, this.#isSending);
      statistics.takeReport(entries);
    });
  }

  /** Collects what can be collected. */
  collect(): void {
    if (!this.canCollect()) return;
    const { session, statistics, clock } = this.#options;
    const atMs = clock();
    for (const { sender, receiver } of session.transceivers()) {
      statistics.take(sender?.collectStats?.(atMs) ?? [], this.#isSending);
      statistics.take(receiver?.collectStats?.(atMs) ?? [], this.#isSending);
    }
  }

  readonly #isSending = (ssrc: number): boolean => {
    const { session, isSending } = this.#options;
    const owner = session.transceivers().find(({ sender }) => sender?.ssrc === ssrc);
    return owner?.dtlsTransport === undefined || isSending(owner.dtlsTransport);
  };
}

function hasReport(
  pc: WeriftPeerConnection,
): pc is WeriftPeerConnection & { getStats(): Promise<object> } {
  return typeof pc.getStats === "function";
}
