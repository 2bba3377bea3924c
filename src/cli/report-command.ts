/**
 * `mediaprobe FILE...`: captures in, reports out.
 *
 * @module
 */

import type { CallObserver } from "../call/observer.js";
import { observersAsOne } from "../call/observers.js";
import type { CaptureReport } from "../call/report.js";
import type { AnalyseOptions } from "../capture/analyse-options.js";
import { CaptureOpenError, NativeUnavailableError, RecordStoreError } from "../errors.js";
import { writingReason } from "../net/system-reason.js";
import { MaskedCalls } from "../privacy/masked-calls.js";
import type { Privacy } from "../privacy/privacy.js";
import { DEFAULT_BUFFER_MS } from "../quality/assess.js";
import type { CallImport } from "../records/import.js";
import type { captureText, CaptureTextOptions } from "../report/capture-text.js";
import { reportJson } from "../report/json.js";
import { printable, TIE } from "../report/display-text.js";
import { bytesText, countOf } from "../report/quantity.js";
import type { Analysers, MetricsRecording, PageRecording } from "./analysers.js";
import { captureSource } from "./capture-source.js";
import { CaptureRun } from "./capture-run.js";
import { closestName } from "../net/closest-name.js";
import { COMMANDS } from "./command-options.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode, worse } from "./exit-code.js";
import { beginSending, type HepSending } from "./hep-options.js";
import { inOrder } from "./in-order.js";
import { privacyOf } from "./privacy-option.js";
import { requireFolder } from "./records-option.js";
import type { ReportInvocation } from "./report-invocation.js";
import { writeWhole } from "./whole-file.js";

/** Calls, and streams without one, in a table unless all are asked for. */
const ROWS_SHOWN = 40;

/** What came of one capture. */
type Outcome = { readonly report: CaptureReport } | { readonly error: unknown };

/** One report that is to come. */
type Job = (options: AnalyseOptions) => Promise<CaptureReport>;

/**
 * Runs it to its end, an interruption or the point where nobody reads any more.
 *
 * @throws {UsageError} If a capture is to come from the keyboard, or records cannot be kept there.
 */
export async function reportCommand(
  invocation: ReportInvocation,
  io: CommandIo,
  analysers: Analysers,
): Promise<ExitCode> {
  const { records } = invocation;
  if (records !== undefined) requireFolder(records);
  const store = records === undefined ? undefined : await analysers.importCalls(records);
  return new ReportCommand(invocation, io, analysers, store).run();
}

class ReportCommand {
  readonly #invocation: ReportInvocation;
  readonly #io: CommandIo;
  readonly #analysers: Analysers;
  readonly #jobs: readonly Job[];
  /** Of all captures: metrics cannot be given for each in turn. */
  #metrics: MetricsRecording | undefined;
  #page: PageRecording | undefined;
  #sending: HepSending | undefined;
  readonly #run: CaptureRun;
  readonly #privacy: Privacy | undefined;
  readonly #records: CallImport | undefined;
  #shown = { tables: false, calls: false };
  #reports = 0;

  constructor(
    invocation: ReportInvocation,
    io: CommandIo,
    analysers: Analysers,
    records: CallImport | undefined,
  ) {
    this.#invocation = invocation;
    this.#io = io;
    this.#analysers = analysers;
    this.#jobs = jobs(invocation, io, analysers);
    this.#run = new CaptureRun(invocation, io, this.#jobs.length);
    this.#privacy = invocation.privacy && privacyOf(invocation.privacy);
    this.#records = records;
  }

