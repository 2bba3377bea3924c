/**
 * `mediaprobe FILE...`: captures in, reports out.
 *
 * @module
 */

import type { AnalyseOptions, analyseCapture, analyseMerged } from "../capture/analyse.js";
import type { CaptureReport } from "../call/report.js";
import { NativeUnavailableError, ProbeError } from "../errors.js";
import { DEFAULT_BUFFER_MS } from "../quality/assess.js";
import { captureText, type CaptureTextOptions, legend } from "../report/capture-text.js";
import { printable } from "../report/display-text.js";
import { reportJson } from "../report/json.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode, worse } from "./exit-code.js";
import { inOrder } from "./in-order.js";
import { type ReportInvocation, STDIN } from "./invocation.js";
import { Output } from "./output.js";
import { palette } from "./palette.js";
import { ProgressLine } from "./progress.js";
import { UsageError } from "./usage-error.js";

/** The analyses the command runs. */
export interface Analysers {
  readonly analyseCapture: typeof analyseCapture;
  readonly analyseMerged: typeof analyseMerged;
}

/** Streams in a table unless all are asked for. */
const STREAMS_SHOWN = 40;
const WIDTH_WITHOUT_TERMINAL = 140;
const STDIN_NAME = "standard input";

/** What came of one capture. */
type Outcome = { readonly report: CaptureReport } | { readonly error: unknown };

/** One report that is to come. */
type Job = (options: AnalyseOptions) => Promise<CaptureReport>;

/**
 * Runs it to its end, an interruption or the point where nobody reads any more.
 *
 * @throws {UsageError} If a capture is to come from the keyboard.
 */
export async function reportCommand(
  invocation: ReportInvocation,
  io: CommandIo,
  analysers: Analysers,
): Promise<ExitCode> {
  if (invocation.files.includes(STDIN) && io.stdin.isTTY === true) {
    throw new UsageError("standard input is a terminal; pipe a capture into it");
  }
  const command = new ReportCommand(invocation, io, analysers);
  return command.run();
}

class ReportCommand {
  readonly #invocation: ReportInvocation;
  readonly #io: CommandIo;
  readonly #jobs: readonly Job[];
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #progress: ProgressLine;
  readonly #abort = new AbortController();
  #hasTables = false;
  #isFirst = true;

  constructor(invocation: ReportInvocation, io: CommandIo, analysers: Analysers) {
    this.#invocation = invocation;
    this.#io = io;
    this.#jobs = jobs(invocation, io, analysers);
    this.#stdout = new Output(io.stdout);
    this.#stderr = new Output(io.stderr);
    this.#progress = new ProgressLine(io, this.#jobs.length);
  }

