/**
 * The sinks of a probe: each is told everything, and none hears of another's faults.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { ConnectionEvent, ConnectionTraffic } from "../call/connection.js";
import type {
  CallContext,
  CallDetails,
  CallMoment,
  CallObserver,
  CallRtcp,
} from "../call/observer.js";
import type { MaskedCalls } from "../privacy/masked-calls.js";
import type { SeenMessage, SipEvent } from "../sip/call.js";
import type { Guard } from "./guarded.js";

/** Takes what a probe tells: metrics, records, a Homer server, a page. */
export interface ProbeSink extends CallObserver {
  /** In the metrics about the probe. @default its class's name */
  readonly name?: string;
  /** What it has counted. `dropped` is what it could not keep. */
  readonly counters?: { readonly dropped?: number };
  /** Waits until what was taken is where it belongs. */
  flush?(): Promise<void>;
  /** The same, and then lets go of everything. */
  close?(): Promise<void>;
}

/** Tells all sinks in the order in which they were added. */
export class Sinks implements CallObserver {
  readonly #guard: Guard;
  readonly #masked: MaskedCalls | undefined;
  #all: readonly ProbeSink[] = [];

  /** @param masked - Takes what tells of connections; of calls only what is masked is to come. */
  constructor(guard: Guard, masked?: MaskedCalls) {
    this.#guard = guard;
    this.#masked = masked;
  }

  /** @returns What takes the sink away again. */
  add(sink: ProbeSink): () => void {
    this.#all = [...this.#all, sink];
    return () => {
      this.#all = this.#all.filter((one) => one !== sink);
    };
  }

  takes(kind: keyof CallObserver): boolean {
    return this.#all.some((sink) => sink[kind] !== undefined);
  }

  onSipEvent(event: SipEvent, context: CallContext): void {
    for (const sink of this.#all) this.#guard.run(() => sink.onSipEvent?.(event, context));
  }

  onMessage(seen: SeenMessage): void {
    for (const sink of this.#all) this.#guard.run(() => sink.onMessage?.(seen));
  }

  onCall(report: CallReport, details: CallDetails): void {
    for (const sink of this.#all) this.#guard.run(() => sink.onCall?.(report, details));
  }

  onRtcp(rtcp: CallRtcp): void {
    for (const sink of this.#all) this.#guard.run(() => sink.onRtcp?.(rtcp));
  }

  onConnection(event: ConnectionEvent): void {
    const told = this.#masked?.connection(event) ?? event;
    for (const sink of this.#all) this.#guard.run(() => sink.onConnection?.(told));
  }

  onTraffic(traffic: ConnectionTraffic): void {
    const told = this.#masked?.connection(traffic) ?? traffic;
    for (const sink of this.#all) this.#guard.run(() => sink.onTraffic?.(told));
  }

  onInterval(report: CallReport, moment: CallMoment): void {
    for (const sink of this.#all) this.#guard.run(() => sink.onInterval?.(report, moment));
  }

  /** What sinks that count it could not keep. */
  dropped(): Record<string, number> {
    const drops: Record<string, number> = {};
    for (const sink of this.#all) {
      this.#guard.run(() => {
        const { dropped } = sink.counters ?? {};
        if (dropped === undefined) return;
        const name = sink.name ?? sink.constructor.name;
        drops[name] = (drops[name] ?? 0) + dropped;
      });
    }
    return drops;
  }

  /** Whatever becomes of one sink, the others are flushed. */
  async flush(): Promise<void> {
    await this.#each((sink) => sink.flush?.());
  }

  async close(): Promise<void> {
    await this.#each((sink) => (sink.close === undefined ? sink.flush?.() : sink.close()));
  }

  async #each(act: (sink: ProbeSink) => Promise<void> | undefined): Promise<void> {
    await Promise.all(
      this.#all.map(async (sink) => {
        try {
          await act(sink);
        } catch (error) {
          this.#guard.fault(error);
        }
      }),
    );
  }
}
