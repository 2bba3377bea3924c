/**
 * Families about a queue of recordings to be uploaded. The first four are those of Voxray.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** What a recording queue holds and what became of its jobs. */
export const RECORDING_FAMILIES = {
  recording_jobs_enqueued_total: {
    type: "counter",
    help: "Total number of recording upload jobs enqueued.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "voxray",
    when: "Each job that the queue took. It is the sum of those that succeeded, failed, run and wait.",
  },
  recording_jobs_success_total: {
    type: "counter",
    help: "Total number of recording upload jobs that succeeded.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "voxray",
    when: "Each job, when its upload is done.",
  },
  recording_jobs_failed_total: {
    type: "counter",
    help: "Total number of recording upload jobs that failed.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "voxray",
    when: "Each job, when its last retry has failed. Jobs that the queue did not take are in `recording_jobs_rejected_total`.",
  },
  recording_queue_depth: {
    type: "gauge",
    help: "Current number of pending recording upload jobs in the queue.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "voxray",
    when: "Jobs taken and not yet begun.",
  },
  recording_jobs_rejected_total: {
    type: "counter",
    help: "Recording upload jobs that the queue did not take.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "mediaprobe",
    when: "Each job that came while the queue was full.",
  },
  recording_jobs_running: {
    type: "gauge",
    help: "Recording upload jobs that are being worked on.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "mediaprobe",
    when: "Jobs begun and not yet over, waits between retries included.",
  },
  recording_queue_capacity: {
    type: "gauge",
    help: "How many recording upload jobs may wait in the queue.",
    unit: "jobs",
    labels: [],
    series: "all",
    origin: "mediaprobe",
    when: "Once, when the queue is made.",
  },
  recording_job_duration_seconds: {
    type: "histogram",
    help: "Time from the begin of a recording upload job to its end, retries included.",
    unit: "seconds",
    labels: [["result", "job-result"]],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    series: "all",
    origin: "mediaprobe",
    when: "Each job that was begun, at its end.",
  },
} as const satisfies Catalogue;
