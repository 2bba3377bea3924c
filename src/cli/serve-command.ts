/**
 * `mediaprobe serve --hep PORT`: listens for capture agents, and says of every call how it was.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallObserver } from "../call/observer.js";
import { readCertificates } from "../capture/certificate-folder.js";
import { NativeUnavailableError, ProbeError } from "../errors.js";
import type { HepSource } from "../hep/in.js";
import { HepServer } from "../hep/server.js";
import { logCalls } from "../logs/call-log.js";
import { binding } from "../native/binding.js";
import { decodeRtcp } from "../native/rtcp-decoder.js";
import { endpointKey } from "../net/endpoint.js";
import { systemReason } from "../net/system-reason.js";
import { callTable } from "../report/call-table.js";
import { legend } from "../report/capture-text.js";
import { TIE, wrapped } from "../report/display-text.js";
import { countOf, countText } from "../report/quantity.js";
import { DEFAULT_BUFFER_MS } from "../quality/assess.js";
import { type ProbeServer, serveProbe } from "../server/server.js";
import { IdentityVerifier } from "../stir/verify.js";
import { beginLog } from "./command-log.js";
import type { CommandIo } from "./command-io.js";
import { displayOf } from "./display.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { HepCalls } from "./hep-calls.js";
import { beginSending } from "./hep-options.js";
import { Output } from "./output.js";
import { privacyOf } from "./privacy-option.js";
import { beginStoring } from "./records-option.js";
import type { ServeInvocation } from "./serve-invocation.js";
import { verifierOptions } from "./stir-invocation.js";

/** Calls kept for the report at the end; the oldest goes first. */
const MAX_KEPT_CALLS = 10_000;
/** Calls in that report unless all are asked for. */
const ROWS_SHOWN = 40;

/** Listens until it is interrupted or terminated, then reports. */
export async function serveCommand(invocation: ServeInvocation, io: CommandIo): Promise<ExitCode> {
  const stdout = new Output(io.stdout);
  const stderr = new Output(io.stderr);
  // A step of the wall clock is not one of the calls'.
  const epochMs = io.epochMs() - io.nowMs();
  const kept = new KeptCalls(invocation.isJson ? stdout : undefined);
  const { hepTo, records } = invocation;
  const privacy = invocation.privacy && privacyOf(invocation.privacy);
  // Records of calls have standard output for themselves.
  const lines = invocation.isJson ? stderr : stdout;
  const { log, say, end } = await beginLog({ choice: invocation.log, lines, stderr, privacy }, io);
  const goingOut = [
    hepTo && (await beginSending(hepTo)),
    records === undefined
      ? undefined
      : await beginStoring(records, io.epochMs, (sentence) => void say("warn", sentence)),
  ].filter((one) => one !== undefined);
  let server: HepServer;
  let calls: HepCalls | undefined;
  let pages: ProbeServer | undefined;
  // What is listened on when something goes wrong.
  let place = "";
  try {
    calls = new HepCalls({
      privacy,
      onError: (error) => void say("error", `a sink failed: ${String(error)}`),
      onWarning: (warning) => void say("warn", warning),
      nowMs: () => epochMs + io.nowMs(),
      epochMs: io.epochMs,
      version: io.version,
      authenticationKey: invocation.authenticationKey,
      local: invocation.local,
      identities:
        invocation.stir &&
        new IdentityVerifier(await verifierOptions(invocation.stir, readCertificates)),
      decodeRtcp: await decoderUnless((sentence) => say("warn", sentence)),
    });
    if (log !== undefined) logCalls(calls, log);
    for (const observer of [kept, ...goingOut.map((one) => one.observer)]) calls.addSink(observer);
    if (invocation.pages !== undefined) {
      const { host = "127.0.0.1", port } = invocation.pages;
      place = `--port ${String(port)} of ${host}`;
      pages = await serveProbe(calls, invocation.pages);
    }
    const { host: hepHost = "0.0.0.0", port: hepPort } = invocation.hep;
    place = `--hep ${endpointKey({ address: hepHost, port: hepPort })}`;
    server = await HepServer.listen(calls.source, invocation.hep);
  } catch (error) {
    await pages?.close();
    calls?.close();
    const cause = isSystemError(error) || !(error instanceof Error) ? error : error.cause;
    if (!isSystemError(cause) && !(error instanceof ProbeError)) throw error;
    const why = isSystemError(cause)
      ? `${place} cannot be listened on: ${listeningReason(cause)}`
      : (error as ProbeError).message;
    await say("error", why);
    await end();
    return EXIT_CODES.notACapture;
  }
  await say("info", `listening for HEP3 on ${endpointKey(server.address)}, UDP and TCP`);
  if (pages !== undefined) {
    const { allow } = invocation.pages ?? {};
    const whom = allow === undefined ? "" : `, for this machine and ${allow.join(", ")}`;
    await say("info", `calls and metrics are on ${pages.url}${whom}`);
  }
  await ended(io);
  await server.close();
  await pages?.close();
  calls.close();
  await kept.written;
  if (log !== undefined)
    await say("info", `ends: ${heading(calls.source, kept).replaceAll(TIE, " ")}`);
  else if (!invocation.isJson) {
    await stdout.writeAll(reportText(invocation, io, kept, calls.source));
  }
  const onWait = (sentence: string): void => void say("warn", sentence);
  const losses = (await Promise.all(goingOut.map((one) => one.finish(onWait)))).filter(
    (loss) => loss !== undefined,
  );
  for (const loss of losses) await say("error", loss);
  await end();
  const isWhole = losses.length === 0 && stdout.failure === undefined;
  return isWhole ? EXIT_CODES.ok : EXIT_CODES.internalError;
}

