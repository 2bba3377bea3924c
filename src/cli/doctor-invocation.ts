/**
 * What the command line asks of `doctor`.
 *
 * @module
 */

import { captureInvocation, type CaptureInvocation } from "./capture-invocation.js";
import type { DisplayWishes } from "./display.js";
import { displayWishes, type Given, single, wholeNumber } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** What this machine, or a capture, lets the probe see. */
export type DoctorInvocation = {
  readonly kind: "doctor";
  readonly isJson: boolean;
} & (
  | { readonly capture: CaptureInvocation }
  | (DisplayWishes & {
      /** Of the probe's server. */
      readonly port: number;
    })
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

/** Options that one of the two takes. */
export const DOCTOR_OPTIONS: readonly string[] = [...OF_MACHINE, ...OF_CAPTURE];

/** @throws {UsageError} If it cannot be understood. */
export function doctorInvocation(words: readonly string[], given: Given): DoctorInvocation {
  const [file, extra] = words;
  if (extra !== undefined) throw new UsageError(`doctor takes one file; ${extra} is one too many`);
  const taken = file === undefined ? OF_MACHINE : OF_CAPTURE;
  const useless = [...given.keys()].find((name) => !taken.includes(name));
  if (useless !== undefined) {
    const when = file === undefined ? "without a capture file" : "with a capture file";
    throw new UsageError(`doctor takes no --${useless} ${when}`);
  }
  const common = { kind: "doctor", isJson: given.has("json") } as const;
  if (file !== undefined) return { ...common, capture: captureInvocation([file], given) };
  const port = single(given, "port");
  return {
    ...common,
    port: port === undefined ? DEFAULT_PORT : wholeNumber("port", port, 0, 65_535),
    ...displayWishes(given),
  };
}
