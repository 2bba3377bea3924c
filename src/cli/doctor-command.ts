/**
 * `mediaprobe doctor`: what this machine, or a capture, lets the probe see.
 *
 * @module
 */

import process from "node:process";

import { diagnoseCapture } from "../doctor/diagnose-capture.js";
import { diagnoseMachine, type MachineFacts } from "../doctor/diagnose-machine.js";
import { diagnosisText } from "../doctor/diagnosis-text.js";
import type { Diagnosis } from "../doctor/finding.js";
import { printable, TIE } from "../report/display-text.js";
import { jsonText } from "../report/json.js";
import type { Paint } from "../report/tone.js";
import type { Analysers } from "./analysers.js";
import type { CaptureInvocation } from "./capture-invocation.js";
import { CaptureRun } from "./capture-run.js";
import type { CommandIo } from "./command-io.js";
import { displayOf } from "./display.js";
import type { DoctorInvocation } from "./doctor-invocation.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { machineFacts } from "./machine-facts.js";
import { Output } from "./output.js";
import { writtenCode } from "./written.js";

/**
 * Looks, and says what it saw. That something cannot be seen is what was asked for, and no failure.
 *
 * @throws {UsageError} If a capture is to come from the keyboard.
 */
export async function doctorCommand(
  invocation: DoctorInvocation,
  io: CommandIo,
  analysers: () => Promise<Analysers>,
  lookAround: (port: number) => Promise<MachineFacts> = (port) => machineFacts(process.cwd(), port),
): Promise<ExitCode> {
  const { isJson } = invocation;
  if ("capture" in invocation) {
    return captureDoctor(invocation.capture, isJson, io, await analysers());
  }
  const facts = await lookAround(invocation.port);
  const stdout = new Output(io.stdout);
  await stdout.writeAll(printed(diagnoseMachine(facts), isJson, displayOf(io, invocation)));
  const written = await writtenCode(stdout, new Output(io.stderr));
  if (written !== EXIT_CODES.ok) return written;
  return facts.addon.problem === undefined ? EXIT_CODES.ok : EXIT_CODES.addonMissing;
}

async function captureDoctor(
  invocation: CaptureInvocation,
  isJson: boolean,
  io: CommandIo,
  analysers: Analysers,
): Promise<ExitCode> {
  const run = new CaptureRun(invocation, io, 1);
  const [file] = invocation.files;
  return run.carryOutOn(file, analysers, async (source, options) => {
    const report = await analysers.analyseCapture(source, options);
    run.progress.clear();
    await run.stdout.writeAll(printed(diagnoseCapture(report), isJson, run.display()));
    return report.damage === undefined ? EXIT_CODES.ok : EXIT_CODES.partlyRead;
  });
}

function* printed(
  diagnosis: Diagnosis,
  isJson: boolean,
  display: { readonly width: number; readonly paint: Paint },
): Generator<string> {
  if (isJson) {
    yield `${jsonText(diagnosis, 1).replaceAll(TIE, " ")}\n`;
    return;
  }
  const { file } = diagnosis;
  if (file !== undefined) yield `${display.paint("strong", printable(file))}\n\n`;
  for (const line of diagnosisText(diagnosis, display)) yield `${line}\n`;
}
