/**
 * `mediaprobe serve --hep PORT`: listens for capture agents, and says of every call how it was.
 *
 * @module
 */

import type { CallObserver } from "../call/observer.js";
import { readCertificates } from "../capture/certificate-folder.js";
import { NativeUnavailableError, ProbeError } from "../errors.js";
import { HepServer } from "../hep/server.js";
import { logCalls } from "../logs/call-log.js";
import { binding } from "../native/binding.js";
import { decodeRtcp } from "../native/rtcp-decoder.js";
import { endpointKey } from "../net/endpoint.js";
import { systemReason } from "../net/system-reason.js";
import type { Privacy } from "../privacy/privacy.js";
import { TIE } from "../report/display-text.js";
import { type ProbeServer, serveProbe } from "../server/server.js";
import { IdentityVerifier } from "../stir/verify.js";
import { beginLog, type CommandLog } from "./command-log.js";
import type { CommandIo } from "./command-io.js";
import { displayOf } from "./display.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { HepCalls } from "./hep-calls.js";
import { beginSending } from "./hep-options.js";
import { Output } from "./output.js";
import { privacyOf } from "./privacy-option.js";
import { beginStoring } from "./records-option.js";
import type { ServeInvocation } from "./serve-invocation.js";
import { KeptCalls, servedHeading, servedReport } from "./served-calls.js";
import { verifierOptions } from "./stir-invocation.js";
import { writtenCode } from "./written.js";

/** What is listened on. */
interface Listening {
  readonly server: HepServer;
  readonly calls: HepCalls;
  readonly pages: ProbeServer | undefined;
}

/** What speaks to the user, and what the calls go to. */
interface Surroundings extends Pick<CommandLog, "say" | "log"> {
  readonly io: CommandIo;
  readonly privacy: Privacy | undefined;
  readonly sinks: readonly CallObserver[];
}

/**
 * Listens until it is interrupted or terminated, then reports; or until nobody takes the calls any more.
 */
export async function serveCommand(invocation: ServeInvocation, io: CommandIo): Promise<ExitCode> {
  const stdout = new Output(io.stdout);
  const stderr = new Output(io.stderr);
  const { isJson, hepTo, records } = invocation;
  const kept = new KeptCalls(isJson ? stdout : undefined);
  const privacy = invocation.privacy && privacyOf(invocation.privacy);
  // Records of calls have standard output for themselves.
  const lines = isJson ? stderr : stdout;
  const output = await beginLog({ choice: invocation.log, lines, stderr, privacy }, io);
  const { log, say, end } = output;
  const warn = (sentence: string): void => void say("warn", sentence);
  const goingOut = [
    hepTo && (await beginSending(hepTo)),
    records === undefined ? undefined : await beginStoring(records, io.epochMs, warn),
  ].filter((one) => one !== undefined);
  const sinks = [kept, ...goingOut.map((one) => one.observer)];
  const listening = await listen(invocation, { ...output, io, privacy, sinks });
  if (listening === undefined) {
    await end();
    return EXIT_CODES.notACapture;
  }
  await announce(listening, invocation, say);
  const hasOthers = goingOut.length > 0 || listening.pages !== undefined || log !== undefined;
  const unread = kept.unread.then(async () => {
    if (hasOthers) await say("warn", unreadText(stdout));
  });
  await ended(io, hasOthers ? undefined : unread);
  const { server, calls, pages } = listening;
  await server.close();
  await pages?.close();
  calls.close();
  await kept.written;
  if (log !== undefined) {
    await say("info", `ends: ${servedHeading(calls.source, kept).replaceAll(TIE, " ")}`);
  } else if (!isJson) {
    const options = { ...displayOf(io, invocation), showsAll: invocation.showsAll };
    await stdout.writeAll(servedReport(kept, calls.source, options));
  }
  const losses = (await Promise.all(goingOut.map((one) => one.finish(warn)))).filter(
    (loss) => loss !== undefined,
  );
  for (const loss of losses) await say("error", loss);
  await end();
  const written = await writtenCode(stdout, stderr);
  return losses.length === 0 ? written : EXIT_CODES.internalError;
}

/** Says why, and leaves nothing open, where something cannot be listened on. */
async function listen(
  invocation: ServeInvocation,
  surroundings: Surroundings,
): Promise<Listening | undefined> {
  const { log, say, sinks } = surroundings;
  let calls: HepCalls | undefined;
  let pages: ProbeServer | undefined;
  // What is listened on when something goes wrong.
  let place = "";
  try {
    calls = await hepCalls(invocation, surroundings);
    if (log !== undefined) logCalls(calls, log);
    for (const sink of sinks) calls.addSink(sink);
    if (invocation.pages !== undefined) {
      const { host = "127.0.0.1", port } = invocation.pages;
      place = `--port ${String(port)} of ${host}`;
      pages = await serveProbe(calls, invocation.pages);
    }
    const { host = "0.0.0.0", port } = invocation.hep;
    place = `--hep ${endpointKey({ address: host, port })}`;
    return { server: await HepServer.listen(calls.source, invocation.hep), calls, pages };
  } catch (error) {
    await pages?.close();
    calls?.close();
    const cause = isSystemError(error) || !(error instanceof Error) ? error : error.cause;
    if (!isSystemError(cause) && !(error instanceof ProbeError)) throw error;
    const why = isSystemError(cause)
      ? `${place} cannot be listened on: ${listeningReason(cause)}`
      : (error as ProbeError).message;
    await say("error", why);
    return undefined;
  }
}

async function hepCalls(
  { authenticationKey, local, stir }: ServeInvocation,
  { io, privacy, say }: Surroundings,
): Promise<HepCalls> {
  // A step of the wall clock is not one of the calls'.
  const epochMs = io.epochMs() - io.nowMs();
  return new HepCalls({
    privacy,
    onError: (error) => void say("error", `a sink failed: ${String(error)}`),
    onWarning: (warning) => void say("warn", warning),
    nowMs: () => epochMs + io.nowMs(),
    epochMs: io.epochMs,
    version: io.version,
    authenticationKey,
    local,
    identities: stir && new IdentityVerifier(await verifierOptions(stir, readCertificates)),
    decodeRtcp: await decoderUnless((sentence) => say("warn", sentence)),
  });
}

async function announce(
  { server, pages }: Listening,
  invocation: ServeInvocation,
  say: Surroundings["say"],
): Promise<void> {
  await say("info", `listening for HEP3 on ${endpointKey(server.address)}, UDP and TCP`);
  if (pages === undefined) return;
  const { allow } = invocation.pages ?? {};
  const whom = allow === undefined ? "" : `, for this machine and ${allow.join(", ")}`;
  await say("info", `calls and metrics are on ${pages.url}${whom}`);
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

/** What goes on has other takers. */
function unreadText({ failure }: Output): string {
  const why = failure === undefined ? "nobody reads them any more" : failure.message;
  return `no further lines of calls are printed: ${why}; all else goes on`;
}

/** The user interrupts, or the system asks to end, or there is no reason to go on. */
async function ended(io: CommandIo, unread?: Promise<unknown>): Promise<void> {
  const stops: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    stops.push(io.onInterrupt(resolve), io.onTerminate(resolve));
    void unread?.then(() => {
      resolve();
    });
  });
  for (const stop of stops) stop();
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
