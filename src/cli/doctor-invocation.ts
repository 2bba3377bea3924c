/**
 * What the command line asks of `doctor`.
 *
 * @module
 */

import type { CaptureInvocation } from "./invocation.js";
import { type Given, single, wholeNumber } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** What this machine, or a capture, lets the probe see. */
export type DoctorInvocation = {
  readonly kind: "doctor";
  readonly isJson: boolean;
} & (
  | { readonly capture: CaptureInvocation }
  | {
      /** Of the probe's server. */
      readonly port: number;
      readonly isColorless: boolean;
      /** Columns; absent to take the terminal's. */
      readonly width?: number;
    }
);

const DEFAULT_PORT = 9464;

/** Options that a diagnosis of the machine takes. */
const OF_MACHINE: readonly string[] = ["json", "port", "width", "no-color"];
/** Options that one of a capture takes. */
const OF_CAPTURE: readonly string[] = [
  "json",
  "local",
  "payload",
  "streams",
  "stir-certs",
  "stir-trust",
  "stir-crl",
  "stir-max-age",
  "stir-country",
  "width",
  "no-color",
];

/**
 * @param captureOf - Reads what all commands on captures have in common.
 * @throws {UsageError} If it cannot be understood.
 */
export function doctorInvocation(
  words: readonly string[],
  given: Given,
  captureOf: (file: string) => CaptureInvocation,
): DoctorInvocation {
  const [file, extra] = words;
  if (extra !== undefined) throw new UsageError(`doctor takes one file; ${extra} is one too many`);
  const taken = file === undefined ? OF_MACHINE : OF_CAPTURE;
  const useless = [...given.keys()].find((name) => !taken.includes(name));
  if (useless !== undefined) {
    const when = file === undefined ? "without a capture file" : "with a capture file";
    throw new UsageError(`doctor takes no --${useless} ${when}`);
  }
  const common = { kind: "doctor", isJson: given.has("json") } as const;
  if (file !== undefined) return { ...common, capture: captureOf(file) };
  const port = single(given, "port");
  const width = single(given, "width");
  return {
    ...common,
    port: port === undefined ? DEFAULT_PORT : wholeNumber("port", port, 0, 65_535),
    isColorless: given.has("no-color"),
    ...(width !== undefined && { width: wholeNumber("width", width, 40, 1000) }),
  };
}
