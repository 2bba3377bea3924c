/**
 * What the command has done by others.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { Ladder } from "../call/ladder.js";
import type { CallObserver } from "../call/observer.js";
import type { CaptureReport } from "../call/report.js";
import type { analyseCapture, analyseMerged } from "../capture/analyse.js";
import type { analyseLadder } from "../capture/analyse-ladder.js";
import type { readCertificates } from "../capture/certificate-folder.js";
import type { Privacy } from "../privacy/privacy.js";
import type { CallImport } from "../records/import.js";

/** Metrics of the calls that an observer is told of. */
export interface MetricsRecording {
  readonly observer: CallObserver;
  /** All of it as Prometheus scrapes it, in parts. */
  readonly exposition: () => AsyncIterable<string>;
}

/** A page of the calls that an observer is told of. */
export interface PageRecording {
  readonly observer: CallObserver;
  /** The file of one report, in parts; masked where that is asked for. */
  readonly page: (report: CaptureReport, privacy: Privacy | undefined) => Iterable<string>;
}

/** Messages kept for the ladders of one page: some hundred megabytes of them. */
const MAX_MESSAGES = 200_000;

/** The analyses the command runs. */
export interface Analysers {
  readonly analyseCapture: typeof analyseCapture;
  readonly analyseMerged: typeof analyseMerged;
  readonly analyseLadder: typeof analyseLadder;
  /** Reads what identities are verified with. */
  readonly readCertificates: typeof readCertificates;
  /** A store to put calls into. */
  readonly importCalls: (path: string) => Promise<CallImport>;
  /** Begins to record metrics. */
  readonly recordMetrics: () => Promise<MetricsRecording>;
  /** Begins to collect what a page shows. */
  readonly recordPage: () => Promise<PageRecording>;
}

/** Loads what every report needs; the rest when it is needed. */
export async function loadAnalysers(): Promise<Analysers> {
  const { analyseCapture, analyseMerged } = await import("../capture/analyse.js");
  return {
    analyseCapture,
    analyseMerged,
    analyseLadder: async (...of) => {
      const { analyseLadder } = await import("../capture/analyse-ladder.js");
      return analyseLadder(...of);
    },
    readCertificates: async (paths) => {
      const { readCertificates } = await import("../capture/certificate-folder.js");
      return readCertificates(paths);
    },
    importCalls,
    recordMetrics,
    recordPage,
  };
}

async function recordPage(): Promise<PageRecording> {
  const [{ LadderCollector }, { ladderOf }, { htmlReport }, { readPage }] = await Promise.all([
    import("../capture/ladder-collector.js"),
    import("../call/ladder.js"),
    import("../report/html.js"),
    import("../report/page-template.js"),
  ]);
  const template = await readPage();
  const observer = new LadderCollector({ maxMessages: MAX_MESSAGES });
  return {
    observer,
    page: (report, privacy) => {
      const ladderOfSeen = (call: CallReport): Ladder | undefined =>
        observer.isWhole(call) ? ladderOf({ call, ...observer.factsOf(call) }) : undefined;
      if (privacy === undefined) return htmlReport({ report, template, ladderOf: ladderOfSeen });
      const masked = privacy.report(report);
      const seen = new Map(masked.calls.map((call, index) => [call, report.calls[index]]));
      return htmlReport({
        report: masked,
        template,
        ladderOf: (call) => {
          const ladder = ladderOfSeen(seen.get(call) ?? call);
          return ladder && privacy.ladder(ladder);
        },
      });
    },
  };
}

async function importCalls(path: string): Promise<CallImport> {
  const { CallImport } = await import("../records/import.js");
  return new CallImport(path, Date.now);
}

async function recordMetrics(): Promise<MetricsRecording> {
  const [{ CallMetrics }, { expositionInSlices }, { Recorder }] = await Promise.all([
    import("../metrics/call-metrics.js"),
    import("../metrics/exposition.js"),
    import("../metrics/recorder.js"),
  ]);
  const recorder = new Recorder();
  return {
    observer: new CallMetrics(recorder),
    exposition: () => expositionInSlices(recorder),
  };
}
