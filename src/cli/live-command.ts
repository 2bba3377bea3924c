/**
 * `mediaprobe live [URL]`: the calls of a running probe, from its server.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import type { CallReport } from "../call/call-report.js";
import { systemReason } from "../net/system-reason.js";
import { printable } from "../report/display-text.js";
import { jsonText } from "../report/json.js";
import type { CommandIo } from "./command-io.js";
import { displayOf } from "./display.js";
import { untilEnded } from "./ended.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import {
  connect,
  type Connection,
  follow,
  type FollowedServer,
  type LiveListener,
  ServerUnavailable,
  wholeRecord,
} from "./followed-server.js";
import type { LiveInvocation } from "./live-invocation.js";
import { CallChanges, changeLine } from "./live-lines.js";
import { LiveScreen } from "./live-screen.js";
import { LiveTable } from "./live-table.js";
import { Output } from "./output.js";
import { UsageError } from "./usage-error.js";
import { writtenCode } from "./written.js";

/** Records that wait to be written beyond which they are written without their intervals. */
const MAX_WAITING = 64;

const HINT =
  "; start a probe with a server, as mediaprobe demo does, or name where one is, as in " +
  "mediaprobe live http://HOST:9464";

/** Shows what comes, and can be asked to finish. */
interface View {
  readonly listener: LiveListener;
  /** Resolves when everything is written. */
  readonly end: () => Promise<void>;
}

/** One run of the command. */
interface Following {
  readonly invocation: LiveInvocation;
  readonly io: CommandIo;
  readonly server: FollowedServer;
  readonly stdout: Output;
  readonly complain: (sentence: string) => Promise<void>;
  /** Nobody reads any more. */
  readonly stop: AbortController;
}

/**
 * Follows the server until it is ended.
 *
 * @throws {UsageError} If the token cannot be read.
 */
export async function liveCommand(invocation: LiveInvocation, io: CommandIo): Promise<ExitCode> {
  const stderr = new Output(io.stderr);
  const complain = (sentence: string): Promise<void> =>
    stderr.write(`mediaprobe: ${printable(sentence)}\n`);
  const server = { url: invocation.url, authorization: authorizationOf(invocation) };
  const stdout = new Output(io.stdout);
  const stop = new AbortController();
  const abort = new AbortController();
  let first: Connection;
  try {
    first = await connect(server, abort.signal);
  } catch (error) {
    abort.abort();
    if (!(error instanceof ServerUnavailable)) throw error;
    await complain(error.isSilent ? error.message + HINT : error.message);
    return EXIT_CODES.notACapture;
  }
  const view = viewOf({ invocation, io, server, stdout, complain, stop });
  const ended = untilEnded(io, { forMs: invocation.forMs, signal: stop.signal });
  const following = follow(server, first, { signal: abort.signal, listener: view.listener });
  const why = await ended;
  abort.abort();
  await following;
  await view.end();
  const written = await writtenCode(stdout, stderr);
  if (written !== EXIT_CODES.ok) return written;
  return why === "interrupt" ? EXIT_CODES.interrupted : EXIT_CODES.ok;
}

function authorizationOf({ tokenFile, basic }: LiveInvocation): string | undefined {
  if (basic !== undefined) {
    const pair = Buffer.from(`${basic.user}:${basic.password}`).toString("base64");
    return `Basic ${pair}`;
  }
  if (tokenFile === undefined) return undefined;
  try {
    return `Bearer ${readFileSync(tokenFile, "utf8").trim()}`;
  } catch (error) {
    throw new UsageError(`--token-file ${tokenFile}: ${systemReason(error)}`);
  }
}

function viewOf(following: Following): View {
  const { invocation, io } = following;
  if (invocation.isJson) return recordsView(following);
  return io.stdout.isTTY === true ? tableView(following) : linesView(following);
}

function tableView({ invocation, io, server, stdout }: Following): View {
  const { paint } = displayOf(io, invocation);
  const table = new LiveTable({
    screen: new LiveScreen(stdout, io.stdout),
    url: server.url,
    paint,
    size: () => ({ columns: displayOf(io, invocation).width, rows: io.stdout.rows }),
  });
  return { listener: table, end: () => table.end() };
}

function linesView({ io, stdout, complain, stop, server }: Following): View {
  const write = inTurn(stdout, stop);
  const listener = new CallChanges({
    ...told(complain, server),
    onNews: (call, state) => {
      const line = changeLine(call, state, io.epochMs());
      void write(() => Promise.resolve(line));
    },
  });
  return { listener, end: () => write() };
}

/** A record a line, with the intervals that the list of calls leaves out. */
function recordsView({ stdout, complain, stop, server }: Following): View {
  const write = inTurn(stdout, stop);
  let waiting = 0;
  const recordOf = async (call: CallReport): Promise<string> => {
    const record = waiting > MAX_WAITING ? call : await wholeRecord(server, call);
    waiting -= 1;
    return jsonText(record);
  };
  const listener = new CallChanges({
    ...told(complain, server),
    onNews: (call, state) => {
      if (state !== "ended") return;
      waiting += 1;
      void write(() => recordOf(call));
    },
  });
  return { listener, end: () => write() };
}

/** Says on standard error that the server went, and that it came back. */
function told(
  complain: Following["complain"],
  { url }: FollowedServer,
): { readonly onLost: (why: string) => void; readonly onBack: () => void } {
  return {
    onLost: (why) => void complain(`${why}; trying again until it is back`),
    onBack: () => void complain(`${url} is back`),
  };
}

/** Writes lines in the order in which they were asked for. What is returned resolves when all are out. */
function inTurn(
  stdout: Output,
  stop: AbortController,
): (line?: () => Promise<string>) => Promise<void> {
  let written: Promise<void> = Promise.resolve();
  return (line) => {
    if (line === undefined) return written;
    written = written.then(async () => {
      await stdout.write(`${await line()}\n`);
      if (stdout.isClosed) stop.abort();
    });
    return written;
  };
}
