/**
 * `mediaprobe demo`: real calls on loopback, and where to look at them.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { Demo } from "../demo/demo.js";
import { CALL_FIGURE_COLUMNS, CALL_IDENTITY_COLUMNS } from "../report/call-columns.js";
import { outcomeCell } from "../report/call-outcome.js";
import { callTable } from "../report/call-table.js";
import { partiesText } from "../report/party-name.js";
import { laidOut } from "../report/table.js";
import type { Paint } from "../report/tone.js";
import { beginLog } from "./command-log.js";
import type { CommandIo } from "./command-io.js";
import type { DemoInvocation } from "./demo-invocation.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { type EndReason, untilEnded } from "./ended.js";
import { LiveScreen } from "./live-screen.js";
import { Output } from "./output.js";
import { palette } from "./palette.js";
import { DEFAULT_BUFFER_MS } from "../quality/assess.js";
import { writtenCode } from "./written.js";

const DEFAULT_WIDTH = 140;
const WITHOUT_TERMINAL_MS = 30_000;
const REDRAW_MS = 500;
/** Calls that are over which the live table goes on showing. */
const MAX_SHOWN_ENDED = 12;

/** Runs it until it is ended, or its time is over. */
export async function demoCommand(invocation: DemoInvocation, io: CommandIo): Promise<ExitCode> {
  const stdout = new Output(io.stdout);
  const stderr = new Output(io.stderr);
  const { log, say, end } = await beginLog({ choice: invocation.log, lines: stdout, stderr }, io);
  let demo: Demo;
  try {
    const { startDemo } = await import("../demo/demo.js");
    demo = await startDemo({ port: invocation.port, ...(log && { log }) });
  } catch (error) {
    const isMissing =
      error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw error;
    await say(
      "error",
      "the demonstration places its calls with werift and sip.js, which are not installed here: " +
        "npm install werift@0.24.4 sip.js@0.21.2",
    );
    await end();
    return EXIT_CODES.usage;
  }
  const show = log === undefined ? new DemoView(demo, invocation, io, stdout) : undefined;
  await (show === undefined
    ? say("info", `page, calls and metrics are on ${demo.server.url}`)
    : stdout.write(show.heading()));
  const isTerminal = io.stdout.isTTY === true;
  const forMs = invocation.forMs ?? (isTerminal ? undefined : WITHOUT_TERMINAL_MS);
  const over = untilEnded(io, { forMs });
  const why = await (show?.until(over) ?? over);
  await demo.stop();
  await show?.end();
  await demo.server.close();
  await demo.probe.close();
  await end();
  const written = await writtenCode(stdout, stderr);
  if (written !== EXIT_CODES.ok) return written;
  return why === "interrupt" ? EXIT_CODES.interrupted : EXIT_CODES.ok;
}

/** What there is to see of it. */
class DemoView {
  readonly #demo: Demo;
  readonly #stdout: Output;
  readonly #screen: LiveScreen | undefined;
  readonly #paint: Paint;
  readonly #width: number;
  readonly #invocation: DemoInvocation;
  readonly #ended: CallReport[] = [];

  constructor(demo: Demo, invocation: DemoInvocation, io: CommandIo, stdout: Output) {
    this.#demo = demo;
    this.#stdout = stdout;
    this.#invocation = invocation;
    this.#paint = palette(io, invocation.isColorless);
    this.#width = invocation.width ?? io.stdout.columns ?? DEFAULT_WIDTH;
    this.#screen = io.stdout.isTTY === true ? new LiveScreen(stdout, io.stdout) : undefined;
    demo.probe.on("end", (call) => {
      this.#ended.push(call);
      if (this.#screen === undefined) {
        void stdout.write(`ended: ${partiesText(call)}, ${outcomeCell(call).text}\n`);
      }
    });
  }

  heading(): string {
    const { server } = this.#demo;
    const { port } = this.#invocation;
    const moved =
      port === 0 || server.port === port ? "" : `Port ${port} is taken; this is on another one.\n`;
    return `${moved}Calls between two user agents on loopback, every other one over a bad network.

  page      ${server.url}/
  metrics   ${server.url}/metrics
  calls     ${server.url}/calls
  health    ${server.url}/health

${this.#screen === undefined ? "" : "q ends it.\n\n"}`;
  }

  /** Keeps the table up to date until then. */
  async until(end: Promise<EndReason>): Promise<EndReason> {
    const screen = this.#screen;
    if (screen === undefined) return end;
    let why: EndReason | undefined;
    const noted = end.then((reason) => {
      why = reason;
      return reason;
    });
    while (why === undefined) {
      await screen.draw(this.#live());
      await Promise.race([noted, new Promise((resolve) => setTimeout(resolve, REDRAW_MS))]);
    }
    await screen.clear();
    return why;
  }

  /** The report: every call that was made. */
  async end(): Promise<void> {
    const lines = callTable(this.#ended, {
      width: this.#width,
      paint: this.#paint,
      maxCalls: this.#ended.length,
      showIntervals: false,
      fixedBufferMs: DEFAULT_BUFFER_MS,
    });
    await this.#stdout.writeAll([...lines].map((line) => `${line}\n`));
  }

  #live(): string[] {
    const open = this.#demo.probe.snapshot().calls;
    const calls = [...open, ...this.#ended.slice(-MAX_SHOWN_ENDED).reverse()];
    const columns = [...CALL_IDENTITY_COLUMNS, ...CALL_FIGURE_COLUMNS];
    const { header, lines } = laidOut(columns, calls, this.#width, this.#paint);
    return [...header, ...lines];
  }
}
