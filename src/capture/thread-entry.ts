/**
 * What runs in the thread of an analysis: it analyses what it was started with, and sends what it
 * found.
 *
 * @module
 */

import { once } from "node:events";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";

import type { CaptureReport } from "../call/report.js";
import type { AnalyseOptions, AnalysisProgress } from "./analyse-options.js";
import { analyseAll } from "./analysis.js";
import { PARTED, type ThreadMessage, type ThreadTask } from "./analysis-thread.js";

/** Taking as many takes the other side a millisecond or two. */
const RECORDS_AT_ONCE = 8;

/** Sends a report's records in parts, each when the one before was taken, and then the rest of it. */
async function sendReport(port: MessagePort, report: CaptureReport): Promise<void> {
  const send = (message: ThreadMessage): void => {
    port.postMessage(message);
  };
  for (const name of PARTED) {
    const values = report[name] as readonly unknown[];
    for (let from = 0; from < values.length; from += RECORDS_AT_ONCE) {
      const taken = once(port, "message");
      send({ kind: "part", part: { [name]: values.slice(from, from + RECORDS_AT_ONCE) } });
      await taken;
    }
  }
  send({ kind: "end", report: { ...report, calls: [], streams: [], handshakes: [] } });
}

async function run(port: MessagePort, task: ThreadTask): Promise<void> {
  const tell = (message: ThreadMessage): void => {
    port.postMessage(message);
  };
  const options: AnalyseOptions = { ...task.options };
  if (task.wantsProgress) {
    Object.assign(options, {
      onProgress: (progress: AnalysisProgress) => {
        tell({ kind: "progress", progress });
      },
    });
  }
  try {
    const sources = task.paths.map((path) => ({ path }));
    await sendReport(port, await analyseAll(sources, options));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message, stack, cause } = error;
    tell({ kind: "error", error: { name, message, stack, cause } });
  }
}

if (parentPort !== null) await run(parentPort, workerData as ThreadTask);
