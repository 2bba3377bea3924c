/**
 * `mediaprobe stir IDENTITY|FILE`: an Identity header explained, step by step.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import { readCertificates } from "../capture/certificate-folder.js";
import { ProbeError } from "../errors.js";
import { printable } from "../report/display-text.js";
import { identityExplanation, identityText } from "../report/identity-text.js";
import { jsonText } from "../report/json.js";
import { parseNameAndUri } from "../sip/address.js";
import { scanSipMessage, type SipMessage } from "../sip/message.js";
import type { IdentityFacts } from "../stir/identity-facts.js";
import { parseIdentities } from "../stir/identity.js";
import type { PartyClaim } from "../stir/passport.js";
import type { CheckName } from "../stir/token-check.js";
import { IdentityVerifier } from "../stir/verify.js";
import type { CommandIo } from "./command-io.js";
import { EXIT_CODES, type ExitCode } from "./exit-code.js";
import { Output } from "./output.js";
import { palette } from "./palette.js";
import { type StirInvocation, verifierOptions } from "./stir-invocation.js";
import { UsageError } from "./usage-error.js";
import { systemReason } from "../net/system-reason.js";
import { writtenCode } from "./written.js";

/** Characters of a file that are read: of a message with several identities. */
const MAX_TEXT_LENGTH = 1_048_576;

/** What is to be verified, and what of it nobody said. */
interface Subject {
  readonly facts: IdentityFacts;
  readonly uncompared: readonly CheckName[];
}

/**
 * Runs it.
 *
 * @throws {UsageError} If there is neither an Identity nor a file of that name.
 */
export async function stirCommand(invocation: StirInvocation, io: CommandIo): Promise<ExitCode> {
  const { files, isJson, isColorless } = invocation;
  const { facts, uncompared } = subjectOf(invocation, io);
  try {
    const verifier = new IdentityVerifier(await verifierOptions(files, readCertificates));
    const verdict = verifier.verify(facts, true);
    const explanation = identityExplanation(verdict, facts.receivedAtMs, uncompared);
    const stdout = new Output(io.stdout);
    if (isJson) await stdout.write(`${jsonText(explanation, 1)}\n`);
    else {
      const lines = identityText(explanation, palette(io, isColorless));
      await stdout.write([...lines].map((line) => `${line}\n`).join(""));
    }
    return await writtenCode(stdout, new Output(io.stderr));
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    await new Output(io.stderr).write(`mediaprobe: ${printable(error.message)}\n`);
    return EXIT_CODES.notACapture;
  }
}

function subjectOf(invocation: StirInvocation, io: CommandIo): Subject {
  const text = textOf(invocation.identity);
  const message = scanSipMessage(text);
  const receivedAtMs = invocation.atMs ?? io.epochMs();
  if (typeof message === "object") return messageSubject(message, invocation, receivedAtMs);
  const identities = text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:Identity|y)\s*:\s*/i, "").trim())
    .filter((line) => line !== "");
  return {
    facts: {
      identities,
      fromUri: invocation.from ?? claimedUri(identities, "originator"),
      toUri: invocation.to ?? claimedUri(identities, "destination"),
      assertedUris: [],
      receivedAtMs,
    },
    uncompared: [
      ...(invocation.from === undefined ? (["originator"] as const) : []),
      ...(invocation.to === undefined ? (["destination"] as const) : []),
    ],
  };
}

function messageSubject(
  message: SipMessage,
  { from, to }: StirInvocation,
  receivedAtMs: number,
): Subject {
  const date = message.header("date");
  const uri = (value: string | undefined): string => parseNameAndUri(value ?? "").uri;
  return {
    facts: {
      identities: message.headerList("identity"),
      fromUri: from ?? uri(message.header("from")),
      toUri: to ?? uri(message.header("to")),
      assertedUris: from === undefined ? message.headerList("p-asserted-identity").map(uri) : [],
      ...(message.kind === "request" && { requestUri: message.requestUri }),
      ...(date !== undefined && { date }),
      receivedAtMs,
    },
    uncompared: [],
  };
}

/** How captures begin: pcap in microseconds and nanoseconds, of either byte order; pcapng; gzip. */
const CAPTURE_STARTS: readonly string[] = [
  "a1b2c3d4",
  "d4c3b2a1",
  "a1b23c4d",
  "4d3cb2a1",
  "0a0d0d0a",
  "1f8b",
];

function isCapture(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 4).toString("hex");
  return CAPTURE_STARTS.some((one) => start.startsWith(one));
}

/** A header field value has its parameters after a semicolon, which few file names do. */
function textOf(written: string): string {
  if (/^\S*\.\S*\.\S+/.test(written) && written.includes(";")) return written;
  try {
    const bytes = readFileSync(written);
    if (isCapture(bytes)) {
      throw new UsageError(
        `stir ${written}: it is a capture; mediaprobe ${written} verifies the callers of its calls, ` +
          `and mediaprobe ladder ${written} CALL-ID shows their messages`,
      );
    }
    return bytes.toString("utf8").slice(0, MAX_TEXT_LENGTH);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = isMissing
      ? "there is no such file, and it is no Identity"
      : `it cannot be read: ${systemReason(error)}`;
    throw new UsageError(`stir ${written.slice(0, 80)}: ${why}`);
  }
}

/** The first party that is claimed, taken at its word where nothing else says who it is. */
function claimedUri(identities: readonly string[], who: "originator" | "destination"): string {
  const claims = parseIdentities(identities).flatMap(({ passport }) => passport?.[who] ?? []);
  return uriOf(claims[0] ?? { numbers: [], uris: [] });
}

function uriOf({ numbers: [number], uris: [uri = ""] }: PartyClaim): string {
  return number === undefined ? uri : `tel:${number}`;
}
