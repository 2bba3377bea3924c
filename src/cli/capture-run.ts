/**
 * What commands that read captures do alike: say how far they are, heed an interruption, complain.
 *
 * @module
 */

import type { AnalyseOptions } from "../capture/analyse-options.js";
import type { CaptureSource } from "../capture/source.js";
import { NativeUnavailableError, ProbeError } from "../errors.js";
import { printable } from "../report/display-text.js";
import type { Paint } from "../report/tone.js";
import type { VerifierOptions } from "../stir/token-check.js";
import type { Analysers } from "./analysers.js";
import { captureSource } from "./capture-source.js";
import type { CommandIo } from "./command-io.js";
import { displayOf } from "./display.js";
import { EXIT_CODES, type ExitCode, worse } from "./exit-code.js";
import { type CaptureInvocation, STDIN } from "./capture-invocation.js";
import { Output } from "./output.js";
import { ProgressLine } from "./progress.js";
import { verifierOptions } from "./stir-invocation.js";
import { UsageError } from "./usage-error.js";

/** One run of such a command. */
export class CaptureRun {
  readonly stdout: Output;
  readonly progress: ProgressLine;
  readonly #invocation: CaptureInvocation;
  readonly #io: CommandIo;
  readonly #stderr: Output;
  readonly #abort = new AbortController();
  #stir: VerifierOptions | undefined;

  /**
   * @param sources - How many captures there are to read, as progress counts them.
   * @throws {UsageError} If a capture is to come from the keyboard.
   */
  constructor(invocation: CaptureInvocation, io: CommandIo, sources: number) {
    if (invocation.files.includes(STDIN) && io.stdin.isTTY === true) {
      throw new UsageError("standard input is a terminal; pipe a capture into it");
    }
    this.#invocation = invocation;
    this.#io = io;
    this.stdout = new Output(io.stdout);
    this.#stderr = new Output(io.stderr);
    this.progress = new ProgressLine(io, sources);
  }

  /** The user wants no more of it. */
  get isAborted(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Runs the work to its end, an interruption or the point where nobody reads any more. */
  async carryOut(work: () => Promise<ExitCode>): Promise<ExitCode> {
    const interrupted = new Promise<"interrupted">((resolve) => {
      this.#abort.signal.addEventListener("abort", () => {
        resolve("interrupted");
      });
    });
    const stopListening = this.#io.onInterrupt(this.#interruption());
    try {
      const end = await Promise.race([work(), interrupted]);
      if (end === "interrupted") return EXIT_CODES.interrupted;
      const { failure } = this.stdout;
      if (failure === undefined) return end;
      await this.complain(`the report cannot be written: ${failure.message}`);
      return worse(end, EXIT_CODES.internalError);
    } finally {
      stopListening();
      this.#abort.abort();
      this.progress.clear();
    }
  }

  /** As {@link carryOut}, for a command that looks at one capture. What is wrong with that is said. */
  carryOutOn(
    file: string,
    analysers: Pick<Analysers, "readCertificates">,
    work: (source: CaptureSource, options: AnalyseOptions) => Promise<ExitCode>,
  ): Promise<ExitCode> {
    return this.carryOut(async () => {
      try {
        await this.prepare(analysers);
        return await work(captureSource(file, this.#io), this.analyseOptions(file));
      } catch (error) {
        return this.isAborted ? EXIT_CODES.interrupted : this.fail(error);
      }
    });
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
        this.progress.clear();
        void this.complain("reading what is left in the pipe; interrupt again to give up");
      } else {
        this.#abort.abort();
      }
    };
  }

  /**
   * Reads what identities are verified with.
   *
   * @throws {ProbeError} If it cannot be read.
   */
  async prepare({ readCertificates }: Pick<Analysers, "readCertificates">): Promise<void> {
    const { stir } = this.#invocation;
    if (stir === undefined) return;
    this.#stir = await verifierOptions(stir, readCertificates);
  }

  /** @param source - Tells the captures apart that are read at once. */
  analyseOptions(source: string): AnalyseOptions {
    return {
      ...this.#invocation.settings,
      ...(this.#stir && { stir: this.#stir }),
      signal: this.#abort.signal,
      onProgress: (progress) => {
        this.progress.update(source, progress);
      },
    };
  }

  /** How wide standard output is, and in which colours. */
  display(): { readonly width: number; readonly paint: Paint } {
    return displayOf(this.#io, this.#invocation);
  }

  async complain(sentence: string): Promise<void> {
    await this.#stderr.write(`mediaprobe: ${printable(sentence)}\n`);
  }

  /** Writes lines to standard error as they are; they must be printable. */
  async tell(lines: readonly string[]): Promise<void> {
    await this.#stderr.write(lines.map((line) => `${line}\n`).join(""));
  }

  /**
   * Says why a capture gave no report.
   *
   * @param hint - What may help the user, to stand behind the reason.
   */
  async fail(error: unknown, hint = ""): Promise<ExitCode> {
    if (error instanceof ProbeError) {
      await this.complain(error.message + hint);
      return error instanceof NativeUnavailableError
        ? EXIT_CODES.addonMissing
        : EXIT_CODES.notACapture;
    }
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await this.#stderr.write(`mediaprobe: internal error, please report it: ${trace}\n`);
    return EXIT_CODES.internalError;
  }
}