  async run(): Promise<ExitCode> {
    const interrupted = new Promise<"interrupted">((resolve) => {
      this.#abort.signal.addEventListener("abort", () => {
        resolve("interrupted");
      });
    });
    const stopListening = this.#io.onInterrupt(this.#interruption());
    try {
      const end = await Promise.race([this.#reportAll(), interrupted]);
      if (end === "interrupted") return EXIT_CODES.interrupted;
      return await this.#ending(end);
    } finally {
      stopListening();
      this.#abort.abort();
      this.#progress.clear();
    }
  }

  /**
   * Ctrl-C also ends what writes into our standard input (`tcpdump -w - | mediaprobe -`); what it
   * wrote is to be reported. So there only the second one ends the command.
   */
  #interruption(): () => void {
    let isPatient = this.#invocation.files.includes(STDIN);
    return () => {
      if (isPatient) {
        isPatient = false;
        this.#progress.clear();
        void this.#complain("reading what is left in the pipe; interrupt again to give up");
      } else {
        this.#abort.abort();
      }
    };
  }

  async #reportAll(): Promise<ExitCode> {
    let code: ExitCode = EXIT_CODES.ok;
    const outcomes = inOrder(this.#jobs, this.#io.parallelism, async (job, index) => {
      const outcome = await this.#outcome(job, String(index));
      this.#progress.finish();
      return outcome;
    });
    for await (const outcome of outcomes) {
      if (this.#abort.signal.aborted) break;
      this.#progress.clear();
      code = worse(code, await this.#deliver(outcome));
      const isAddonMissing = "error" in outcome && outcome.error instanceof NativeUnavailableError;
      if (isAddonMissing || this.#stdout.isClosed) break;
    }
    return code;
  }

  async #outcome(job: Job, key: string): Promise<Outcome> {
    try {
      const report = await job({
        ...this.#invocation.settings,
        signal: this.#abort.signal,
        onProgress: (progress) => {
          this.#progress.update(key, progress);
        },
      });
      return { report };
    } catch (error) {
      return { error };
    }
  }

  async #deliver(outcome: Outcome): Promise<ExitCode> {
    if ("error" in outcome) return this.#fail(outcome.error);
    const { report } = outcome;
    await this.#stdout.writeAll(this.#invocation.isJson ? this.#json(report) : this.#text(report));
    if (report.damage === undefined) return EXIT_CODES.ok;
    const { isMerged, files } = this.#invocation;
    // With several captures in one report the sentence names the one it is about.
    const name = isMerged && files.length > 1 ? "" : `${report.file}: `;
    await this.#complain(name + report.damage.sentence);
    return EXIT_CODES.partlyRead;
  }

  async #fail(error: unknown): Promise<ExitCode> {
    if (error instanceof ProbeError) {
      await this.#complain(error.message);
      return error instanceof NativeUnavailableError
        ? EXIT_CODES.addonMissing
        : EXIT_CODES.notACapture;
    }
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await this.#stderr.write(`mediaprobe: internal error, please report it: ${trace}\n`);
    return EXIT_CODES.internalError;
  }

  async #ending(code: ExitCode): Promise<ExitCode> {
    if (this.#hasTables) {
      const lines = legend(this.#textOptions());
      await this.#stdout.write(`\n${lines.join("\n")}\n`);
    }
    const { failure } = this.#stdout;
    if (failure === undefined) return code;
    await this.#complain(`the report cannot be written: ${failure.message}`);
    return worse(code, EXIT_CODES.internalError);
  }

  #json(report: CaptureReport): Iterable<string> {
    const isIndented = this.#jobs.length === 1 && this.#io.stdout.isTTY === true;
    return chain(reportJson(report, isIndented), ["\n"]);
  }

  *#text(report: CaptureReport): Generator<string> {
    if (!this.#isFirst) yield "\n";
    this.#isFirst = false;
    this.#hasTables ||= report.streams.length > 0;
    for (const line of captureText(report, this.#textOptions())) yield `${line}\n`;
  }

  #textOptions(): CaptureTextOptions {
    const { width, showsAll, showsIntervals, isColorless, settings } = this.#invocation;
    return {
      width: width ?? this.#terminalWidth() ?? WIDTH_WITHOUT_TERMINAL,
      paint: palette(this.#io, isColorless),
      maxStreams: showsAll ? Infinity : STREAMS_SHOWN,
      showIntervals: showsIntervals,
      fixedBufferMs: settings.fixedBufferMs ?? DEFAULT_BUFFER_MS,
    };
  }

  /** Some terminals do not know how wide they are, and say 0. */
  #terminalWidth(): number | undefined {
    const { isTTY, columns } = this.#io.stdout;
    return isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;
  }

  async #complain(sentence: string): Promise<void> {
    await this.#stderr.write(`mediaprobe: ${printable(sentence)}\n`);
  }
}

function jobs(
  { files, isMerged }: ReportInvocation,
  io: CommandIo,
  { analyseCapture, analyseMerged }: Analysers,
): Job[] {
  if (isMerged) return [(options) => analyseMerged(files, options)];
  return files.map((path) => {
    const source = path === STDIN ? { stream: io.stdin, name: STDIN_NAME } : { path };
    return (options) => analyseCapture(source, options);
  });
}

function* chain(...parts: readonly Iterable<string>[]): Generator<string> {
  for (const part of parts) yield* part;
}
