/**
 * A queue of recordings to be uploaded, as its host tells of it.
 *
 * @module
 */

import type { Recorder } from "../recorder.js";

/** A job that the queue took. What is told twice, or after its end, changes nothing. */
export interface RecordingJob {
  /** It is being worked on. */
  start(): void;
  /** Its upload is done. */
  succeed(): void;
  /** Its last retry has failed. */
  fail(): void;
}

type JobState = "queued" | "running" | "over";

/**
 * Feeds the families `recording_*`, and keeps it true that what was enqueued is what succeeded, failed,
 * runs and waits.
 */
export class RecordingQueueMetrics {
  readonly #nowMs: () => number;
  readonly #enqueued;
  readonly #succeeded;
  readonly #failed;
  readonly #rejected;
  readonly #depth;
  readonly #running;
  readonly #success;
  readonly #failure;
  /** Again with each job: a host may set its numbers back. */
  readonly #showCapacity: () => void;

  /**
   * @throws {RangeError} If `capacity` is not a whole number from 1 on.
   */
  constructor(
    recorder: Recorder,
    {
      nowMs,
      capacity,
    }: {
      /** Milliseconds that never go back. */
      readonly nowMs: () => number;
      /** How many jobs may wait. */
      readonly capacity: number;
    },
  ) {
    if (!(Number.isInteger(capacity) && capacity >= 1)) {
      throw new RangeError(`capacity is ${capacity}; it must be a whole number from 1 on`);
    }
    this.#nowMs = nowMs;
    this.#enqueued = recorder.counter("recording_jobs_enqueued_total").at();
    this.#succeeded = recorder.counter("recording_jobs_success_total").at();
    this.#failed = recorder.counter("recording_jobs_failed_total").at();
    this.#rejected = recorder.counter("recording_jobs_rejected_total").at();
    this.#depth = recorder.gauge("recording_queue_depth").at();
    this.#running = recorder.gauge("recording_jobs_running").at();
    const durations = recorder.histogram("recording_job_duration_seconds");
    this.#success = durations.at("success");
    this.#failure = durations.at("failed");
    const shown = recorder.gauge("recording_queue_capacity").at();
    this.#showCapacity = (): void => {
      shown.set(capacity);
    };
    this.#showCapacity();
  }

  /** The queue was full: it did not take a job. */
  reject(): void {
    this.#rejected.inc();
  }

  /** The queue took a job. */
  enqueue(): RecordingJob {
    this.#enqueued.inc();
    this.#showCapacity();
    this.#depth.count(1);
    let state: JobState = "queued";
    let startMs: number | undefined;
    const start = (): void => {
      if (state !== "queued") return;
      state = "running";
      startMs = this.#nowMs();
      this.#depth.count(-1);
      this.#running.count(1);
    };
    const end = (isSuccess: boolean): void => {
      if (state === "over") return;
      (state === "queued" ? this.#depth : this.#running).count(-1);
      state = "over";
      (isSuccess ? this.#succeeded : this.#failed).inc();
      if (startMs === undefined) return;
      (isSuccess ? this.#success : this.#failure).observe((this.#nowMs() - startMs) / 1000);
    };
    return {
      start,
      succeed: () => {
        end(true);
      },
      fail: () => {
        end(false);
      },
    };
  }
}
