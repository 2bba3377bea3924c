/**
 * Which command takes which options.
 *
 * @module
 */

import { listed } from "../report/story/sentence.js";
import { ASSERT_OPTIONS } from "./assert-invocation.js";
import { DOCTOR_OPTIONS } from "./doctor-invocation.js";
import type { Given } from "./option-values.js";
import { UsageError } from "./usage-error.js";

const DISPLAY = ["width", "no-color"] as const;
const STIR = ["stir-certs", "stir-trust", "stir-crl", "stir-max-age", "stir-country"] as const;
const HEP_OUT = ["hep-to", "hep-id", "hep-key"] as const;
const LOG = ["log-level", "log-format"] as const;
const PRIVACY = ["privacy", "privacy-key-file"] as const;
/** How captures are read, measured, masked and shown. */
const CAPTURE = [
  ...["local", "payload", "buffer", "adaptive", "interval", "streams"],
  ...STIR,
  ...PRIVACY,
  ...DISPLAY,
];

/** Where no command is named. */
const REPORT: readonly string[] = [
  ...CAPTURE,
  ...["json", "metrics", "html", "merge", "all", "intervals", "records"],
  ...HEP_OUT,
];

const TAKEN = {
  ladder: CAPTURE,
  explain: [...CAPTURE, "json"],
  assert: [...CAPTURE, "json", "call-id", ...Object.keys(ASSERT_OPTIONS)],
  stir: [...STIR, ...DISPLAY, "json", "from", "to", "at"],
  demo: [...LOG, ...DISPLAY, "port", "for"],
  live: [...DISPLAY, "json", "for", "token-file"],
  serve: [
    ...["hep", "port", "host", "allow", "local", "records", "json", "all"],
    ...HEP_OUT,
    ...LOG,
    ...STIR,
    ...PRIVACY,
    ...DISPLAY,
  ],
  query: [
    ...["call-id", "number", "mos-below", "issue", "outcome", "limit", "from", "to", "json"],
    ...PRIVACY,
    ...DISPLAY,
  ],
  doctor: DOCTOR_OPTIONS,
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The first word, where it asks for something else than a report. */
export type CommandName = keyof typeof TAKEN;

export const COMMANDS = Object.keys(TAKEN) as readonly CommandName[];

/**
 * @param command - Absent for a report.
 * @throws {UsageError} If an option was given that is of no use to the command.
 */
export function requireTaken(command: CommandName | undefined, given: Given): void {
  const taken: readonly string[] = command === undefined ? REPORT : TAKEN[command];
  const useless = [...given.keys()].find((name) => !taken.includes(name));
  if (useless === undefined) return;
  if (command !== undefined) throw new UsageError(`${command} takes no --${useless}`);
  const takers = COMMANDS.filter((one) => (TAKEN[one] as readonly string[]).includes(useless));
  const take = takers.length === 1 ? "takes" : "take";
  throw new UsageError(`only ${listed(takers)} ${take} --${useless}`);
}
