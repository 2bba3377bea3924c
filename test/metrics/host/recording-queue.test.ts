import { describe, expect, it } from "vitest";

import { RECORDING_FAMILIES } from "../../../src/metrics/catalogue/recording.js";
import {
  RecordingQueueMetrics,
  type RecordingJob,
} from "../../../src/metrics/host/recording-queue.js";
import { Recorder } from "../../../src/metrics/recorder.js";
import { moved, numberOf } from "./recorded.js";

function queue(): { recorder: Recorder; metrics: RecordingQueueMetrics } {
  const recorder = new Recorder();
  let ms = 0;
  const nowMs = (): number => (ms += 250);
  return { recorder, metrics: new RecordingQueueMetrics(recorder, { nowMs, capacity: 32 }) };
}

describe("a recording queue", () => {
  it("moves every one of its families", () => {
    const { recorder, metrics } = queue();
    const [done, failed, running, waiting] = [0, 1, 2, 3].map(() => metrics.enqueue());
    for (const job of [done, failed, running]) job?.start();
    done?.succeed();
    failed?.fail();
    metrics.reject();
    expect(waiting).toBeDefined();
    expect(moved(recorder, "recording_")).toMatchObject({
      recording_jobs_enqueued_total: 4,
      recording_jobs_success_total: 1,
      recording_jobs_failed_total: 1,
      recording_jobs_rejected_total: 1,
      recording_jobs_running: 1,
      recording_queue_depth: 1,
      recording_queue_capacity: 32,
      'recording_job_duration_seconds_sum{result="success"}': 0.75,
      'recording_job_duration_seconds_sum{result="failed"}': 0.75,
    });
    const names = Object.keys(moved(recorder, "recording_")).map((series) =>
      series.replace(/(_sum|_count|_bucket)?(\{.*)?$/, ""),
    );
    expect([...new Set(names)].sort()).toEqual(Object.keys(RECORDING_FAMILIES).sort());
  });

  it("is all there at 0 before the first job", () => {
    const recorder = new Recorder();
    for (const name of ["enqueued", "success", "failed", "rejected"]) {
      expect(numberOf(recorder, `recording_jobs_${name}_total`)).toBe(0);
    }
  });

  it("holds: what was enqueued succeeded, failed, runs or waits, in whatever order it is told", () => {
    const { recorder, metrics } = queue();
    const at = (name: string): number => numberOf(recorder, `recording_${name}`) ?? Number.NaN;
    const jobs: RecordingJob[] = [];
    const acts = ["start", "succeed", "fail"] as const;
    // A linear congruential generator (Numerical Recipes) instead of chance.
    let random = 1;
    const draw = (below: number): number => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      return Math.floor((random / 2 ** 32) * below);
    };
    for (let i = 0; i < 500; i += 1) {
      if (draw(3) === 0) jobs.push(metrics.enqueue());
      if (draw(7) === 0) metrics.reject();
      jobs[draw(jobs.length)]?.[acts[draw(3)] ?? "start"]();
      expect(at("jobs_enqueued_total")).toBe(
        at("jobs_success_total") + at("jobs_failed_total") + at("queue_depth") + at("jobs_running"),
      );
      expect(Math.min(at("queue_depth"), at("jobs_running"))).toBeGreaterThanOrEqual(0);
    }
    expect(at("jobs_enqueued_total")).toBe(jobs.length);
  });

  it("has the truth again after its host has set its numbers back", () => {
    const { recorder, metrics } = queue();
    const at = (name: string): number | undefined => numberOf(recorder, `recording_${name}`);
    const capacity = at("queue_capacity");
    const running = metrics.enqueue();
    running.start();
    metrics.enqueue();
    for (const table of recorder.tables) table.reset();
    running.succeed();
    expect(at("jobs_running")).toBe(0);
    metrics.enqueue();
    expect(at("queue_depth")).toBe(2);
    expect(at("queue_capacity")).toBe(capacity);
  });

  it.each([0, -1, 1.5, Number.NaN])("has no capacity of %d", (capacity) => {
    expect(() => new RecordingQueueMetrics(new Recorder(), { nowMs: () => 0, capacity })).toThrow(
      `capacity is ${capacity}`,
    );
  });
});