/** Without the addon the rest goes on: most agents send RTCP as JSON. */
async function decoderUnless(
  complain: (sentence: string) => Promise<void>,
): Promise<typeof decodeRtcp | undefined> {
  try {
    binding();
    return decodeRtcp;
  } catch (error) {
    if (!(error instanceof NativeUnavailableError)) throw error;
    await complain(`RTCP that agents send as it is on the wire is not read. ${error.message}`);
    return undefined;
  }
}

/** The user interrupts, or the system asks to end. */
async function ended(io: CommandIo): Promise<void> {
  const stops: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    stops.push(io.onInterrupt(resolve), io.onTerminate(resolve));
  });
  for (const stop of stops) stop();
}

/** Ended calls: a line of JSON each, or kept for a table. */
class KeptCalls implements CallObserver {
  readonly calls: CallReport[] = [];
  readonly #lines: Output | undefined;
  #written: Promise<void> = Promise.resolve();
  #total = 0;
  #forgotten = 0;

  constructor(lines: Output | undefined) {
    this.#lines = lines;
  }

  /** Resolves when all lines are out. */
  get written(): Promise<void> {
    return this.#written;
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  /** Calls that ended, kept or not. */
  get total(): number {
    return this.#total;
  }

  onCall(report: CallReport): void {
    this.#total += 1;
    if (this.#lines !== undefined) {
      this.#written = this.#lines.write(`${JSON.stringify(report)}\n`);
      return;
    }
    this.calls.push(report);
    if (this.calls.length <= MAX_KEPT_CALLS) return;
    this.calls.shift();
    this.#forgotten += 1;
  }
}

function* reportText(
  invocation: ServeInvocation,
  io: CommandIo,
  kept: KeptCalls,
  source: HepSource,
): Generator<string> {
  const options = {
    ...displayOf(io, invocation),
    maxCalls: invocation.showsAll ? Infinity : ROWS_SHOWN,
    maxStreams: 0,
    showIntervals: false,
    fixedBufferMs: DEFAULT_BUFFER_MS,
  };
  const { width } = options;
  const { calls } = kept;
  const text = heading(source, kept);
  for (const line of wrapped(text, { width, indent: 0, hanging: 2 })) yield `${line}\n`;
  if (calls.length === 0) return;
  yield "\n";
  for (const line of callTable(calls, options)) yield `${line}\n`;
  yield `\n${legend(options, true).join("\n")}\n`;
}

/** What came, and what of it was of no use. */
function heading({ counters, refused }: HepSource, kept: KeptCalls): string {
  const { total, forgotten } = kept;
  const flaws = {
    "not HEP3": [...refused.values()].reduce((sum, count) => sum + count, 0),
    "with another password": counters.unauthenticated,
    "of other types": counters.otherTypes,
    incomplete: counters.incomplete,
    "with unreadable SIP": counters.malformedSip,
    "with unreadable RTCP": counters.malformedRtcp,
    "with unreadable quality reports": counters.malformedVoiceQuality,
    "with RTCP of no known call": counters.rtcpWithoutCall,
  };
  const parts = Object.entries(flaws).flatMap(([what, count]) =>
    count === 0 ? [] : [`${String(count)} ${what}`],
  );
  const note = parts.length === 0 ? "" : `; of the packets ${parts.join(", ")}`;
  const gone = forgotten === 0 ? "" : `, of which the first ${countText(forgotten)} are not kept`;
  return `${countOf(counters.packets, "HEP packet")}, ${countOf(total, "call")}${gone}${note}`;
}

/** What helps against it. */
const LISTENING_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "; name another, or find out by ss -lntup who has it",
  EADDRNOTAVAIL: "; ip address lists those it has",
  EACCES: "; ports under 1024 are for privileged users",
};

function listeningReason(error: NodeJS.ErrnoException): string {
  return systemReason(error) + (LISTENING_HINTS[error.code ?? ""] ?? "");
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
