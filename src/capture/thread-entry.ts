/**
 * What runs in the thread of an analysis: it analyses what it was started with, and sends what it
 * found.
 *
 * @module
 */

import { once } from "node:events";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";

import type { CaptureReport } from "../call/report.js";
import type { AnalysisProgress } from "./analyse-options.js";
import { analyseAll } from "./analysis.js";
import { type Part, PARTED, type ThreadMessage, type ThreadTask } from "./analysis-thread.js";

/** Taking as many takes the other side half a millisecond, as a rule. */
const RECORDS_AT_ONCE = 8;

async function run(
  port: MessagePort,
  { paths, options, wantsProgress }: ThreadTask,
): Promise<void> {
  const tell = (message: ThreadMessage): void => {
    port.postMessage(message);
  };
  const onProgress = (progress: AnalysisProgress): void => {
    tell({ kind: "progress", progress });
  };
  try {
    const sources = paths.map((path) => ({ path }));
    const report = await analyseAll(sources, {
      ...options,
      ...(wantsProgress && { onProgress }),
    });
    for (const part of partsOf(report)) {
      const taken = once(port, "message");
      tell({ kind: "part", part });
      await taken;
    }
    tell({ kind: "end", report: { ...report, calls: [], streams: [], handshakes: [] } });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message, stack, cause } = error;
    tell({ kind: "error", error: { name, message, stack, cause } });
  }
}

function* partsOf(report: CaptureReport): Generator<Part> {
  for (const name of PARTED) {
    for (let from = 0; from < report[name].length; from += RECORDS_AT_ONCE) {
      yield { [name]: report[name].slice(from, from + RECORDS_AT_ONCE) };
    }
  }
}

if (parentPort !== null) await run(parentPort, workerData as ThreadTask);