  async run(): Promise<ExitCode> {
    return this.#run.carryOut(async () => {
      try {
        await this.#run.prepare(this.#analysers);
        const { format, hepTo } = this.#invocation;
        if (format === "metrics") this.#metrics = await this.#analysers.recordMetrics();
        if (format === "html") this.#page = await this.#analysers.recordPage();
        this.#sending = hepTo && (await beginSending(hepTo));
      } catch (error) {
        return this.#run.fail(error);
      }
      const code = await this.#reportAll();
      await this.#records?.close();
      if (!this.#run.isAborted) await this.#conclude();
      const unsent = await this.#sending?.finish((sentence) => void this.#run.complain(sentence));
      if (unsent === undefined) return code;
      await this.#run.complain(unsent);
      return worse(code, EXIT_CODES.internalError);
    });
  }

  async #reportAll(): Promise<ExitCode> {
    let code: ExitCode = EXIT_CODES.ok;
    const outcomes = inOrder(this.#jobs, this.#io.parallelism, async (job, index) => {
      const outcome = await this.#outcome(job, String(index));
      this.#run.progress.finish();
      return outcome;
    });
    for await (const outcome of outcomes) {
      if (this.#run.isAborted) break;
      this.#run.progress.clear();
      code = worse(code, await this.#deliver(outcome));
      const isAddonMissing = "error" in outcome && outcome.error instanceof NativeUnavailableError;
      if (isAddonMissing || this.#run.stdout.isClosed) break;
    }
    return code;
  }

  async #outcome(job: Job, key: string): Promise<Outcome> {
    try {
      const options = this.#run.analyseOptions(key);
      const observers = [this.#metrics?.observer, this.#page?.observer, this.#sent()].filter(
        (observer) => observer !== undefined,
      );
      const observer = observersAsOne(observers);
      return { report: await job(observer === undefined ? options : { ...options, observer }) };
    } catch (error) {
      return { error };
    }
  }

  /** What is sent of one capture. */
  #sent(): CallObserver | undefined {
    const observer = this.#sending?.observer;
    if (observer === undefined || this.#privacy === undefined) return observer;
    return new MaskedCalls(this.#privacy).before(observer);
  }

  async #deliver(outcome: Outcome): Promise<ExitCode> {
    if ("error" in outcome) {
      return this.#run.fail(outcome.error, commandHint(outcome.error, this.#invocation.files[0]));
    }
    const report = this.#privacy?.report(outcome.report) ?? outcome.report;
    const printed = await this.#print(report, outcome.report);
    this.#reports += 1;
    const code = worse(printed, await this.#store(report));
    if (report.damage === undefined) return code;
    const { isMerged, files } = this.#invocation;
    // With several captures in one report the sentence names the one it is about.
    const name = isMerged && files.length > 1 ? "" : `${report.file}: `;
    await this.#run.complain(name + report.damage.sentence);
    return worse(code, EXIT_CODES.partlyRead);
  }

  /** What is printed can be piped on whether or not it can be stored. */
  async #store({ calls }: CaptureReport): Promise<ExitCode> {
    try {
      await this.#records?.store(calls);
      return EXIT_CODES.ok;
    } catch (error) {
      if (!(error instanceof RecordStoreError)) throw error;
      await this.#run.complain(error.message);
      return EXIT_CODES.internalError;
    }
  }

  /** @param unmasked The same report, by which the messages of its calls are known. */
  async #print(report: CaptureReport, unmasked: CaptureReport): Promise<ExitCode> {
    switch (this.#invocation.format) {
      case "json":
        await this.#run.stdout.writeAll(this.#json(report));
        break;
      case "text": {
        // Loaded when needed, as tables are half of all that the command consists of.
        const { captureText } = await import("../report/capture-text.js");
        await this.#run.stdout.writeAll(this.#text(report, captureText));
        break;
      }
      case "html":
        return this.#writePage(unmasked);
      case "metrics":
        break;
    }
    return EXIT_CODES.ok;
  }

  /** Masks the report itself, and with it the messages that were collected. */
  async #writePage(report: CaptureReport): Promise<ExitCode> {
    const { page: path = "" } = this.#invocation;
    try {
      const bytes = await writeWhole(path, this.#page?.page(report, this.#privacy) ?? []);
      const calls = countOf(report.calls.length, "call");
      const line = `${path}: ${calls}, ${bytesText(bytes)}`.replaceAll(TIE, " ");
      await this.#run.stdout.write(`${printable(line)}\n`);
      return EXIT_CODES.ok;
    } catch (error) {
      await this.#run.complain(`--html ${path} cannot be written: ${writingReason(error)}`);
      return EXIT_CODES.internalError;
    }
  }

  /** What stands below all reports. */
  async #conclude(): Promise<void> {
    if (this.#shown.tables) {
      const { legend } = await import("../report/capture-text.js");
      const lines = legend(this.#textOptions(), this.#shown.calls);
      await this.#run.stdout.write(`\n${lines.join("\n")}\n`);
    }
    if (this.#metrics === undefined || this.#reports === 0) return;
    for await (const part of this.#metrics.exposition()) await this.#run.stdout.write(part);
  }

  #json(report: CaptureReport): Iterable<string> {
    const isIndented = this.#jobs.length === 1 && this.#io.stdout.isTTY === true;
    return chain(reportJson(report, isIndented), ["\n"]);
  }

  *#text(report: CaptureReport, textOf: typeof captureText): Generator<string> {
    if (this.#reports > 0) yield "\n";
    const hasCalls = report.calls.length > 0;
    this.#shown = {
      tables: this.#shown.tables || hasCalls || report.streams.length > 0,
      calls: this.#shown.calls || hasCalls,
    };
    for (const line of textOf(report, this.#textOptions())) yield `${line}\n`;
  }

  #textOptions(): CaptureTextOptions {
    const { showsAll, showsIntervals, settings } = this.#invocation;
    const rows = showsAll ? Infinity : ROWS_SHOWN;
    return {
      ...this.#run.display(),
      maxCalls: rows,
      maxStreams: rows,
      showIntervals: showsIntervals,
      fixedBufferMs: settings.fixedBufferMs ?? DEFAULT_BUFFER_MS,
    };
  }
}

function jobs(
  { files, isMerged }: ReportInvocation,
  io: CommandIo,
  { analyseCapture, analyseMerged }: Analysers,
): Job[] {
  if (isMerged) return [(options) => analyseMerged(files, options)];
  return files.map((file) => {
    const source = captureSource(file, io);
    return (options) => analyseCapture(source, options);
  });
}

/** For a first FILE that is not there and is nearly called as a command is. */
function commandHint(error: unknown, first: string): string {
  if (!(error instanceof CaptureOpenError) || !(error.cause instanceof Error)) return "";
  const { code, path } = error.cause as NodeJS.ErrnoException;
  if (code !== "ENOENT" || path !== first) return "";
  const command = closestName(first, COMMANDS);
  return command === undefined ? "" : `; did you mean mediaprobe ${command}?`;
}

function* chain(...parts: readonly Iterable<string>[]): Generator<string> {
  for (const part of parts) yield* part;
}
